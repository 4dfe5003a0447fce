"""Opening, moving, holding, closing and reopening a case."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.cases.domain import MOVES, CaseStatus, active_days, require_move
from app.core.access import Role
from app.core.errors import ConflictError
from tests.makers.identity import make_client
from tests.makers.intake import day, report_body
from tests.makers.tour import V1, act_on_case, add_case, add_report, done, in_days, move_case


@pytest.fixture
def manager(application: FastAPI) -> TestClient:
    return make_client(application, Role.CASE_MANAGER)


@pytest.mark.parametrize(
    ("status", "to"), [(a, b) for a in CaseStatus for b in CaseStatus if b not in MOVES[a]]
)
def test_every_move_that_is_not_in_the_table_is_refused(status: CaseStatus, to: CaseStatus) -> None:
    with pytest.raises(ConflictError):
        require_move(status, to)


def test_a_case_is_opened_from_reports_and_shows_where_it_may_go(manager: TestClient) -> None:
    reports = [add_report(manager)["id"] for _ in range(2)]
    case = add_case(manager, *reports)
    assert case["status"] == "open"
    assert case["allowed_moves"] == ["analysis", "hearing", "negotiation"]
    assert {report["status"] for report in case["reports"]} == {"case_opened"}


def test_a_report_is_in_one_case_at_most(manager: TestClient) -> None:
    report = add_report(manager)["id"]
    add_case(manager, report)
    again = manager.post(f"{V1}/cases", json={"report_ids": [report]})
    assert (again.status_code, again.json()["code"]) == (409, "report_in_case")


def test_a_report_triaged_for_a_case_waits_in_the_worklist_until_it_is_opened(
    manager: TestClient,
) -> None:
    report = add_report(manager)
    etag = {"If-Match": f'"{report["version"]}"'}
    body = {"decision": "open_case", "reason": "Ernstig."}
    done(manager.post(f"{V1}/reports/{report['id']}/triage", json=body, headers=etag))
    kinds = [i["kind"] for i in manager.get(f"{V1}/worklist").json()["items"]]
    assert kinds == ["open_case"]
    add_case(manager, report["id"])
    assert manager.get(f"{V1}/worklist").json()["items"] == []


def test_no_step_towards_the_respondent_without_consent(manager: TestClient) -> None:
    consents = report_body()["consents"] | {"approach_respondent": False}
    case = add_case(manager, add_report(manager, consents=consents)["id"])
    assert case["allowed_moves"] == ["analysis"]
    refused = act_on_case(manager, case["id"], "moves", {"to": "hearing", "reason": "x"})
    assert refused.json()["code"] == "no_consent_to_approach_respondent"
    report_id = case["reports"][0]["id"]
    etag = manager.get(f"{V1}/reports/{report_id}").headers["ETag"]
    given = {"consents": {"approach_respondent": True}}
    done(manager.patch(f"{V1}/reports/{report_id}", json=given, headers={"If-Match": etag}))
    move_case(manager, case["id"], "hearing")


def test_a_case_on_hold_does_not_move_until_it_is_resumed(manager: TestClient) -> None:
    case_id = add_case(manager)["id"]
    held = done(act_on_case(manager, case_id, "holds", {"reason": "Wacht op de rechtbank."}))
    assert held["is_on_hold"]
    assert held["allowed_moves"] == []
    refused = act_on_case(manager, case_id, "moves", {"to": "analysis", "reason": "x"})
    assert refused.json()["code"] == "case_on_hold"
    assert not done(act_on_case(manager, case_id, "holds/end"))["is_on_hold"]
    move_case(manager, case_id, "analysis")


def test_closing_keeps_assessment_apart_from_outcome_and_reopening_clears_the_outcome(
    manager: TestClient,
) -> None:
    case_id = add_case(manager)["id"]
    done(
        act_on_case(
            manager, case_id, "assessment", {"assessment": "strong_presumption", "reason": "x"}
        )
    )
    closed = done(
        act_on_case(manager, case_id, "closure", {"outcome": "advice_given", "reason": "Klaar."})
    )
    assert (closed["status"], closed["outcome"], closed["assessment"]) == (
        "closed",
        "advice_given",
        "strong_presumption",
    )
    refused = act_on_case(manager, case_id, "moves", {"to": "analysis", "reason": "x"})
    assert refused.status_code == 409
    reopened = done(act_on_case(manager, case_id, "reopening", {"reason": "Nieuw bewijs."}))
    assert (reopened["status"], reopened["outcome"], reopened["closed_on"]) == (
        "analysis",
        None,
        None,
    )


def test_a_case_cannot_be_closed_as_resolved_without_an_agreement(manager: TestClient) -> None:
    case_id = add_case(manager)["id"]
    refused = act_on_case(
        manager, case_id, "closure", {"outcome": "negotiated_resolution", "reason": "x"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "no_agreement")


def test_the_timeline_tells_what_happened_in_order(manager: TestClient) -> None:
    case_id = add_case(manager)["id"]
    move_case(manager, case_id, "analysis")
    done(manager.post(f"{V1}/cases/{case_id}/notes", json={"body": "Gebeld."}), 201)
    task = done(
        manager.post(f"{V1}/cases/{case_id}/tasks", json={"title": "Brief", "due_on": in_days(-3)}),
        201,
    )
    assert manager.get(f"{V1}/worklist").json()["overdue"] == 1
    done(manager.post(f"{V1}/tasks/{task['id']}/completion"))
    assert manager.get(f"{V1}/worklist").json()["items"] == []
    timeline = manager.get(f"{V1}/cases/{case_id}/timeline").json()["items"]
    assert [entry["kind"] for entry in timeline] == [
        "opened",
        "moved",
        "note",
        "task_set",
        "task_done",
    ]


def test_a_change_of_one_version_succeeds_once(application: FastAPI) -> None:
    """50 clients, one ETag: one 200, 49 times 412."""
    manager = make_client(application, Role.CASE_MANAGER)
    case_id = add_case(manager)["id"]
    etag = manager.get(f"{V1}/cases/{case_id}").headers["ETag"]

    def change(number: int) -> int:
        body = {"is_restricted": number % 2 == 0}
        answer = manager.patch(f"{V1}/cases/{case_id}", json=body, headers={"If-Match": etag})
        return int(answer.status_code)

    with ThreadPoolExecutor(50) as pool:
        statuses = sorted(pool.map(change, range(50)))
    assert statuses == [200] + [412] * 49


def test_case_references_have_no_gap_when_many_open_at_once(application: FastAPI) -> None:
    """100 clients, some of them refused: the numbers of the others are 1, 2, 3 ..."""
    manager = make_client(application, Role.CASE_MANAGER)
    reports = [add_report(manager)["id"] for _ in range(100)]
    # Every tenth tries a report that another one takes too.
    wanted = [reports[i - 1] if i % 10 == 9 else reports[i] for i in range(100)]

    def open_one(report_id: str) -> tuple[int, str]:
        for _ in range(50):  # a busy store says 503: come back
            answer = manager.post(f"{V1}/cases", json={"report_ids": [report_id]})
            if answer.status_code != 503:
                break
        return answer.status_code, answer.json().get("reference", "")

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(open_one, wanted))
    opened = sorted(reference for status, reference in answers if status == 201)
    assert sorted({status for status, _ in answers}) == [201, 409]
    assert [int(reference[-6:]) for reference in opened] == list(range(1, 91))


def test_days_on_hold_are_not_counted() -> None:
    holds = [(day("2026-02-01"), day("2026-02-11")), (day("2026-03-25"), None)]
    assert active_days(day("2026-01-01"), day("2026-04-01"), holds) == 90 - 10 - 7
