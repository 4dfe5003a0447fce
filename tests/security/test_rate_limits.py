"""Who calls too often waits; who that is, is never kept."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.api.addresses import Pseudonyms, network_of
from app.api.openapi import api_routes, declared
from app.api.rate_limits import LOGINS, WINDOW_SECONDS, Meter, RateClass, class_of
from app.core import clock
from app.core.access import Role, Surface
from app.settings import DEFAULT_RATE_LIMITS, Settings, SettingsError, load_settings
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.security import limited_client

V1 = "/api/v1"


def test_too_often_is_told_with_the_standard_fields(settings: Settings) -> None:
    with limited_client(settings, rate_limits={"public_write": 3}) as client:
        left = []
        for _ in range(3):
            answer = client.post(f"{V1}/public/reports", json=report_body())
            assert answer.status_code == 201
            assert answer.headers["RateLimit-Policy"] == '"public_write";q=3;w=60'
            left.append(answer.headers["RateLimit"].split(";")[1])
        assert left == ["r=2", "r=1", "r=0"]
        refused = client.post(f"{V1}/public/reports", content=b"never read")
    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert refused.headers["RateLimit"].startswith('"public_write";r=0;t=')


def test_logins_share_no_quota_and_made_up_tokens_do_not_help(
    application: FastAPI, settings: Settings
) -> None:
    tokens = [make_client(application, Role.COORDINATOR).headers["Authorization"] for _ in range(2)]
    quotas = {"staff": 3, "refused": 5}
    with limited_client(settings, rate_limits=quotas) as client:

        def ask(authorization: str) -> int:
            headers = {"Authorization": authorization}
            return int(client.get(f"{V1}/me", headers=headers).status_code)

        assert [ask(tokens[0]) for _ in range(4)] == [200, 200, 200, 429]
        assert ask(tokens[1]) == 200
        made_up = [ask(f"Bearer made-up-{number}") for number in range(7)]
        assert made_up == [401] * 5 + [429] * 2
        assert ask(tokens[1]) == 429  # the whole address waits
        assert client.post(f"{V1}/public/reports", json=report_body()).status_code == 201


@pytest.mark.parametrize("path", sorted(LOGINS))
def test_every_door_that_can_be_guessed_at_has_the_quota_of_logins(
    application: FastAPI, path: str
) -> None:
    assert class_of("POST", path) is RateClass.LOGIN
    assert path in application.openapi()["paths"]


def test_every_route_has_a_class_and_it_fits_its_surface(application: FastAPI) -> None:
    fitting = {
        Surface.STAFF: {RateClass.STAFF, RateClass.UPLOAD, RateClass.LOGIN},
        Surface.PARTNER: {RateClass.PARTNER, RateClass.UPLOAD},
        Surface.PUBLIC: {
            RateClass.PUBLIC_READ,
            RateClass.PUBLIC_WRITE,
            RateClass.UPLOAD,
            RateClass.LOGIN,
        },
    }
    walked = 0
    surfaces = {route.name: declared(route) for route in api_routes(application)}
    for path, operations in application.openapi()["paths"].items():
        for method, operation in operations.items():
            declaration = surfaces[operation["operationId"]]
            if declaration is None:
                continue
            found = class_of(method.upper(), path)
            assert found in fitting[declaration.surface], (method, path)
            walked += 1
    assert walked >= 70
    assert set(RateClass) == set(DEFAULT_RATE_LIMITS)


def test_the_supervisor_is_never_limited(settings: Settings) -> None:
    with limited_client(settings, rate_limits=dict.fromkeys(DEFAULT_RATE_LIMITS, 1)) as client:
        assert {client.get("/health/live").status_code for _ in range(5)} == {200}


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "seen"),
    [
        ("", "198.51.100.1", "203.0.113.9", "198.51.100.1"),
        ("10.0.0.0/8", "198.51.100.1", "203.0.113.9", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.2", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.2", "6.6.6.6, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.2", "203.0.113.9, nonsense", "10.0.0.2"),
        ("10.0.0.0/8", "10.0.0.2", "", "10.0.0.2"),
        ("fd00::/8,10.0.0.0/8", "fd00::2", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.0/8", "::ffff:10.0.0.2", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_only_a_trusted_proxy_says_who_the_client_is(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    trusted: str,
    peer: str,
    forwarded: str,
    seen: str,
) -> None:
    monkeypatch.setenv("BUREAU_TRUSTED_PROXIES", trusted)
    networks = load_settings().trusted_proxies
    counted: list[str] = []

    def note(_self: Pseudonyms, value: str) -> bytes:
        counted.append(value)
        return value.encode()

    monkeypatch.setattr(Pseudonyms, "of", note)
    with limited_client(settings, trusted_proxies=networks) as client:
        behind = TestClient(client.app, client=(peer, 50_000))
        behind.get(f"{V1}/vocabulary", headers={"X-Forwarded-For": forwarded})
    assert counted == [network_of(seen)]


def test_one_subscriber_of_ipv6_is_one() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"


def test_a_pseudonym_lasts_a_day_and_needs_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    day = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: day)
    one, same, other = Pseudonyms(b"k" * 32), Pseudonyms(b"k" * 32), Pseudonyms(b"o" * 32)
    first = one.of("192.0.2.1")
    assert first == same.of("192.0.2.1") != other.of("192.0.2.1")
    assert b"192.0.2.1" not in first
    monkeypatch.setattr(clock, "now", lambda: day + timedelta(minutes=1))
    assert one.of("192.0.2.1") == same.of("192.0.2.1") != first
    monkeypatch.setattr(clock, "now", lambda: day)  # a clock that is set back
    assert one.of("192.0.2.1") == first


@given(
    quota=st.integers(1, 500),
    steps=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=200),
)
def test_in_no_window_more_than_twice_the_quota_passes_and_the_wait_is_true(
    quota: int, steps: list[float]
) -> None:
    """At once as many as the quota, then one each window/quota seconds."""
    now = 1000.0
    meter = Meter(now=lambda: now)
    passed: list[float] = []
    for step in steps:
        now += step / quota
        standing = meter.take(b"k", quota)
        if standing.retry_seconds:
            now += standing.retry_seconds
            standing = meter.take(b"k", quota)
        assert standing.retry_seconds == 0
        assert 0 <= standing.remaining < quota
        passed.append(now)
        within = sum(1 for at in passed if at > now - WINDOW_SECONDS)
        assert within <= 2 * quota


def test_the_meter_forgets_rather_than_grows() -> None:
    now = 0.0
    meter = Meter(now=lambda: now, most_keys=100)
    for number in range(1000):
        now += 0.001
        meter.take(str(number).encode(), 1)
        assert len(meter._full_at) <= 100
    assert meter.take(b"999", 1).retry_seconds > 0  # the latest are remembered
    now += WINDOW_SECONDS
    assert meter.take(b"999", 1).retry_seconds == 0


def test_settings_raise_or_end_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUREAU_RATE_LIMITS", "off")
    assert load_settings().rate_limits == {}
    monkeypatch.setenv("BUREAU_RATE_LIMITS", "staff=9, login=8")
    assert load_settings().rate_limits == DEFAULT_RATE_LIMITS | {"staff": 9, "login": 8}
    monkeypatch.delenv("BUREAU_RATE_LIMITS")
    assert load_settings().rate_limits == DEFAULT_RATE_LIMITS
    for wrong in ("nobody=4", "staff=0", "staff", "staff=many"):
        monkeypatch.setenv("BUREAU_RATE_LIMITS", wrong)
        with pytest.raises(SettingsError, match="BUREAU_RATE_LIMITS"):
            load_settings()
