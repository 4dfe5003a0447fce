"""Webhooks: signed, ids only, and never to an address that is not on the open internet."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Address
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.core.errors import InvalidInputError
from app.notifications import delivery, service
from app.notifications.addresses import check_url, is_public
from app.notifications.delivery import deliver_due
from app.notifications.domain import LONGEST_DELAY, delay_after
from app.settings import Settings
from tests.conftest import REAL_LOOKUP
from tests.makers.identity import make_client
from tests.makers.notifications import (
    SECRET,
    Receiver,
    make_hooks,
    messages,
    states,
    with_private_hooks,
)
from tests.makers.partners import new_partner

AT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().open() as receiver:
        yield receiver


def test_a_webhook_is_signed_and_says_only_the_id(
    database: Database, settings: Settings, receiver: Receiver
) -> None:
    now = clock.now()
    make_hooks(database, receiver.url("/hook?token=1"), 1, at=now)
    deliver_due(database, with_private_hooks(settings), now)
    (got,) = receiver.received
    (row,) = messages(database)
    assert got.path == "/hook?token=1"
    assert got.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["webhook-id"] == str(row.id)
    told = Webhook(SECRET).verify(got.body, got.headers)
    assert told == {
        "type": "referral.made",
        "timestamp": now.isoformat(),
        "data": {"id": str(row.object_id)},
    }
    assert states(database) == {"sent": 1}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, "sent"),
        (204, "sent"),
        (301, "pending redirected"),
        (307, "pending redirected"),
        (400, "pending bad_status"),
        (410, "pending bad_status"),
        (500, "pending bad_status"),
    ],
)
def test_only_a_success_is_one_and_no_redirect_is_followed(
    database: Database, settings: Settings, receiver: Receiver, status: int, state: str
) -> None:
    receiver.status = lambda _path: status
    make_hooks(database, receiver.url(), 1, at=AT)
    deliver_due(database, with_private_hooks(settings), AT)
    assert states(database) == {state: 1}
    assert [got.path for got in receiver.received] == ["/hook"]


def test_a_partner_that_answers_500_for_an_hour_gets_each_message_once_it_works(
    database: Database, settings: Settings, receiver: Receiver
) -> None:
    receiver.status = lambda _path: 500
    make_hooks(database, receiver.url(), 5, at=AT)
    for minute in range(0, 61, 5):
        deliver_due(database, with_private_hooks(settings), AT + timedelta(minutes=minute))
    assert states(database) == {"pending bad_status": 5}
    assert all(row.attempts <= 7 for row in messages(database))
    receiver.received.clear()
    receiver.status = lambda _path: 200
    deliver_due(database, with_private_hooks(settings), AT + timedelta(hours=3))
    assert states(database) == {"sent": 5}
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 5


def test_a_partner_that_never_answers_holds_up_nobody_else(
    database: Database, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MESSAGE_SECONDS", 1.5)
    receiver.status = lambda path: 0 if path == "/hangs" else 204
    make_hooks(database, receiver.url("/hangs"), 40, at=AT)
    for number in range(3):
        make_hooks(database, receiver.url(f"/fine{number}"), 40, at=AT)
    deliver_due(database, with_private_hooks(settings), AT)
    assert states(database) == {"sent": 120, "pending timed_out": 40}


def test_a_server_that_answers_letter_by_letter_is_left(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No single read is slow; the whole is."""
    import threading

    monkeypatch.setattr(delivery, "MESSAGE_SECONDS", 1.5)
    listener = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def drip() -> None:
        while not is_over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while not is_over.wait(0.02):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        break

    thread = threading.Thread(target=drip)
    thread.start()
    make_hooks(database, f"http://127.0.0.1:{listener.getsockname()[1]}/", 1, at=AT)
    deliver_due(database, with_private_hooks(settings), AT)
    is_over.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    (row,) = messages(database)
    assert row.last_error in ("timed_out", "no_connection")
    assert row.state == "pending"


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104  (an address to refuse)
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "192.0.0.8",
    "192.0.0.9",
    "192.88.99.1",
    "240.0.0.1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:0:7f00:1",
    "64:ff9b:1::7f00:1",
    "64:ff9b:1:7f00:0:100::",
    "2001:4860::5efe:7f00:1",
    "2001:4860::200:5efe:a00:1",
    "2001:0:808:808::f7f7:f7f7",
    "2001:db8::1",
    "3fff::1",
    "4000::1",
    "fec0::1",
    "not an address",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2001:4860::5efe:808:808"]
)
def test_public_addresses_are_told(address: str) -> None:
    assert is_public(address)


def _carriers(ipv4: int, subnet: int) -> list[int]:
    """Every form of an IPv6 address that carries this IPv4 address; subnet: 64 bits to vary."""
    low = subnet & 0xFFFF_FFFF
    network = 0x2A02 << 112 | low << 64
    return [
        0xFFFF << 32 | ipv4,
        0x64_FF9B << 96 | ipv4,
        0x2002 << 112 | ipv4 << 80 | subnet,
        network | 0x5EFE << 32 | ipv4,
        network | 0x0200_5EFE << 32 | ipv4,
        ipv4,  # from here on refused, whatever they carry
        0xFFFF << 48 | ipv4,
        0x64_FF9B_0001 << 80 | low << 32 | ipv4,
        0x2001 << 112 | ipv4 << 64 | 0xF7F7_F7F7,
        0x2001 << 112 | 0x0808_0808 << 64 | (ipv4 ^ 0xFFFF_FFFF),
    ]


NEVER = ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24")


@given(
    st.sampled_from([IPv4Network(network) for network in NEVER])
    | st.just(IPv4Network("0.0.0.0/0")),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
)
def test_an_address_that_carries_another_is_public_only_if_that_is(
    network: IPv4Network, bits: int, subnet: int
) -> None:
    inner = network[bits % network.num_addresses]
    may_pass = is_public(str(inner))
    assert not (may_pass and network.prefixlen)
    for place, carrier in enumerate(_carriers(int(inner), subnet)):
        assert is_public(str(IPv6Address(carrier))) is (may_pass and place < 5), place


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/x", "private_address"),
        ("https://localhost/x", "private_address"),
        ("https://[::1]/x", "private_address"),
        ("https://[::ffff:7f00:1]/x", "private_address"),
        ("https://[64:ff9b::a00:1]/x", "private_address"),
        ("https://169.254.169.254/latest/meta-data", "private_address"),
        ("https://10.0.0.1/x", "private_address"),
        ("https://8.8.8.8:22/x", "port_not_allowed"),
        ("https://10.0.0.1:8443/x", "port_not_allowed"),
        ("http://8.8.8.8/x", "https_required"),
        ("ftp://8.8.8.8/x", "bad_url"),
        ("file:///etc/passwd", "bad_url"),
        ("https://", "bad_url"),
        ("https:///x", "bad_url"),
        ("8.8.8.8", "bad_url"),
        ("https://user:password@8.8.8.8/x", "bad_url"),
        ("https://8.8.8.8/x#y", "bad_url"),
        ("https://8.8.8.8:99999/x", "bad_url"),
        ("https://8.8.8.8:0/x", "bad_url"),
        ("https://exa mple.org/", "bad_url"),
        ("https://8.8.8.8/" + "x" * 500, "bad_url"),
        ("https://\x00/", "bad_url"),
        ("", "bad_url"),
    ],
)
def test_a_wrong_address_is_refused_at_registration(url: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_url(url, allow_private=False)
    assert refused.value.errors[0].code == code
    assert refused.value.errors[0].pointer == "/url"


def test_other_ports_only_where_the_settings_name_them(
    application: FastAPI, settings: Settings
) -> None:
    assert Settings(webhook_ports="443, 8443").webhook_ports == (443, 8443)
    worker = make_client(application, Role.COORDINATOR)
    url = f"/api/v1/partners/{new_partner(application)}/webhooks"
    body = {"url": "https://8.8.8.8:8443/hook"}
    assert worker.post(url, json=body).json()["errors"][0]["code"] == "port_not_allowed"
    able = settings.model_copy(update={"webhook_ports": (443, 8443)})
    application.state.runtime.settings = able
    assert worker.post(url, json=body).status_code == 201


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    for prefix in ("", "https://"):
        try:
            check_url(prefix + text, allow_private=True)
        except InvalidInputError:
            continue


def test_numbers_that_the_resolver_takes_for_an_address_are_seen_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", REAL_LOOKUP)
    for host in ("2130706433", "0x7f000001", "127.1"):
        with pytest.raises(InvalidInputError) as refused:
            check_url(f"https://{host}/", allow_private=False)
        assert refused.value.errors[0].code in ("private_address", "bad_url")


def test_a_name_that_points_inside_when_it_is_called_is_not_called(
    database: Database, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public at registration, private at the connection."""
    answers = {"rebound.example.org": "8.8.8.8"}

    def lookup(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        return REAL_LOOKUP(answers.get(host, host), port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    url = check_url(
        f"https://rebound.example.org:{receiver.port}/", allow_private=False, ports=[receiver.port]
    )
    make_hooks(database, url, 2, at=AT)
    for hours, inside in enumerate(("127.0.0.1", "::127.0.0.1", "64:ff9b:1::7f00:1")):
        answers["rebound.example.org"] = inside
        deliver_due(database, settings, AT + timedelta(hours=hours))
        assert states(database) == {"pending address_refused": 2}
        assert {message.attempts for message in messages(database)} == {hours + 1}
    assert receiver.received == []


def test_the_connection_goes_to_the_address_that_was_checked(
    database: Database, settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is resolved once, and stands in the Host header."""
    asked: list[str] = []

    def lookup(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        asked.append(host)
        return REAL_LOOKUP("127.0.0.1", port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    make_hooks(database, f"http://hooks.example.org:{receiver.port}/x", 1, at=AT)
    deliver_due(database, with_private_hooks(settings), AT)
    assert states(database) == {"sent": 1}
    assert receiver.received[0].headers["Host"] == f"hooks.example.org:{receiver.port}"
    assert asked.count("hooks.example.org") == 1


def test_a_webhook_is_registered_listed_and_removed(
    application: FastAPI, database: Database, settings: Settings
) -> None:
    coordinator = make_client(application, Role.COORDINATOR)
    partner = coordinator.post(
        "/api/v1/partners", json={"name": "P", "kind": "association"}
    ).json()["id"]
    url = f"/api/v1/partners/{partner}/webhooks"
    key = {"Idempotency-Key": "register-1"}
    made = coordinator.post(url, json={"url": "https://8.8.8.8/bureau"}, headers=key)
    again = coordinator.post(url, json={"url": "https://8.8.8.8/bureau"}, headers=key)
    assert made.status_code == again.status_code == 201
    assert made.json() == again.json()
    assert made.json()["secret"].startswith("whsec_")
    refused = coordinator.post(url, json={"url": "https://10.0.0.1/"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "private_address")
    listed = coordinator.get(url)
    assert [item["url"] for item in listed.json()["items"]] == ["https://8.8.8.8/bureau"]
    assert "whsec_" not in listed.text
    assert coordinator.get(f"/api/v1/partners/{uuid4()}/webhooks").status_code == 404
    webhook = made.json()["id"]
    with database.transaction() as session:
        service.queue_webhook(
            session, partner_id=UUID(partner), event="x.y", object_id=uuid4(), at=AT
        )
    assert coordinator.delete(f"/api/v1/webhooks/{webhook}").status_code == 204
    assert coordinator.delete(f"/api/v1/webhooks/{webhook}").status_code == 404
    assert states(database) == {"dead endpoint_removed": 1}
    admin = make_client(application, Role.ADMIN)
    dead = admin.get("/api/v1/deliveries").json()["items"][0]
    answer = admin.post(f"/api/v1/deliveries/{dead['id']}/resending")
    assert (answer.status_code, answer.json()["code"]) == (409, "endpoint_removed")
    auditor = make_client(application, Role.AUDITOR)
    trail = auditor.get("/api/v1/audit-entries?event=webhook_changed").json()["items"]
    assert {entry["details"]["act"] for entry in trail} == {"registered", "removed"}
    with database.transaction() as session:
        service.queue_webhook(
            session, partner_id=UUID(partner), event="x.y", object_id=uuid4(), at=AT
        )
    assert len(messages(database)) == 1


def test_a_partner_has_five_webhooks_at_most(application: FastAPI) -> None:
    coordinator = make_client(application, Role.COORDINATOR)
    partner = coordinator.post(
        "/api/v1/partners", json={"name": "P", "kind": "association"}
    ).json()["id"]
    statuses = [
        coordinator.post(
            f"/api/v1/partners/{partner}/webhooks", json={"url": f"https://8.8.8.8/{n}"}
        ).status_code
        for n in range(6)
    ]
    assert statuses == [201] * 5 + [409]


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_wait_grows_to_its_limit(attempts: int, chance: float) -> None:
    wait = delay_after(attempts, chance=chance)
    assert timedelta(seconds=48) <= wait <= LONGEST_DELAY * 1.2
    assert delay_after(attempts + 1, chance=0.5) >= delay_after(attempts, chance=0.5)
    assert json.dumps(wait.total_seconds())
