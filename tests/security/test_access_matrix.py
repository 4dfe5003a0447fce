"""Every principal, every operation, every state of what it names: is it let in, and what is shown?

The expectations stand in access_matrix.yaml, and below for the states: nothing of them is read from
the code under test.
"""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from tests.conftest import STORES
from tests.makers.barring import bar
from tests.makers.identity import account_id, make_client
from tests.makers.intake import report_body
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.referrals import answer, refer
from tests.makers.retention import close, erase, run
from tests.makers.tour import V1, act_on_case, add_case, add_report, done, start_talks

MATRIX = yaml.safe_load((Path(__file__).parent / "access_matrix.yaml").read_text(encoding="utf-8"))
BY = {name: set(rule["by"]) for rule in MATRIX.values() for name in rule["operations"]}
STAFF = tuple(role.value for role in Role)
OUTSIDE = ("partner", "other_partner", "holder", "other_holder", "nobody")
CASEWORK = {"intake_worker", "case_manager", "coordinator"}

SEES = {
    "other": CASEWORK,
    "closed": CASEWORK,
    "restricted": {"coordinator"},
    "own restricted": {"case_manager", "coordinator"},
    "barred": set[str](),
    "erased": set[str](),
}
"""State of a case -> who sees it and what belongs to it; of the staff, by permission to read."""

READS = {
    "read_report": "reports/{report}",
    "list_similar": "reports/{report}/similar",
    "list_report_attachments": "reports/{report}/attachments",
    "list_barred_from_report": "reports/{report}/barred",
    "read_case": "cases/{case}",
    "list_notes": "cases/{case}/notes",
    "list_case_tasks": "cases/{case}/tasks",
    "read_timeline": "cases/{case}/timeline",
    "list_negotiations": "cases/{case}/negotiations",
    "list_case_attachments": "cases/{case}/attachments",
    "list_barred_from_case": "cases/{case}/barred",
    "read_negotiation": "negotiations/{talks}",
    "list_negotiation_attachments": "negotiations/{talks}/attachments",
    "read_referral": "referrals/{referral}",
}

FIELDS = {
    "read_case": {
        "id", "version", "reference", "status", "allowed_moves", "is_on_hold", "opened_on",
        "target_on", "closed_on", "handler_id", "is_restricted", "assessment", "outcome",
        "closure_reason", "reports", "holds", "links",
    },
}  # fmt: skip
"""What a reader is shown, on the top level."""


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """Both, unlike what else is tested in this folder."""
    return str(request.param)


@pytest.fixture
def principals(application: FastAPI) -> dict[str, TestClient]:
    found = {role.value: make_client(application, role) for role in Role}
    found["nobody"] = TestClient(application)
    for name in ("partner", "other_partner"):
        partner_id = new_partner(application)
        found[name] = make_partner_client(application, partner_id)
        found[name].headers["X-Test-Partner"] = str(partner_id)
    for name in ("holder", "other_holder"):
        received = done(found["nobody"].post(f"{V1}/public/reports", json=report_body()), 201)
        code = {"receipt_code": received["receipt_code"]}
        token = done(found["nobody"].post(f"{V1}/public/receipts/token", json=code))
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        found[name] = TestClient(application, headers=bearer)
    return found


def _calls(application: FastAPI) -> dict[str, tuple[str, str]]:
    """operationId -> method and path, with ids that nothing has."""
    found = {}
    for path, operations in application.openapi()["paths"].items():
        plain = path.replace("{name}", "grounds").replace("{code}", "age").replace("{year}", "2025")
        while "{" in plain:
            before, _, rest = plain.partition("{")
            plain = before + str(uuid4()) + rest.partition("}")[2]
        for method, operation in operations.items():
            found[operation["operationId"]] = (method.upper(), plain)
    return found


def _refusal(principal: str, name: str) -> int | None:
    """None when the door is open."""
    by = BY[name]
    if principal in by:
        return None
    is_of_staff = bool(by & set(STAFF))
    return 403 if is_of_staff and principal in STAFF else 401


def test_every_operation_has_a_row_and_every_row_an_operation(application: FastAPI) -> None:
    names = [name for rule in MATRIX.values() for name in rule["operations"]]
    assert len(names) == len(set(names))
    assert set(_calls(application)) == set(names)


def test_the_door_of_every_operation(
    application: FastAPI, principals: dict[str, TestClient]
) -> None:
    """An empty body changes nothing: who is let in hears 404, 422 or 428 where it would."""
    calls = _calls(application)
    cells, wrong = 0, []
    last = ("log_out", "log_out_partner", "withdraw_report")
    for name in sorted(calls, key=lambda n: (n in last, n)):
        method, path = calls[name]
        for principal in (*STAFF, *OUTSIDE):
            if BY[name] == {"nobody"} and principal != "nobody":
                continue  # open to all: a token of another surface is looked at, or is not
            body: dict[str, str] | None = {} if method in ("POST", "PATCH", "PUT") else None
            status = principals[principal].request(method, path, json=body).status_code
            expected = _refusal(principal, name)
            is_right = status == expected if expected else status not in (401, 403)
            if BY[name] == {"nobody"}:
                is_right = status < 500 and status != 403
            cells += 1
            if not is_right or status >= 500:
                wrong.append(f"{principal} {name}: {status}, not {expected or 'let in'}")
    assert wrong == []
    assert cells >= 1_500


def _object(application: FastAPI, principals: dict[str, TestClient], state: str) -> dict[str, Any]:
    """A case with a report, talks and a referral, in this state; ids by kind."""
    boss, manager = principals["boss"], principals["case_manager"]
    handler = manager if state == "own restricted" else boss
    report = add_report(boss)["id"]
    partner_id = principals["partner"].headers["X-Test-Partner"]
    referral = refer(boss, partner_id, report_id=report)["id"]
    case = add_case(
        boss,
        report,
        handler_id=str(account_id(handler)),
        is_restricted="restricted" in state,
    )["id"]
    talks = start_talks(boss, case)["id"]
    if state == "closed":
        end = {"reason": "respondent_refused"}
        done(boss.post(f"{V1}/negotiations/{talks}/end", json=end))
        done(act_on_case(boss, case, "closure", {"outcome": "withdrawn", "reason": "Voorbij."}))
    if state == "erased":
        end = {"reason": "respondent_refused"}
        done(boss.post(f"{V1}/negotiations/{talks}/end", json=end))
        done(answer(principals["partner"], referral, "decline", {"reason": "Vol."}))
        close(boss, case)
        erase(boss, principals["auditor"], "case", case)
        run(application)
    if state == "barred":
        for role in STAFF:
            done(bar(boss, f"cases/{case}", principals[role]), 201)
    return {"report": report, "case": case, "talks": talks, "referral": referral}


@pytest.mark.parametrize("state", SEES)
def test_what_is_shown_of_a_case_in_a_state(
    application: FastAPI, principals: dict[str, TestClient], state: str
) -> None:
    principals["boss"] = make_client(application, Role.COORDINATOR)
    ids = _object(application, principals, state)
    cells, wrong = 0, []
    for name, path in READS.items():
        for principal in (*STAFF, *OUTSIDE):
            shown = principals[principal].get(f"{V1}/{path.format(**ids)}")
            expected = _refusal(principal, name)
            if expected is None:
                expected = 200 if principal in SEES[state] else 404
            cells += 1
            if shown.status_code != expected:
                wrong.append(f"{principal} {name} {state}: {shown.status_code}, not {expected}")
            elif expected == 200 and name in FIELDS and shown.json().keys() != FIELDS[name]:
                wrong.append(f"{principal} {name} {state}: {sorted(shown.json())}")
    is_there = 404 if state == "erased" else 200
    for principal, expected in (("partner", is_there), ("other_partner", 404)):
        shown = principals[principal].get(f"{V1}/partner/referrals/{ids['referral']}")
        cells += 1
        if shown.status_code != expected:
            wrong.append(f"{principal} read_partner_referral {state}: {shown.status_code}")
    assert wrong == []
    assert cells == len(READS) * 11 + 2
