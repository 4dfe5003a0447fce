"""The trail tells who did and who read what, and only the auditor reads it."""

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.tour import V1, add_case, add_report, done


def _entries(auditor: TestClient, **query: str) -> list[tuple[str, str | None]]:
    page = done(auditor.get(f"{V1}/audit-entries", params={"limit": 100} | query))
    return [(entry["event"], entry["actor_id"]) for entry in page["items"]]


def test_reading_a_person_stands_in_the_trail_beside_changing(application: FastAPI) -> None:
    worker, auditor = (make_client(application, r) for r in (Role.CASE_MANAGER, Role.AUDITOR))
    me = worker.headers["X-Test-Account"]
    report = add_report(worker)
    done(worker.get(f"{V1}/reports/{report['id']}"))
    done(worker.get(f"{V1}/reports/{report['id']}/similar"))
    told = sorted(_entries(auditor, object_id=report["id"]))
    assert told == [("report_read", me), ("report_received", me), ("similar_read", me)]
    case = add_case(worker)
    for path in ("", "/notes", "/tasks", "/timeline"):
        done(worker.get(f"{V1}/cases/{case['id']}{path}"))
    events = {event for event, _ in _entries(auditor, object_id=case["id"])}
    assert events == {"case_opened", "case_read", "notes_read", "tasks_read", "timeline_read"}


def test_a_refused_act_leaves_no_entry(application: FastAPI) -> None:
    worker, auditor = (make_client(application, r) for r in (Role.CASE_MANAGER, Role.AUDITOR))
    case = add_case(worker)
    before = sorted(_entries(auditor))
    etag = {"If-Match": '"1"'}
    body = {"outcome": "negotiated_resolution", "reason": "x"}
    refused = worker.post(f"{V1}/cases/{case['id']}/closure", json=body, headers=etag)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_agreement")
    assert sorted(_entries(auditor)) == before


def test_an_act_without_a_login_names_nobody(application: FastAPI, client: TestClient) -> None:
    auditor = make_client(application, Role.AUDITOR)
    client.post(f"{V1}/public/reports", json=report_body())
    assert _entries(auditor, event="report_received") == [("report_received", None)]


def test_nobody_but_the_auditor_reads_it_and_nobody_changes_it(application: FastAPI) -> None:
    for role in set(Role) - {Role.AUDITOR}:
        assert make_client(application, role).get(f"{V1}/audit-entries").status_code == 403
    auditor = make_client(application, Role.AUDITOR)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert auditor.request(method, f"{V1}/audit-entries").status_code == 405
