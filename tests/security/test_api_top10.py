"""OWASP API Security Top 10 (2023): for each, what would be seen first if it were open here.

The long checks stand with their features; docs/security.md names them.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.openapi import api_routes, declared
from app.core.access import Role
from app.settings import Settings
from tests.makers.attachments import PDF, clamd, send_file
from tests.makers.identity import make_client
from tests.makers.intake import report_body, some_id
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.referrals import refer
from tests.makers.security import limited_client
from tests.makers.tour import add_case, done

V1 = "/api/v1"

OAUTH_FORMS = {"TokenForm", "PersonTokenForm"}
"""OAuth 2 wants parameters that are not known to be ignored (RFC 6749, 3.2)."""


def test_api1_an_object_of_somebody_else_is_absent(application: FastAPI) -> None:
    worker = make_client(application, Role.COORDINATOR)
    ours = new_partner(application)
    referral = refer(worker, ours)
    stranger = make_partner_client(application)
    unknown = stranger.get(f"{V1}/partner/referrals/{some_id()}")
    foreign = stranger.get(f"{V1}/partner/referrals/{referral['id']}")
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
    assert foreign.status_code == 404
    own = make_partner_client(application, ours).get(f"{V1}/partner/referrals/{referral['id']}")
    assert own.status_code == 200


def test_api2_a_login_tells_nothing_and_cannot_be_tried_for_ever(
    application: FastAPI, client: TestClient
) -> None:
    def log_in(username: str) -> Any:
        form = {"grant_type": "password", "username": username, "password": "wrong-password"}
        return client.post(f"{V1}/auth/token", data=form)

    worker = make_client(application, Role.ADMIN)
    account = {"username": "ilse", "display_name": "Ilse", "roles": ["analyst"]}
    invited = done(worker.post(f"{V1}/users", json=account), 201)
    joining = {"token": invited["invitation_token"], "password": "a-long-made-up-password"}
    done(client.post(f"{V1}/auth/invitation", json=joining))
    answers = [log_in("ilse") for _ in range(8)]
    assert answers[0].status_code == log_in("nobody-here").status_code == 401
    assert answers[0].json() == log_in("nor-here").json()
    assert answers[-1].status_code == 429
    assert worker.post(f"{V1}/auth/revoke").status_code == 204
    assert worker.get(f"{V1}/me").status_code == 401


def _schemas(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rpartition("/")[2]
        for part in value.values():
            yield from _schemas(part)
    elif isinstance(value, list):
        for part in value:
            yield from _schemas(part)


def test_api3_no_body_takes_a_field_that_is_not_declared(application: FastAPI) -> None:
    spec = application.openapi()
    models = spec["components"]["schemas"]
    waiting = {
        name
        for operations in spec["paths"].values()
        for operation in operations.values()
        for name in _schemas(operation.get("requestBody", {}))
    }
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= set(_schemas(models[name])) - seen
        if models[name].get("type") == "object" and name not in OAUTH_FORMS:
            assert models[name].get("additionalProperties") is False, name
    assert len(seen) > 40
    worker = make_client(application, Role.COORDINATOR)
    case = add_case(worker)
    change = {"status": "closed", "id": str(some_id())}
    url = f"{V1}/cases/{case['id']}"
    answer = worker.patch(url, json=change, headers={"If-Match": f'"{case["version"]}"'})
    assert answer.status_code == 422
    assert worker.get(url).json()["status"] == case["status"]


def test_api4_every_list_and_every_request_has_a_bound(
    application: FastAPI, settings: Settings
) -> None:
    lists = 0
    for operations in application.openapi()["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "limit":
                    assert parameter["schema"]["maximum"] <= 200, operation["operationId"]
                    lists += 1
    assert lists >= 10
    with limited_client(settings, rate_limits={"public_read": 2}) as client:
        statuses = [client.get(f"{V1}/public/report").status_code for _ in range(3)]
    assert statuses[-1] == 429


def test_api5_a_function_of_another_role_is_refused(application: FastAPI) -> None:
    """Every route and role: tests/api/test_guards.py."""
    analyst = make_client(application, Role.ANALYST)
    assert all(
        declared(route)
        or "/health/" in route.path
        or "token" in route.path
        or "passkey" in route.path
        or "invitation" in route.path
        or "auth/openid" in route.path
        for route in api_routes(application)
    )
    assert analyst.post(f"{V1}/users", json={}).status_code == 403
    assert analyst.get(f"{V1}/reports").status_code == 403
    assert make_partner_client(application).get(f"{V1}/reports").status_code == 401


def test_api6_reporting_cannot_be_automated_without_cost(settings: Settings) -> None:
    """All of it: tests/security/test_flood.py."""
    with limited_client(settings, rate_limits={}, flood_reports_per_minute=3) as client:
        url = f"{V1}/public/reports"
        statuses = [client.post(url, json=report_body()).status_code for _ in range(6)]
    assert statuses == [201] * 3 + [429] * 3


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest", "https://127.0.0.1/", "https://[::1]/", "file:///etc/passwd"],
)
def test_api7_the_bureau_calls_nobody_inside(application: FastAPI, url: str) -> None:
    """With names, redirects and rebinding: tests/notifications/test_webhooks.py."""
    worker = make_client(application, Role.COORDINATOR)
    partner_id = new_partner(application)
    answer = worker.post(f"{V1}/partners/{partner_id}/webhooks", json={"url": url})
    assert answer.status_code == 422


def test_api8_nothing_is_left_as_it_comes_from_the_shop(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Headers and origins: tests/security/test_headers.py."""
    marked = "kwinkeleer-4711"
    body = report_body(request=marked, unknown_field=marked)
    answer = client.post(f"{V1}/public/reports", json=body, headers={"Idempotency-Key": marked})
    assert answer.status_code == 422
    assert marked not in answer.text
    assert marked not in "".join(capsys.readouterr())
    assert client.request("TRACE", f"{V1}/me").status_code == 405
    assert client.get("/redoc").status_code == client.get("/.env").status_code == 404
    assert "Traceback" not in answer.text


def test_api9_what_is_served_is_what_is_described(application: FastAPI) -> None:
    described = set(application.openapi()["paths"])
    assert all(path.startswith((f"{V1}/", "/health/")) for path in described)
    others = {
        getattr(route, "path", "")
        for route in application.routes
        if getattr(route, "path", "") and route.path not in described  # type: ignore[attr-defined]
    }
    assert others == {"/openapi.json", "/docs", "/docs/{name}"}


@pytest.mark.parametrize("said", [b"", b"stream: nonsense\0", b"OK OK OK", b"\xff" * 5000])
def test_api10_what_another_service_says_is_not_believed(
    application: FastAPI, settings: Settings, said: bytes
) -> None:
    """Receivers of webhooks: tests/notifications/test_webhooks.py."""
    worker = make_client(application, Role.COORDINATOR)
    case = add_case(worker)
    with clamd(said) as (address, _got):
        runtime = application.state.runtime
        runtime.settings = settings.model_copy(update={"clamd": address})
        answer = send_file(worker, f"{V1}/cases/{case['id']}/attachments", PDF, "a.pdf")
    assert answer.status_code == 503
