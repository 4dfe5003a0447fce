"""A restricted case exists only for its handler and the coordinator."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from tests.makers.identity import make_client
from tests.makers.tour import V1, add_case, add_report, done, start_talks


@pytest.fixture
def handler(application: FastAPI) -> TestClient:
    return make_client(application, Role.CASE_MANAGER)


@pytest.fixture
def others(application: FastAPI) -> list[TestClient]:
    return [
        make_client(application, Role.INTAKE_WORKER),
        make_client(application, Role.CASE_MANAGER),
    ]


def test_nothing_tells_of_it(
    application: FastAPI, handler: TestClient, others: list[TestClient]
) -> None:
    secret = add_report(handler)
    case = add_case(handler, secret["id"], is_restricted=True)
    open_case = add_case(handler)
    alike = add_report(handler)
    done(
        handler.post(
            f"{V1}/cases/{open_case['id']}/links",
            json={"case_id": case["id"], "kind": "same_respondent"},
        ),
        201,
    )
    talks = start_talks(handler, case["id"])
    done(
        handler.post(f"{V1}/cases/{case['id']}/tasks", json={"title": "x", "due_on": "2026-01-01"}),
        201,
    )
    known_to_handler = handler.get(f"{V1}/cases/{open_case['id']}/timeline").text
    assert case["id"] in known_to_handler
    paths = [
        "/reports?count=true",
        f"/reports?q={secret['reference']}&count=true",
        "/cases?count=true&status=negotiation",
        f"/cases?q={case['reference']}&count=true",
        f"/reports/{alike['id']}/similar",
        f"/cases/{open_case['id']}",
        f"/cases/{open_case['id']}/timeline",
        "/worklist?ahead_days=365&limit=200",
        "/tasks",
        "/commitments",
    ]
    for other in others:
        for path in (
            f"/cases/{case['id']}",
            f"/cases/{case['id']}/timeline",
            f"/cases/{case['id']}/notes",
            f"/cases/{case['id']}/tasks",
            f"/cases/{case['id']}/negotiations",
            f"/negotiations/{talks['id']}",
            f"/negotiations/{talks['id']}/agreement",
            f"/reports/{secret['id']}",
            f"/reports/{secret['id']}/similar",
        ):
            assert other.get(V1 + path).status_code == 404, path
        for path in paths:
            shown = done(other.get(V1 + path))
            text = str(shown)
            for trace in (case["id"], case["reference"], secret["id"], secret["reference"]):
                assert trace not in text, path
        words = {"words": "woning"}
        found = done(other.post(f"{V1}/reports/search", json=words))
        assert len(found["items"]) == found["opened"] == 2
        assert secret["id"] not in str(found)
        assert other.get(f"{V1}/reports?count=true").json()["total"] == 2
        assert other.get(f"{V1}/cases?count=true").json()["total"] == 1
        refused = other.post(
            f"{V1}/cases/{open_case['id']}/links",
            json={"case_id": case["id"], "kind": "other"},
        )
        assert refused.status_code in (403, 422)
    coordinator = make_client(application, Role.COORDINATOR)
    assert coordinator.get(f"{V1}/cases/{case['id']}").status_code == 200
    assert coordinator.get(f"{V1}/reports/{secret['id']}").status_code == 200


def test_handing_it_over_moves_the_sight_of_its_reports(
    application: FastAPI, handler: TestClient
) -> None:
    report = add_report(handler)
    case = add_case(handler, report["id"], is_restricted=True)
    successor = make_client(application, Role.CASE_MANAGER)
    successor_id = successor.get(f"{V1}/me").json()["id"]
    etag = handler.get(f"{V1}/cases/{case['id']}").headers["ETag"]
    done(
        handler.patch(
            f"{V1}/cases/{case['id']}",
            json={"handler_id": successor_id},
            headers={"If-Match": etag},
        )
    )
    assert handler.get(f"{V1}/reports/{report['id']}").status_code == 404
    assert successor.get(f"{V1}/reports/{report['id']}").status_code == 200


def test_lifting_the_restriction_shows_it_again(
    application: FastAPI, handler: TestClient, others: list[TestClient]
) -> None:
    case = add_case(handler, is_restricted=True)
    etag = handler.get(f"{V1}/cases/{case['id']}").headers["ETag"]
    done(
        handler.patch(
            f"{V1}/cases/{case['id']}", json={"is_restricted": False}, headers={"If-Match": etag}
        )
    )
    assert others[0].get(f"{V1}/cases/{case['id']}").status_code == 200


def _triage_as_duplicate(worker: TestClient, report_id: str, of: str) -> None:
    url = f"{V1}/reports/{report_id}"
    body = {"decision": "duplicate", "reason": "Zelfde voorval.", "duplicate_of": of}
    etag = {"If-Match": worker.get(url).headers["ETag"]}
    done(worker.post(f"{url}/triage", json=body, headers=etag))


def test_an_event_whose_reports_are_all_hidden_is_hidden(
    handler: TestClient, others: list[TestClient]
) -> None:
    ids = [add_report(handler)["id"] for _ in range(2)]
    body = {"title": "Een affiche", "report_ids": ids}
    event = done(handler.post(f"{V1}/events", json=body), 201)
    add_case(handler, ids[0], is_restricted=True)
    for other in others:
        assert done(other.get(f"{V1}/events/{event['id']}"))["report_ids"] == ids[1:]
    add_case(handler, ids[1], is_restricted=True)
    for other in others:
        url = f"{V1}/events/{event['id']}"
        assert other.get(url).status_code == 404
        more = {"report_ids": [add_report(other)["id"]]}
        assert other.post(f"{url}/reports", json=more).status_code == 404
        assert done(other.get(f"{V1}/events?count=true"))["total"] == 0
    assert set(done(handler.get(f"{V1}/events/{event['id']}"))["report_ids"]) == set(ids)


def test_a_duplicate_does_not_name_a_report_that_is_hidden(
    handler: TestClient, others: list[TestClient]
) -> None:
    original, repeat = add_report(handler)["id"], add_report(handler)["id"]
    _triage_as_duplicate(handler, repeat, original)
    add_case(handler, original, is_restricted=True)
    for other in others:
        shown = other.get(f"{V1}/reports/{repeat}")
        assert shown.json()["status"] == "duplicate"
        assert original not in shown.text
    assert done(handler.get(f"{V1}/reports/{repeat}"))["duplicate_of"] == original


def test_a_retry_does_not_show_what_was_hidden_since(
    handler: TestClient, others: list[TestClient]
) -> None:
    worker, key = others[0], {"Idempotency-Key": "a-key-of-the-client"}
    report = add_report(worker)["id"]
    url, body = f"{V1}/reports/{report}/messages", {"body": "Dag."}
    done(worker.post(url, json=body, headers=key), 201)
    add_case(handler, report, is_restricted=True)
    again = worker.post(url, json=body, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "answer_withheld")
    assert len(done(handler.get(f"{V1}/reports/{report}"))["messages"]) == 1


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.ADMIN, Role.INTAKE_WORKER])
def test_it_is_handed_only_to_who_may_handle_cases(
    application: FastAPI, handler: TestClient, role: Role
) -> None:
    case = add_case(handler, is_restricted=True)
    url = f"{V1}/cases/{case['id']}"
    change = {"handler_id": make_client(application, role).headers["X-Test-Account"]}
    etag = {"If-Match": handler.get(url).headers["ETag"]}
    answer = handler.patch(url, json=change, headers=etag)
    assert answer.json()["errors"][0]["code"] == "wrong_role"


def test_nobody_is_given_work_in_a_case_they_do_not_see(
    handler: TestClient, others: list[TestClient]
) -> None:
    case = add_case(handler, is_restricted=True)
    outsider = others[1].headers["X-Test-Account"]
    task = {"title": "Bellen", "due_on": "2030-01-01", "assignee_id": outsider}
    answer = handler.post(f"{V1}/cases/{case['id']}/tasks", json=task)
    assert answer.json()["errors"][0]["code"] == "cannot_see_case"
    talks = {
        "mediator_id": outsider,
        "parties": [{"role": "complainant", "name": "A"}, {"role": "respondent", "name": "B"}],
        "consents": {"complainant": True, "respondent": True},
    }
    answer = handler.post(f"{V1}/cases/{case['id']}/negotiations", json=talks)
    assert answer.json()["errors"][0]["code"] == "cannot_see_case"
