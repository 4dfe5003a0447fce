"""Triage, likely duplicates, mass events."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.errors import ConflictError
from app.intake.domain import TRIAGE, ReportStatus, TriageDecision, status_after
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.tour import V1, add_report, done


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _triage(worker: TestClient, report: dict[str, Any], decision: str, **more: Any) -> Any:
    url = f"{V1}/reports/{report['id']}"
    etag = {"If-Match": worker.get(url).headers["ETag"]}
    body = {"decision": decision, "reason": "Zo besloten.", **more}
    return worker.post(f"{url}/triage", json=body, headers=etag)


@pytest.mark.parametrize(
    ("status", "decision"),
    [(s, d) for s in ReportStatus for d in TriageDecision if d not in TRIAGE[s]],
)
def test_a_decision_that_is_not_in_the_table_is_refused(
    status: ReportStatus, decision: TriageDecision
) -> None:
    with pytest.raises(ConflictError):
        status_after(status, decision)


def test_every_decision_leaves_its_status_and_answers_the_report(worker: TestClient) -> None:
    partner = done(
        worker.post(f"{V1}/partners", json={"name": "De politie", "kind": "police"}), 201
    )
    original = add_report(worker)
    needs = {"refer": {"partner_id": partner["id"]}, "duplicate": {"duplicate_of": original["id"]}}
    statuses = {}
    for decision in TriageDecision:
        report = add_report(worker, channel="email")
        found = done(_triage(worker, report, decision, **needs.get(decision, {})))
        statuses[decision.value] = found["status"]
        assert found["acknowledged_on"] is not None
        assert found["answered_on"] is not None
        assert [row["decision"] for row in found["triages"]] == [decision]
    assert statuses == {
        "give_information": "information_given",
        "register_only": "registered_only",
        "open_case": "case_opened",
        "refer": "referred",
        "inadmissible": "inadmissible",
        "duplicate": "duplicate",
    }


@pytest.mark.parametrize(
    ("decision", "fields", "pointer", "code"),
    [
        ("refer", {}, "/partner_id", "missing"),
        ("duplicate", {}, "/duplicate_of", "missing"),
        (
            "register_only",
            {"duplicate_of": "7aa1c1ae-477f-4746-94d3-c566f528216e"},
            "/duplicate_of",
            "unfitting",
        ),
        (
            "refer",
            {"partner_id": "7aa1c1ae-477f-4746-94d3-c566f528216e"},
            "/partner_id",
            "unknown_partner",
        ),
        (
            "duplicate",
            {"duplicate_of": "7aa1c1ae-477f-4746-94d3-c566f528216e"},
            "/duplicate_of",
            "unknown_report",
        ),
    ],
)
def test_a_decision_needs_what_belongs_to_it(
    worker: TestClient, decision: str, fields: dict[str, str], pointer: str, code: str
) -> None:
    answer = _triage(worker, add_report(worker), decision, **fields)
    assert answer.status_code == 422
    assert {"pointer": pointer, "code": code}.items() <= answer.json()["errors"][0].items()


def test_duplicates_make_no_chain_and_lose_nothing(worker: TestClient) -> None:
    first, second, third = (add_report(worker) for _ in range(3))
    done(_triage(worker, second, "duplicate", duplicate_of=first["id"]))
    for report, of in ((third, second), (first, third), (third, third)):
        answer = _triage(worker, report, "duplicate", duplicate_of=of["id"])
        assert answer.json()["errors"][0]["pointer"] == "/duplicate_of", (report, of)
    assert done(worker.get(f"{V1}/reports/{second['id']}"))["incident"] == second["incident"]


def test_likely_duplicates_come_with_their_reasons_the_likeliest_first(
    worker: TestClient,
) -> None:
    body = report_body()
    report = add_report(worker)
    same = add_report(worker)
    other_text = {
        **body["incident"],
        "narrative": "Op de bus riep de chauffeur iets over mijn hoofddoek.",
    }
    alike = add_report(worker, incident=other_text)
    elsewhere = {
        **other_text,
        "domain": "education",
        "municipality": "Hasselt",
        "district": None,
        "respondent": {"kind": "school", "name": "Een school"},
    }
    add_report(worker, incident=elsewhere)
    found = done(worker.get(f"{V1}/reports/{report['id']}/similar"))
    assert [(i["report"]["id"], i["score"]) for i in found["items"]] == [
        (same["id"], 1.0),
        (alike["id"], 0.65),
    ]
    assert "similar_text" in found["items"][0]["reasons"]
    assert "similar_text" not in found["items"][1]["reasons"]
    assert "same_respondent" in found["items"][1]["reasons"]


def test_reports_of_one_event_are_grouped_and_stay_reports(worker: TestClient) -> None:
    ids = [add_report(worker)["id"] for _ in range(3)]
    event = done(
        worker.post(f"{V1}/events", json={"title": "Een affiche", "report_ids": ids[:2]}), 201
    )
    url = f"{V1}/events/{event['id']}"
    event = done(worker.post(f"{url}/reports", json={"report_ids": ids[2:]}), 201)
    assert set(event["report_ids"]) == set(ids)
    assert done(worker.get(f"{V1}/reports?count=true"))["total"] == 3
    other = worker.post(f"{V1}/events", json={"title": "Iets anders", "report_ids": ids[:1]})
    assert other.json()["errors"][0]["code"] == "other_event"
