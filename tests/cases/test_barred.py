"""A colleague who is barred from a case cannot tell it from nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.database import Database
from app.notifications.models import OutboxMessage
from app.worklist.digest import queue_digests
from app.worklist.domain import DigestLanguage
from app.worklist.models import DigestSubscription
from tests.makers.barring import REASON, bar, readmit
from tests.makers.identity import account_id, make_client
from tests.makers.notifications import messages
from tests.makers.partners import new_partner
from tests.makers.referrals import refer
from tests.makers.tour import (
    V1,
    act_on_case,
    add_case,
    add_report,
    done,
    start_talks,
)
from tests.makers.whole_case import case_with_everything, paths_of

ROLES = (Role.INTAKE_WORKER, Role.CASE_MANAGER, Role.COORDINATOR)


@pytest.fixture
def coordinator(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def colleague(application: FastAPI) -> TestClient:
    return make_client(application, Role.CASE_MANAGER)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_tells_of_it(
    application: FastAPI, database: Database, coordinator: TestClient, role: Role
) -> None:
    barred = make_client(application, role)
    ids = case_with_everything(application, coordinator, barred)
    neighbour = add_case(coordinator)
    link = {"case_id": ids["case"], "kind": "other"}
    done(coordinator.post(f"{V1}/cases/{neighbour['id']}/links", json=link), 201)
    alike = add_report(coordinator)
    calendar = done(barred.post(f"{V1}/me/calendar"), 201)["calendar_path"]
    lists = [
        "reports?count=true&limit=100",
        f"reports?q={ids['report reference']}",
        "cases?count=true&ground=national_ethnic_origin",
        f"cases?q={ids['case reference']}",
        f"reports/{alike['id']}/similar",
        f"cases/{neighbour['id']}",
        f"cases/{neighbour['id']}/timeline",
        "worklist?ahead_days=365&limit=200",
        "tasks",
        "tasks?mine=true",
        "commitments?count=true",
        "referrals?count=true",
        f"referrals?case_id={ids['case']}",
        "events?count=true",
    ]
    hidden = paths_of(ids)
    somebody = TestClient(application)
    before = {path: barred.get(f"{V1}/{path}") for path in hidden}
    assert {path: a.status_code for path, a in before.items() if a.status_code != 200} == {}
    assert ids["case reference"] in somebody.get(calendar).text
    me = barred.get(f"{V1}/me").text

    assert bar(coordinator, f"cases/{ids['case']}", barred).status_code == 201

    nothing = barred.get(f"{V1}/cases/{account_id(barred)}").json()
    for path in hidden:
        answer = barred.get(f"{V1}/{path}")
        assert (answer.status_code, answer.json() | {"instance": 0}) == (
            404,
            nothing | {"instance": 0},
        ), path
    for path in lists:
        text = str(done(barred.get(f"{V1}/{path}")))
        assert [name for name, trace in ids.items() if trace in text] == [], path
    for path, total in (("reports", 2), ("cases", 1), ("commitments", 0), ("events", 0)):
        assert done(barred.get(f"{V1}/{path}?count=true"))["total"] == total, path
    assert ids["case reference"] not in somebody.get(calendar).text
    assert _digests(database, barred) == []
    assert barred.get(f"{V1}/me").text == me
    assert coordinator.get(f"{V1}/cases/{ids['case']}").status_code == 200

    assert readmit(coordinator, f"cases/{ids['case']}", barred).status_code == 204
    for path in hidden:
        assert barred.get(f"{V1}/{path}").status_code == 200, path


def _digests(database: Database, client: TestClient) -> list[OutboxMessage]:
    with database.transaction() as session:
        session.add(
            DigestSubscription(
                account_id=account_id(client),
                email="ilse@example.org",
                hour=0,
                language=DigestLanguage.NL,
                is_on=True,
            )
        )
    with database.transaction() as session:
        queue_digests(session, datetime(2026, 1, 2, 8, tzinfo=UTC))
    return [message for message in messages(database) if message.kind == "mail"]


def test_no_act_reaches_it(
    application: FastAPI, coordinator: TestClient, colleague: TestClient
) -> None:
    ids = case_with_everything(application, coordinator, colleague)
    case, report = f"{V1}/cases/{ids['case']}", f"{V1}/reports/{ids['report']}"
    etag = {"If-Match": colleague.get(case).headers["ETag"]}
    own = add_case(colleague)["id"]
    assert bar(coordinator, f"cases/{ids['case']}", colleague).status_code == 201
    acts: list[tuple[str, Any]] = [
        (f"{case}/notes", {"body": "Dag."}),
        (f"{case}/tasks", {"title": "Bellen", "due_on": "2030-01-01"}),
        (f"{case}/moves", {"to": "analysis", "reason": "Verder."}),
        (f"{case}/holds", {"reason": "Wachten."}),
        (f"{case}/reports", {"report_ids": [add_report(colleague)["id"]]}),
        (f"{report}/messages", {"body": "Dag."}),
        (f"{V1}/commitments/{ids['commitment']}/follow-ups", {"status": "breached", "on": "x"}),
        (f"{V1}/referrals/{ids['referral']}/messages", {"body": "Dag."}),
        (f"{V1}/referrals/{ids['referral']}/withdrawal", {"reason": "Fout."}),
    ]
    for url, body in acts:
        if url.endswith("follow-ups"):
            body["on"] = datetime.now(UTC).date().isoformat()
        assert colleague.post(url, json=body, headers=etag).status_code == 404, url
    for body in ({"report_ids": [ids["report"]]},):
        refused = colleague.post(f"{V1}/cases", json=body)
        assert refused.json()["errors"][0]["code"] == "unknown_report"
    link = {"case_id": ids["case"], "kind": "other"}
    refused = colleague.post(f"{V1}/cases/{own}/links", json=link)
    assert refused.json()["errors"][0]["code"] == "unknown_case"


def test_a_report_is_hidden_before_it_is_in_a_case_and_so_is_the_case(
    application: FastAPI, coordinator: TestClient, colleague: TestClient
) -> None:
    first, second = add_report(coordinator)["id"], add_report(coordinator)["id"]
    assert bar(coordinator, f"reports/{first}", colleague).status_code == 201
    assert colleague.get(f"{V1}/reports/{first}").status_code == 404
    case = add_case(coordinator, second)["id"]
    assert colleague.get(f"{V1}/cases/{case}").status_code == 200
    url = f"{V1}/cases/{case}/reports"
    done(coordinator.post(url, json={"report_ids": [first]}))
    for path in (f"cases/{case}", f"reports/{first}", f"reports/{second}"):
        assert colleague.get(f"{V1}/{path}").status_code == 404
    for act in (bar, readmit):
        assert act(coordinator, f"reports/{first}", colleague).json()["code"] == "report_in_case"
    third = add_report(coordinator)["id"]
    done(coordinator.post(url, json={"report_ids": [third]}))
    assert colleague.get(f"{V1}/reports/{third}").status_code == 404
    (shown,) = done(coordinator.get(f"{V1}/cases/{case}/barred"))["items"]
    assert (shown["kind"], shown["reason"]) == ("barred", REASON)
    assert readmit(coordinator, f"cases/{case}", colleague).status_code == 204
    for path in (f"cases/{case}", f"reports/{first}", f"reports/{second}", f"reports/{third}"):
        assert colleague.get(f"{V1}/{path}").status_code == 200


def test_who_has_work_there_is_not_barred_before_it_is_handed_over(
    coordinator: TestClient, colleague: TestClient
) -> None:
    case = add_case(coordinator, handler_id=str(account_id(colleague)))["id"]
    start_talks(colleague, case)
    refused = bar(coordinator, f"cases/{case}", colleague)
    assert (refused.status_code, refused.json()["code"]) == (409, "has_work")
    assert "handler, mediator" in refused.json()["detail"]
    report = add_report(coordinator)["id"]
    url = f"{V1}/reports/{report}"
    etag = {"If-Match": coordinator.get(url).headers["ETag"]}
    change = {"handler_id": str(account_id(colleague))}
    done(coordinator.patch(url, json=change, headers=etag))
    refused = bar(coordinator, f"reports/{report}", colleague)
    assert (refused.status_code, refused.json()["code"]) == (409, "has_work")


def test_tasks_go_to_the_handler_and_none_is_given_back(
    coordinator: TestClient, colleague: TestClient
) -> None:
    case = add_case(coordinator)["id"]
    task = {
        "title": "Bellen",
        "due_on": "2030-01-01",
        "assignee_id": str(account_id(colleague)),
    }
    done(coordinator.post(f"{V1}/cases/{case}/tasks", json=task), 201)
    done(bar(coordinator, f"cases/{case}", colleague), 201)
    (kept,) = done(coordinator.get(f"{V1}/cases/{case}/tasks"))["items"]
    assert kept["assignee_id"] == str(account_id(coordinator))
    answer = coordinator.post(f"{V1}/cases/{case}/tasks", json=task)
    assert answer.json()["errors"][0]["code"] == "cannot_see_case"
    etag = {"If-Match": coordinator.get(f"{V1}/cases/{case}").headers["ETag"]}
    change = {"handler_id": str(account_id(colleague))}
    answer = coordinator.patch(f"{V1}/cases/{case}", json=change, headers=etag)
    assert answer.json()["errors"][0]["code"] == "cannot_see_case"
    report = add_report(coordinator)["id"]
    done(bar(coordinator, f"reports/{report}", colleague), 201)
    etag = {"If-Match": coordinator.get(f"{V1}/reports/{report}").headers["ETag"]}
    answer = coordinator.patch(f"{V1}/reports/{report}", json=change, headers=etag)
    assert answer.json()["errors"][0]["code"] == "cannot_see_report"
    answer = coordinator.post(f"{V1}/cases", json={"report_ids": [report]} | change)
    assert (answer.status_code, answer.json()["code"]) == (409, "has_work")


def test_a_closed_case_is_hidden_from_who_handled_it(
    coordinator: TestClient, colleague: TestClient
) -> None:
    case = add_case(coordinator, handler_id=str(account_id(colleague)))["id"]
    closure = {"outcome": "withdrawn", "reason": "Voorbij."}
    done(act_on_case(coordinator, case, "closure", closure))
    done(bar(coordinator, f"cases/{case}", colleague), 201)
    assert colleague.get(f"{V1}/cases/{case}").status_code == 404


def test_the_last_coordinator_who_sees_it_stays(
    application: FastAPI, coordinator: TestClient
) -> None:
    case = f"cases/{add_case(coordinator, handler_id=None)['id']}"
    other = make_client(application, Role.COORDINATOR)
    etag = {"If-Match": coordinator.get(f"{V1}/{case}").headers["ETag"]}
    done(coordinator.patch(f"{V1}/{case}", json={"handler_id": None}, headers=etag))
    done(bar(coordinator, case, other), 201)
    refused = bar(coordinator, case, coordinator)
    assert (refused.status_code, refused.json()["code"]) == (409, "nobody_left")
    assert coordinator.get(f"{V1}/{case}").status_code == 200


def test_two_coordinators_who_bar_each_other_at_once_are_not_both_gone(
    application: FastAPI, coordinator: TestClient
) -> None:
    other = make_client(application, Role.COORDINATOR)
    report = f"reports/{add_report(coordinator)['id']}"
    barrier = Barrier(2)

    def run(one: TestClient, another: TestClient) -> int:
        barrier.wait()
        return int(bar(one, report, another).status_code)

    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(run, (coordinator, other), (other, coordinator)))
    assert sorted(seen) == [201, 404]


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.COORDINATOR])
def test_only_coordinators_bar(application: FastAPI, coordinator: TestClient, role: Role) -> None:
    case, report = add_case(coordinator), add_report(coordinator)
    client = make_client(application, role)
    for path in (f"cases/{case['id']}", f"reports/{report['id']}"):
        assert bar(client, path, coordinator).status_code == 403
        assert readmit(client, path, coordinator).status_code == 403
        assert client.get(f"{V1}/{path}/barred").status_code == 403


def test_what_does_not_fit_is_refused(coordinator: TestClient, colleague: TestClient) -> None:
    path = f"reports/{add_report(coordinator)['id']}"
    body = {"account_id": path[-36:], "reason": REASON}
    answer = coordinator.post(f"{V1}/{path}/barred", json=body)
    assert answer.json()["errors"][0]["code"] == "unknown_account"
    answer = coordinator.post(f"{V1}/{path}/barred", json=body | {"reason": " "})
    assert answer.json()["errors"][0]["pointer"] == "/reason"
    assert readmit(coordinator, path, colleague).status_code == 404
    done(bar(coordinator, path, colleague), 201)
    assert bar(coordinator, path, colleague).json()["code"] == "already_barred"
    assert bar(coordinator, f"reports/{account_id(colleague)}", colleague).status_code == 404


def test_a_retry_does_not_show_what_was_hidden_since(
    coordinator: TestClient, colleague: TestClient
) -> None:
    key = {"Idempotency-Key": "a-key-of-the-client"}
    report = add_report(coordinator)["id"]
    url, body = f"{V1}/reports/{report}/messages", {"body": "Dag."}
    done(colleague.post(url, json=body, headers=key), 201)
    own_key = {"Idempotency-Key": "a-key-of-the-coordinator"}
    first = bar(coordinator, f"reports/{report}", colleague, **own_key)
    assert bar(coordinator, f"reports/{report}", colleague, **own_key).text == first.text
    assert colleague.post(url, json=body, headers=key).json()["code"] == "answer_withheld"


def test_the_trail_tells_the_auditor_but_not_who_is_barred(
    application: FastAPI, coordinator: TestClient
) -> None:
    barred = make_client(application, Role.CASE_MANAGER, Role.AUDITOR)
    report = add_report(coordinator)["id"]
    done(bar(coordinator, f"reports/{report}", barred), 201)
    done(coordinator.get(f"{V1}/reports/{report}/barred"))
    assert readmit(coordinator, f"reports/{report}", barred).status_code == 204
    url = f"{V1}/audit-entries?object_id={account_id(barred)}"
    told = done(make_client(application, Role.AUDITOR).get(url))["items"]
    assert {e["event"] for e in told} == {"colleague_readmitted", "colleague_barred"}
    assert [e["details"] for e in told] == [{"kind": "barred", "report_id": report}] * 2
    assert done(barred.get(url))["items"] == []
    read = done(barred.get(f"{V1}/audit-entries?event=barred_read"))["items"]
    assert [e["object_id"] for e in read] == [report]


def test_the_load_of_a_partner_does_not_tell_of_it(
    application: FastAPI, coordinator: TestClient, colleague: TestClient
) -> None:
    partner = new_partner(application)
    referral = refer(coordinator, partner)
    done(bar(coordinator, f"reports/{referral['report_id']}", colleague), 201)
    alike = add_report(coordinator)["id"]
    matches = done(colleague.get(f"{V1}/partners/matches?report_id={alike}"))
    assert {m["partner_id"]: m["load"]["open_referrals"] for m in matches["items"]} == {
        str(partner): 0
    }
