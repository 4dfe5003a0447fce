"""A colleague who is named in a report or at the table cannot tell it from nothing."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.database import Database
from app.intake.models import ReportBar
from tests.makers.barring import bar, make_named_client, readmit, report_about
from tests.makers.identity import account_id, make_client
from tests.makers.tour import (
    V1,
    add_case,
    add_report,
    done,
    start_talks,
)

ROLES = (Role.INTAKE_WORKER, Role.CASE_MANAGER, Role.COORDINATOR)


@pytest.fixture
def coordinator(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def colleague(application: FastAPI) -> TestClient:
    return make_client(application, Role.CASE_MANAGER)


NAME = "Émile Van den Voorbeeld"


@pytest.mark.parametrize("written", [NAME, "emile  van den VOORBEELD"])
@pytest.mark.parametrize("role", ROLES)
def test_who_is_named_as_the_respondent_is_barred(
    application: FastAPI, coordinator: TestClient, role: Role, written: str
) -> None:
    named = make_named_client(application, NAME, role)
    report = done(coordinator.post(f"{V1}/reports", json=report_about(written)), 201)["id"]
    assert named.get(f"{V1}/reports/{report}").status_code == 404
    (shown,) = done(coordinator.get(f"{V1}/reports/{report}/barred"))["items"]
    assert shown | {"barred_on": ""} == {
        "account_id": str(account_id(named)),
        "kind": "named",
        "reason": None,
        "barred_on": "",
        "barred_by_id": None,
        "work": [],
    }
    case = add_case(coordinator, report)["id"]
    assert named.get(f"{V1}/cases/{case}").status_code == 404


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Emile Van den Voorbeelden", "private_person"),
        ("Emile", "private_person"),
        (NAME, "company"),
    ],
)
def test_another_name_or_an_organisation_bars_nobody(
    application: FastAPI, coordinator: TestClient, name: str, kind: str
) -> None:
    colleague = make_named_client(application, NAME, Role.CASE_MANAGER)
    report = done(coordinator.post(f"{V1}/reports", json=report_about(name, kind)), 201)["id"]
    assert colleague.get(f"{V1}/reports/{report}").status_code == 200


def test_whoever_reports_about_himself_hears_the_answer_and_nothing_more(
    application: FastAPI,
) -> None:
    named = make_named_client(application, NAME, Role.INTAKE_WORKER)
    report = done(named.post(f"{V1}/reports", json=report_about(NAME)), 201)
    assert named.get(f"{V1}/reports/{report['id']}").status_code == 404
    assert done(named.get(f"{V1}/reports?count=true"))["total"] == 0


def test_a_report_from_outside_keeps_no_time_of_its_bar(
    application: FastAPI, client: TestClient
) -> None:
    named = make_named_client(application, NAME, Role.INTAKE_WORKER)
    body = report_about(NAME)
    body["channel"] = "web"
    done(client.post(f"{V1}/public/reports", json=body), 201)
    assert done(named.get(f"{V1}/reports?count=true"))["total"] == 0
    auditor = make_client(application, Role.AUDITOR)
    (entry,) = done(auditor.get(f"{V1}/audit-entries?event=colleague_barred"))["items"]
    assert entry["at"].endswith("T00:00:00Z")


def test_a_name_that_is_corrected_in_a_case_hides_all_of_it(
    application: FastAPI, coordinator: TestClient
) -> None:
    named = make_named_client(application, NAME, Role.CASE_MANAGER)
    reports = [add_report(coordinator)["id"] for _ in range(2)]
    case = add_case(coordinator, *reports)["id"]
    _correct(coordinator, reports[0], NAME)
    for path in (f"cases/{case}", *(f"reports/{r}" for r in reports)):
        assert named.get(f"{V1}/{path}").status_code == 404


def _correct(worker: TestClient, report_id: str, name: str) -> None:
    url = f"{V1}/reports/{report_id}"
    change = {"incident": {"respondent": {"kind": "private_person", "name": name}}}
    etag = {"If-Match": worker.get(url).headers["ETag"]}
    done(worker.patch(url, json=change, headers=etag))


def test_a_party_of_talks_is_barred_and_what_they_handle_is_shown(
    application: FastAPI, coordinator: TestClient
) -> None:
    named = make_named_client(application, NAME, Role.CASE_MANAGER)
    case = add_case(coordinator, handler_id=str(account_id(named)))["id"]
    talks = start_talks(named, case, NAME)
    for path in (f"cases/{case}", f"negotiations/{talks['id']}", "worklist"):
        assert named.get(f"{V1}/{path}").status_code == (200 if path == "worklist" else 404)
    (shown,) = done(coordinator.get(f"{V1}/cases/{case}/barred"))["items"]
    assert (shown["kind"], shown["work"]) == ("named", ["handler", "mediator"])


def test_a_bar_by_name_that_was_lifted_does_not_come_back(
    application: FastAPI, coordinator: TestClient, database: Database
) -> None:
    named = make_named_client(application, NAME, Role.CASE_MANAGER)
    report = done(coordinator.post(f"{V1}/reports", json=report_about(NAME)), 201)["id"]
    assert readmit(coordinator, f"reports/{report}", named).status_code == 204
    _correct(coordinator, report, "Een ander")
    _correct(coordinator, report, NAME)
    assert named.get(f"{V1}/reports/{report}").status_code == 200
    done(bar(coordinator, f"reports/{report}", named), 201)
    assert named.get(f"{V1}/reports/{report}").status_code == 404
    with database.snapshot() as session:
        assert session.query(ReportBar).count() == 1


def test_who_handles_a_case_takes_no_report_that_hides_it_from_them(
    application: FastAPI, coordinator: TestClient
) -> None:
    named = make_named_client(application, NAME, Role.CASE_MANAGER)
    case = add_case(coordinator, handler_id=str(account_id(named)))["id"]
    report = done(coordinator.post(f"{V1}/reports", json=report_about(NAME)), 201)["id"]
    answer = coordinator.post(f"{V1}/cases/{case}/reports", json={"report_ids": [report]})
    assert (answer.status_code, answer.json()["code"]) == (409, "has_work")
    assert named.get(f"{V1}/cases/{case}").status_code == 200
