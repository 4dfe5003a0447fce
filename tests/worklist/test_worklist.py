"""What is due, the most overdue first."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.tour import V1, add_case, add_report, done, in_days


@pytest.fixture
def manager(application: FastAPI) -> TestClient:
    return make_client(application, Role.CASE_MANAGER)


def _task(manager: TestClient, case_id: str, days: int, **fields: str) -> None:
    body = {"title": "Bellen", "due_on": in_days(days), **fields}
    done(manager.post(f"{V1}/cases/{case_id}/tasks", json=body), 201)


def test_the_most_overdue_comes_first_and_what_is_far_off_does_not_come(
    manager: TestClient,
) -> None:
    case_id = add_case(manager)["id"]
    for days in (3, -10, 20, -2):
        _task(manager, case_id, days)
    found = done(manager.get(f"{V1}/worklist"))
    assert [item["due_on"] for item in found["items"]] == [in_days(-10), in_days(-2), in_days(3)]
    assert [item["is_overdue"] for item in found["items"]] == [True, True, False]
    assert found["overdue"] == 2
    assert len(done(manager.get(f"{V1}/worklist?ahead_days=30"))["items"]) == 4


def test_mine_is_mine_and_what_nobody_has(application: FastAPI, manager: TestClient) -> None:
    other = make_client(application, Role.CASE_MANAGER)
    case_id = add_case(manager)["id"]
    _task(manager, case_id, 1, assignee_id=other.headers["X-Test-Account"])
    _task(manager, case_id, 2)
    late = add_report(manager, channel="email", received_at="2026-01-06T10:00:00Z")
    kinds = [item["kind"] for item in done(manager.get(f"{V1}/worklist?mine=true"))["items"]]
    assert kinds == ["acknowledge_report", "answer_report", "task"]
    assert len(done(other.get(f"{V1}/worklist"))["items"]) == 4
    assert late["acknowledged_on"] is None


def test_a_decision_takes_a_report_off_the_list(manager: TestClient, client: TestClient) -> None:
    client.post(f"{V1}/public/reports", json=report_body())
    items = done(manager.get(f"{V1}/worklist?ahead_days=90"))["items"]
    assert [item["kind"] for item in items] == ["acknowledge_report", "answer_report"]
    url = f"{V1}/reports/{items[0]['object_id']}"
    etag = {"If-Match": manager.get(url).headers["ETag"]}
    body = {"decision": "register_only", "reason": "Wil alleen melden."}
    done(manager.post(f"{url}/triage", json=body, headers=etag))
    assert done(manager.get(f"{V1}/worklist?ahead_days=90"))["items"] == []
