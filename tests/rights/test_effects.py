"""What was granted is done: rectified with its history, proposed for erasure, restricted."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.api.openapi import EXAMPLES
from app.core.access import Role
from app.core.database import Database
from app.intake.models import ReportRectification
from app.retention.domain import ItemOutcome
from tests.makers.attachments import PDF
from tests.makers.barring import bar
from tests.makers.identity import account_id, make_client
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.referrals import refer, trail_of
from tests.makers.retention import close, decide, propose, run
from tests.makers.rights import REQUESTS, act_on, asked, decide_on_report, named_report
from tests.makers.tour import V1, act_on_case, add_case, add_report, done, in_days
from tests.makers.whole_case import case_with_everything

RESTRICTION = {"reason": "De juistheid wordt betwist.", "review_on": in_days(60)}


@pytest.fixture
def coordinator(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def auditor(application: FastAPI) -> TestClient:
    return make_client(application, Role.AUDITOR)


def _granted(coordinator: TestClient, kind: str, **linked: Any) -> dict[str, Any]:
    return asked(coordinator, kind, decision="granted", **linked)


def _rectify(coordinator: TestClient, request: dict[str, Any], **body: Any) -> Any:
    url = f"{REQUESTS}/{request['id']}/rectifications"
    return coordinator.post(url, json={"reason": "Verkeerd genoteerd."} | body)


def test_what_was_wrong_of_the_reporter_is_put_right_and_stays_readable(
    database: Database, application: FastAPI, coordinator: TestClient, auditor: TestClient
) -> None:
    report = add_report(coordinator, **named_report())["id"]
    request = _granted(coordinator, "rectification", reports=(report,))
    fields = {
        "name": "Juiste Naam",
        "municipality": "Hasselt",
        "safe_contact": "Enkel 's avonds.",
        "gender": "x",
        "email": None,
    }
    for field, value in fields.items():
        done(_rectify(coordinator, request, report_id=report, field=field, value=value), 201)
    reporter = done(coordinator.get(f"{V1}/reports/{report}"))["reporter"]
    assert (reporter["name"], reporter["email"]) == ("Juiste Naam", None)
    assert reporter["self_described"]["gender"] == "x"
    history = done(coordinator.get(f"{REQUESTS}/{request['id']}/rectifications"))["items"]
    old = {row["field"]: row["old_value"] for row in history}
    assert old == {
        "name": "Voorbeeld Melder",
        "email": "melder@example.org",
        "municipality": "Genk",
        "safe_contact": None,
        "gender": None,
    }
    with database.transaction() as session:
        rows = session.connection().exec_driver_sql("SELECT old_value FROM report_rectifications")
        assert not any("Melder" in (row[0] or "") for row in rows)
    document = asked(coordinator, reports=(report,))
    shown = done(coordinator.get(f"{REQUESTS}/{document['id']}/export"))["reports"][0]
    assert [row["field"] for row in shown["rectifications"]] == list(fields)
    # What is disposed of takes its history along.
    done(decide_on_report(coordinator, report))
    erasure = _granted(coordinator, "erasure", reports=(report,))
    _erased(application, coordinator, auditor, erasure)
    with database.snapshot() as session:
        assert session.scalars(select(ReportRectification)).all() == []


def test_a_rectification_that_does_not_fit_is_refused(coordinator: TestClient) -> None:
    report = add_report(coordinator, **named_report())["id"]
    anonymous = add_report(coordinator)["id"]
    request = _granted(coordinator, "rectification", reports=(report, anonymous))
    other = add_report(coordinator)["id"]
    for body, pointer, code in (
        ({"report_id": report, "field": "email", "value": "geen adres"}, "/value", "unfitting"),
        ({"report_id": report, "field": "gender", "value": "Xy\nz"}, "/value", "unfitting"),
        ({"report_id": report, "field": "name", "value": None}, "/value", "missing"),
        ({"report_id": report, "field": "email", "value": None}, "/value", "no_contact"),
        ({"report_id": report, "field": "municipality", "value": "Genk"}, "/value", "unchanged"),
        ({"report_id": anonymous, "field": "name", "value": "Iemand"}, "/field", "anonymous"),
        ({"report_id": other, "field": "name", "value": "Iemand"}, "/report_id", "unknown"),
    ):
        answer = _rectify(coordinator, request, **body)
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code)
    undecided = asked(coordinator, "rectification", reports=(report,))
    body = {"report_id": report, "field": "name", "value": "Iemand"}
    assert _rectify(coordinator, undecided, **body).json()["code"] == "not_granted"
    access = _granted(coordinator, "access", reports=(report,))
    assert _rectify(coordinator, access, **body).json()["code"] == "other_kind"


def _erased(
    application: FastAPI, coordinator: TestClient, second: TestClient, request: dict[str, Any]
) -> dict[str, Any]:
    found = done(act_on(coordinator, request, "disposal", {"reason": "Verzoek, toegestaan."}))
    for disposal_id in {one["disposal_id"] for one in found["subjects"]} - {None}:
        disposal = done(coordinator.get(f"{V1}/disposals/{disposal_id}"))
        assert decide(coordinator, disposal).json()["code"] == "two_people_needed"
        done(decide(second, disposal))
    assert run(application)[ItemOutcome.KEPT] == 0
    return found


def test_an_erasure_goes_through_two_people_and_spares_others(
    application: FastAPI, coordinator: TestClient, auditor: TestClient
) -> None:
    alone, mine, theirs = (add_report(coordinator, **named_report())["id"] for _ in range(3))
    case = add_case(coordinator, mine, theirs)["id"]
    close(coordinator, case)
    reason = {"reason": "Verzoek."}
    shared = _granted(coordinator, "erasure", reports=(mine,), cases=(case,))
    assert act_on(coordinator, shared, "disposal", reason).json()["code"] == "reports_of_others"
    open_still = _granted(coordinator, "erasure", reports=(alone, mine))
    refused = act_on(coordinator, open_still, "disposal", reason)
    assert (refused.status_code, refused.json()["code"]) == (409, "may_not_go")
    done(decide_on_report(coordinator, alone))
    request = _granted(coordinator, "erasure", reports=(alone, mine, theirs), cases=(case,))
    found = _erased(application, coordinator, auditor, request)
    by_kind = {(one["kind"], one["disposal_id"] is None) for one in found["subjects"]}
    assert by_kind == {("case", False), ("report", True), ("report", False)}
    for path in (f"reports/{alone}", f"reports/{mine}", f"cases/{case}"):
        assert coordinator.get(f"{V1}/{path}").status_code == 404
    still = done(coordinator.get(f"{REQUESTS}/{request['id']}"))
    assert still["name"] == "Voorbeeld Melder"  # sealed with a key of its own
    access = asked(coordinator)
    assert done(coordinator.get(f"{REQUESTS}/{access['id']}/export"))["disposed"] == []


ALLOWED = {
    # Who may see it, and that it is kept, is not what is in it.
    "bar_from_report",
    "bar_from_case",
    "readmit_to_report",
    "readmit_to_case",
    # The talk with the person goes on: article 18(3) asks to tell them.
    "write_message",
    "issue_receipt",
    # They end the sharing.
    "withdraw_referral",
    "withdraw_referral_consent",
}
"""Acts on a report, a case or what belongs to them that a restriction leaves."""


def _changing(application: FastAPI) -> dict[str, tuple[str, str]]:
    """operationId -> method and path of every act on a report, a case or what belongs to them."""
    belongs = ("report", "case", "task", "negotiation", "proposal", "commitment", "referral")
    named = re.compile(rf"\{{({'|'.join(belongs)}|attachment)_id\}}")
    by_body = ("/reports", "/cases", "/referrals", "/events")
    found = {}
    for path, operations in application.openapi()["paths"].items():
        short = path.removeprefix(V1)
        if not named.search(path) and short not in (*by_body, "/events/{event_id}/reports"):
            continue
        for method, operation in operations.items():
            if method != "get" and short != "/reports":
                found[operation["operationId"]] = (method.upper(), path)
    return found


def _ids(application: FastAPI, coordinator: TestClient, partner_id: str) -> dict[str, str]:
    """A case with everything of which one report of two has its processing restricted."""
    colleague = make_client(application, Role.CASE_MANAGER)
    ids = case_with_everything(application, coordinator, colleague, **named_report())
    second = add_report(coordinator, **named_report())["id"]
    url = f"{V1}/cases/{ids['case']}"
    done(coordinator.post(f"{url}/reports", json={"report_ids": [second]}))
    proposals = done(coordinator.get(f"{V1}/negotiations/{ids['talks']}"))["proposals"]
    tasks = done(coordinator.get(f"{url}/tasks"))["items"]
    offered = refer(coordinator, partner_id, report_id=second)["id"]
    done(bar(coordinator, f"cases/{ids['case']}", make_client(application, Role.ANALYST)), 201)
    return {
        "report_id": ids["report"],
        "case_id": ids["case"],
        "negotiation_id": ids["talks"],
        "proposal_id": proposals[0]["id"],
        "commitment_id": ids["commitment"],
        "referral_id": ids["referral"],
        "attachment_id": ids["file"],
        "task_id": tasks[0]["id"],
        "event_id": ids["event"],
        "offered": offered,
        "second": second,
        "other_case": add_case(coordinator)["id"],
    }


def test_no_act_changes_or_shares_what_is_restricted(
    application: FastAPI, coordinator: TestClient
) -> None:
    partner_id = new_partner(application)
    partner = make_partner_client(application, partner_id)
    ids = _ids(application, coordinator, str(partner_id))
    alone = add_report(coordinator, **named_report())["id"]
    request = _granted(coordinator, "restriction", reports=(ids["report_id"], ids["second"], alone))
    done(act_on(coordinator, request, "restriction", RESTRICTION))
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    acts = _changing(application)
    assert len(acts) >= 40
    assert acts.keys() >= ALLOWED
    wrong = []
    for name, (method, path) in acts.items():
        is_partners = path.startswith(f"{V1}/partner/")
        named = ids | {"referral_id": ids["offered"]} if is_partners else ids
        filled = path.replace("{account_id}", str(account_id(coordinator))).format(**named)
        body = examples[name].get("request")
        for field in ("report_ids", "report_id", "case_id"):
            if isinstance(body, dict) and field in body:
                value: Any = [alone] if field == "report_ids" else alone
                body |= {field: ids["other_case"] if field == "case_id" else value}
        version = _version(coordinator, filled)
        client = partner if is_partners else coordinator
        headers = {"If-Match": version, "X-File-Name": "bewijs.pdf"}
        is_file = path.endswith("attachments")
        sent: Any = {"content": PDF} if is_file else {"json": body}
        answer = client.request(method, filled, headers=headers, **sent)
        is_refused = answer.status_code == 409 and answer.json()["code"] == "processing_restricted"
        if is_refused == (name in ALLOWED):
            wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
    assert wrong == [], "\n".join(wrong)
    for path in (f"reports/{ids['report_id']}", f"cases/{ids['case_id']}", f"reports/{alone}"):
        assert coordinator.get(f"{V1}/{path}").status_code == 200


def _version(coordinator: TestClient, path: str) -> str:
    parts = path.split("/")
    found = coordinator.get("/".join(parts[:5]))
    return str(found.headers.get("ETag", '"1"'))


def test_what_is_restricted_is_kept_until_it_is_lifted(
    application: FastAPI, coordinator: TestClient, auditor: TestClient
) -> None:
    report = add_report(coordinator, **named_report())["id"]
    done(decide_on_report(coordinator, report))
    first = _granted(coordinator, "restriction", reports=(report,))
    second = _granted(coordinator, "restriction", reports=(report,))
    none = _granted(coordinator, "restriction")
    assert act_on(coordinator, none, "restriction", RESTRICTION).json()["code"] == "nothing_linked"
    for request in (first, second):
        done(act_on(coordinator, request, "restriction", RESTRICTION))
    again = act_on(coordinator, first, "restriction", RESTRICTION)
    assert again.json()["code"] == "restricted_before"
    holds = done(coordinator.get(f"{V1}/retention/holds"))["items"]
    assert [hold["subject_id"] for hold in holds] == [report, report]
    for hold in holds:
        done(coordinator.post(f"{V1}/retention/holds/{hold['id']}/lifting"))
    erasure = {
        "kind": "report",
        "basis": "erasure",
        "subject_ids": [report],
        "reason": "Verzoek.",
    }
    assert coordinator.post(f"{V1}/disposals", json=erasure).status_code == 422
    over = {"reason": "De juistheid is vastgesteld."}
    done(act_on(coordinator, first, "restriction/lifting", over))
    assert (
        decide_on_report(coordinator, report, "give_information").json()["code"]
        == "processing_restricted"
    )
    found = done(act_on(coordinator, second, "restriction/lifting", over))
    assert found["subjects"][0]["is_restricted"] is False
    assert found["lifting_reason"] == over["reason"]
    done(decide_on_report(coordinator, report, "give_information"))
    assert (
        act_on(coordinator, second, "restriction/lifting", over).json()["code"] == "not_restricted"
    )
    propose(coordinator, "report", report, basis="erasure", reason="Verzoek.")
    events = [event for event, _surface in trail_of(auditor, report)]
    assert events.count("processing_restricted") == 2
    assert events.count("processing_released") == 1


def test_restricting_and_moving_at_once_are_judged_one_after_the_other(
    application: FastAPI, coordinator: TestClient
) -> None:
    report = add_report(coordinator, **named_report())["id"]
    case = add_case(coordinator, report)["id"]
    request = _granted(coordinator, "restriction", reports=(report,))
    with ThreadPoolExecutor(2) as pool:
        restricted = pool.submit(act_on, coordinator, request, "restriction", RESTRICTION)
        moved = pool.submit(
            act_on_case, coordinator, case, "moves", {"to": "analysis", "reason": "Verder."}
        )
    assert restricted.result().status_code == 200
    assert moved.result().status_code in (200, 409)
    late = act_on_case(coordinator, case, "moves", {"to": "hearing", "reason": "Verder."})
    assert late.json()["code"] == "processing_restricted"
