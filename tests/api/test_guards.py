"""Who may call what: every route says so, and it is held."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.openapi import api_routes, declared
from app.core.access import ANYBODY, STAFF_PERMISSIONS, Permission, Role, Surface
from tests.makers.activities import activity_body, bulletin_body
from tests.makers.identity import make_client
from tests.makers.intake import report_body, some_id
from tests.makers.partners import make_partner_client

OWN_GUARDS = {
    "log_in",
    "log_in_partner_person",
    "accept_invitation",
    "accept_staff_invitation",
    "confirm_invitation",
    "begin_passkey_login",
    "log_in_with_passkey",
    "begin_openid_login",
    "log_in_with_openid",
    "live",
    "ready",
}
"""Routes that need no permission: logging in, what leads there, and the supervisor's questions."""

WITH_BODY = ("POST", "PATCH", "PUT")


def _calls(application: FastAPI) -> list[tuple[str, str, str]]:
    """(operationId, method, path with made-up ids)."""
    made_up = {
        "{name}": "grounds",
        "{code}": "age",
        "{year}": "2025",
    }
    found = []
    for path, operations in application.openapi()["paths"].items():
        plain = path
        for parameter, value in made_up.items():
            plain = plain.replace(parameter, value)
        while "{" in plain:
            before, _, rest = plain.partition("{")
            plain = before + str(some_id()) + rest.partition("}")[2]
        found += [(o["operationId"], method.upper(), plain) for method, o in operations.items()]
    return found


def test_every_route_declares_a_permission(application: FastAPI) -> None:
    routes = list(api_routes(application))
    assert len(routes) == len(_calls(application)) >= 70
    assert {route.name for route in routes if declared(route) is None} == OWN_GUARDS


def _expected(application: FastAPI) -> dict[str, tuple[Permission, Surface]]:
    found = {}
    for route in api_routes(application):
        declaration = declared(route)
        if declaration is not None:
            found[route.name] = (declaration.permission, declaration.surface)
    return found


def test_without_a_login_nothing_is_looked_at(application: FastAPI, client: TestClient) -> None:
    """401 before the body is judged: an empty one would be 422."""
    expected = _expected(application)
    walked = 0
    for name, method, path in _calls(application):
        if name in OWN_GUARDS or ANYBODY.may(expected[name][0]):
            continue
        answer = client.request(method, path, json={} if method in WITH_BODY else None)
        assert answer.status_code == 401, name
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        walked += 1
    assert walked > 55


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_permission_is_refused_and_with_it_is_not(
    application: FastAPI, role: Role
) -> None:
    client = make_client(application, role)
    expected = _expected(application)
    walked = 0
    for name, method, path in _calls(application):
        if name in OWN_GUARDS or name == "log_out":
            continue
        permission, surface = expected[name]
        if surface is not Surface.STAFF:
            continue
        answer = client.request(method, path, json={} if method in WITH_BODY else None)
        may = permission in STAFF_PERMISSIONS[role]
        assert (answer.status_code == 403) is not may, (name, answer.status_code)
        assert answer.status_code < 500, name
        walked += 1
    assert walked > 55


def test_a_receipt_opens_its_own_report_and_nothing_else(
    application: FastAPI, client: TestClient
) -> None:
    received = client.post("/api/v1/public/reports", json=report_body()).json()
    token = client.post(
        "/api/v1/public/receipts/token", json={"receipt_code": received["receipt_code"]}
    ).json()["access_token"]
    holder = TestClient(application, headers={"Authorization": f"Bearer {token}"})
    for name, method, path in _calls(application):
        _permission, surface = _expected(application).get(name, (None, Surface.PUBLIC))
        if surface is Surface.PUBLIC:
            continue
        answer = holder.request(method, path, json={} if method in WITH_BODY else None)
        assert answer.status_code == 401, name


def test_a_partner_opens_its_own_surface_and_nothing_else(application: FastAPI) -> None:
    partner = make_partner_client(application)
    expected = _expected(application)
    walked = {Surface.PARTNER: 0, Surface.STAFF: 0}
    for name, method, path in _calls(application):
        if name in OWN_GUARDS or name == "log_out_partner":
            continue
        permission, surface = expected[name]
        if surface is Surface.PUBLIC or ANYBODY.may(permission):
            continue
        answer = partner.request(method, path, json={} if method in WITH_BODY else None)
        if surface is Surface.PARTNER:
            assert answer.status_code not in (401, 403), name
        else:
            assert answer.status_code == 401, name
        walked[surface] += 1
    assert walked[Surface.PARTNER] >= 1
    assert walked[Surface.STAFF] > 55


@pytest.mark.parametrize("role", list(Role))
def test_a_colleague_opens_no_route_of_a_partner(application: FastAPI, role: Role) -> None:
    client = make_client(application, role)
    expected = _expected(application)
    walked = 0
    for name, method, path in _calls(application):
        if name not in OWN_GUARDS and expected[name][1] is Surface.PARTNER:
            answer = client.request(method, path, json={} if method in WITH_BODY else None)
            assert answer.status_code == 401, name
            walked += 1
    assert walked >= 2


CANARY = "Canary Kwinkeleer"


def _planted(application: FastAPI) -> dict[str, Any]:
    """A report, a case and talks whose personal fields all hold the canary."""
    from app.partners.domain import ReferralField
    from tests.makers.partners import add_partner
    from tests.makers.referrals import refer
    from tests.makers.tour import add_case, done, propose, start_talks

    manager = make_client(application, Role.COORDINATOR)
    body = report_body(channel="phone", wishes=CANARY)
    body["reporter"] = {
        "role": "victim",
        "is_anonymous": False,
        "name": CANARY,
        "postal": CANARY,
        "safe_contact": CANARY,
        "needs": {"other": CANARY},
        "self_described": {"gender": CANARY, "origin": CANARY},
    }
    body["incident"] |= {
        "narrative": CANARY,
        "place": CANARY,
        "respondent": {"kind": "private_person", "name": CANARY},
    }
    report = done(manager.post("/api/v1/reports", json=body), 201)
    case = add_case(manager, report["id"])
    url = f"/api/v1/cases/{case['id']}"
    done(manager.post(f"{url}/notes", json={"body": CANARY}), 201)
    done(manager.post(f"{url}/tasks", json={"title": CANARY, "due_on": "2026-01-01"}), 201)
    talks = start_talks(manager, case["id"], CANARY)
    propose(manager, talks)
    partner = add_partner(manager, contacts=[{"name": CANARY}])
    refer(
        manager,
        partner["id"],
        report_id=report["id"],
        shared_fields=list(ReferralField),
        consent=None,
        override={"reason": CANARY, "against_refusal": True},
    )
    activity = activity_body(guests=[CANARY], minutes=CANARY)
    activity["action_points"] = [
        {"text": CANARY, "owner_id": manager.headers["X-Test-Account"], "due_on": "2026-01-01"}
    ]
    done(manager.post("/api/v1/activities", json=activity), 201)
    done(manager.post("/api/v1/bulletins", json=bulletin_body(body=CANARY)), 201)
    person = {"name": CANARY, "email": "canary@partner.example"}
    done(manager.post(f"/api/v1/partners/{partner['id']}/people", json=person), 201)
    return {"report": report["id"], "case": case["id"], "talks": talks["id"]}


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR])
def test_who_needs_no_personal_data_sees_none(application: FastAPI, role: Role) -> None:
    _planted(application)
    client = make_client(application, role)
    seen = 0
    for _name, method, path in _calls(application):
        if method == "GET":
            answer = client.get(path)
            assert CANARY not in answer.text, path
            seen += answer.status_code == 200
    assert seen >= 5


def test_lists_hold_no_personal_data(application: FastAPI) -> None:
    _planted(application)
    client = make_client(application, Role.COORDINATOR)
    for path in (
        "reports",
        "cases",
        "commitments",
        "worklist",
        "partners",
        "events",
        "activities",
        "bulletins",
        "referrals",
    ):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        assert CANARY not in answer.text, path


def test_logs_hold_no_personal_data(
    application: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = _planted(application)
    worker = make_client(application, Role.COORDINATOR)
    worker.get("/api/v1/reports", params={"q": CANARY})
    worker.get(f"/api/v1/reports/{CANARY}")
    worker.patch(f"/api/v1/reports/{planted['report']}", json={"wishes": [CANARY]})
    shown = capsys.readouterr()
    assert "/reports/{report_id}" in shown.out + shown.err
    assert CANARY not in shown.out + shown.err
    assert planted["report"] not in shown.out + shown.err
