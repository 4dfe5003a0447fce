"""The list of a year: what is in it, what is decided on it, and what its readers may know."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.core.access import Role
from app.core.database import Database
from app.intake.models import Report
from app.prevention.models import PreventionDecisionReport
from app.signals.models import SignalReport
from tests.makers.barring import bar
from tests.makers.identity import make_client
from tests.makers.indicators import indicator_body, load_plan
from tests.makers.intake import report_body
from tests.makers.prevention import (
    accept,
    add_past,
    confirm_signal,
    decide,
    decide_on_signal,
    observe,
    plan,
    set_day,
    suggestions,
)
from tests.makers.signals import make_years
from tests.makers.tour import V1, add_case, add_report, done, propose, respond, start_talks

ORGANISATION = "Immo Voorbeeld"


@pytest.fixture
def coordinator(application: FastAPI, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    set_day(monkeypatch, "2026-11-20")
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def worker(application: FastAPI, coordinator: TestClient) -> TestClient:
    return make_client(application, Role.INTAKE_WORKER)


@pytest.fixture
def signal(application: FastAPI, coordinator: TestClient) -> dict[str, Any]:
    with application.state.runtime.database.transaction() as session:
        make_years(session)
    return confirm_signal(application, coordinator)


def _name(worker: TestClient, times: int, **changes: Any) -> list[str]:
    """Reports of this year that name the same organisation; their ids."""
    return [add_report(worker, **changes)["id"] for _ in range(times)]


def test_a_confirmed_signal_stands_above_a_watched_one_and_a_dismissed_one_is_gone(
    signal: dict[str, Any], coordinator: TestClient
) -> None:
    confirmed = suggestions(coordinator, evidence="signal")
    assert {one["evidence"]["signal_reference"] for one in confirmed} == {signal["reference"]}
    assert {one["state"] for one in confirmed} == {"open"}
    ranks = [one["rank"] for one in suggestions(coordinator)]
    assert ranks == list(range(1, len(ranks) + 1))
    decide_on_signal(coordinator, signal["id"], decision="watch")
    watched = {one["id"]: one["score"] for one in suggestions(coordinator, evidence="signal")}
    assert all(watched[one["id"]] == one["score"] - 20 for one in confirmed)
    decide_on_signal(coordinator, signal["id"], decision="dismiss", reason="Eén klas.")
    assert suggestions(coordinator, evidence="signal") == []


def test_the_same_data_give_the_same_list(
    signal: dict[str, Any], coordinator: TestClient, worker: TestClient
) -> None:
    decide_on_signal(coordinator, observe(worker)["id"], decision="confirm")
    _name(worker, 3)
    listed = suggestions(coordinator)
    assert suggestions(coordinator) == listed == suggestions(worker)
    kinds = {one["evidence"]["kind"] for one in listed}
    assert kinds == {"signal", "trend", "observation", "respondent"}
    assert [one["score"] for one in listed] == sorted((s["score"] for s in listed), reverse=True)


def test_each_says_why_in_three_languages(
    signal: dict[str, Any], coordinator: TestClient, worker: TestClient
) -> None:
    decide_on_signal(coordinator, observe(worker)["id"], decision="confirm")
    _name(worker, 3)
    said = {one["evidence"]["kind"]: one["evidence"]["sentences"] for one in suggestions(worker)}
    reference = signal["reference"]
    assert said["signal"]["nl"].startswith(f"Bevestigd signaal {reference}: 12 meldingen over")
    assert said["signal"]["fr"].startswith(f"Signal confirmé {reference} : 12 signalements")
    assert "seen and not counted about" in said["observation"]["en"]
    assert "from September to October 2026" in said["observation"]["en"]
    assert said["respondent"]["nl"].startswith(
        f"Bij 3 voorvallen die in 2026 gemeld werden, wordt {ORGANISATION} genoemd"
    )
    assert "no finding" in said["respondent"]["en"]


def test_a_year_to_come_is_refused_and_one_that_is_left_out_is_the_last(
    coordinator: TestClient,
) -> None:
    url = f"{V1}/prevention/suggestions"
    assert coordinator.get(f"{url}?based_on_year=2027").status_code == 422
    assert coordinator.get(f"{url}?based_on_year=1066").status_code == 422
    assert coordinator.get(f"{url}?year=2026").status_code == 422
    assert done(coordinator.get(url)) == {"based_on_year": 2025, "total": 0, "items": []}


def test_filters_and_a_limit(
    signal: dict[str, Any], coordinator: TestClient, worker: TestClient
) -> None:
    _name(worker, 3)
    url = f"{V1}/prevention/suggestions?based_on_year=2026"
    everything = done(coordinator.get(url))
    assert everything["total"] == len(everything["items"]) > 3
    cut = done(coordinator.get(f"{url}&limit=2"))
    assert (cut["total"], cut["items"]) == (everything["total"], everything["items"][:2])
    named = suggestions(coordinator, evidence="respondent")
    assert named == [one for one in everything["items"] if one["evidence"]["kind"] == "respondent"]
    assert suggestions(coordinator, domain="education", state="accepted") == []


@pytest.mark.parametrize(
    "change",
    [
        {"is_restricted": True},
        {"consent_approach_respondent": False},
        {"consent_statistics": False},
        {"status": "withdrawn"},
        {"disposed_on": date(2026, 11, 1), "respondent_organisation": None},
    ],
)
def test_a_report_that_may_not_be_spoken_of_names_nobody(
    application: FastAPI, worker: TestClient, coordinator: TestClient, change: dict[str, Any]
) -> None:
    ids = _name(worker, 3)
    assert suggestions(coordinator, evidence="respondent")
    with application.state.runtime.database.transaction() as session:
        session.execute(update(Report).where(Report.id == UUID(ids[0])).values(**change))
    assert suggestions(coordinator, evidence="respondent") == []


def test_a_report_from_which_somebody_is_barred_counts_for_no_reader(
    application: FastAPI, worker: TestClient, coordinator: TestClient
) -> None:
    """Else what a barred colleague sees would differ by it."""
    ids = _name(worker, 3)
    barred = make_client(application, Role.INTAKE_WORKER)
    done(bar(coordinator, f"reports/{ids[0]}", barred), 201)
    for reader in (coordinator, worker, barred):
        assert suggestions(reader) == []
    _name(worker, 1)
    assert suggestions(coordinator) == suggestions(barred) != []


def test_persons_are_never_named(worker: TestClient, coordinator: TestClient) -> None:
    incident = report_body()["incident"]
    person = incident | {"respondent": {"kind": "private_person", "name": "Jan Voorbeeld"}}
    _name(worker, 5, incident=person)
    assert suggestions(coordinator) == []


def test_an_analyst_sees_figures_and_no_organisation(
    application: FastAPI, worker: TestClient, coordinator: TestClient
) -> None:
    _name(worker, 3)
    analyst = make_client(application, Role.ANALYST)
    listed = analyst.get(f"{V1}/prevention/suggestions?based_on_year=2026")
    best = done(listed)["items"][0]
    assert ORGANISATION not in listed.text
    assert (best["evidence"]["respondent"], best["partners"]) == (None, [])
    assert "une même organisation" in best["evidence"]["sentences"]["fr"]
    accept(coordinator, suggestions(coordinator)[0])
    shown = analyst.get(f"{V1}/prevention/suggestions/{suggestions(coordinator)[0]['id']}")
    assert done(shown)["decisions"][0]["evidence"]["number"] == 3
    assert ORGANISATION not in shown.text


def test_who_may_not_see_the_signal_sees_neither_suggestion_nor_what_rests_on_it(
    application: FastAPI, signal: dict[str, Any], coordinator: TestClient, worker: TestClient
) -> None:
    best = suggestions(coordinator, evidence="signal")[0]
    accept(coordinator, best)
    action = plan(coordinator, suggestion_ids=[best["id"]])
    url = f"{V1}/prevention/suggestions/{best['id']}"
    assert worker.get(url).status_code == 200
    with application.state.runtime.database.transaction() as session:
        counted = session.scalars(select(SignalReport.report_id)).first()
        session.get_one(Report, counted).is_restricted = True
    assert suggestions(worker, evidence="signal") == []
    assert {kind for one in suggestions(worker) for kind in one["meeting"]} == set()
    assert worker.get(url).status_code == 404
    assert worker.get(url).json() == worker.get(f"{url[:-36]}{uuid4()}").json()
    assert len(suggestions(coordinator)) > 0
    shown = done(worker.get(f"{V1}/prevention/actions/{action['id']}"))
    (link,) = shown["based_on"]
    assert (link["is_hidden"], link["signal"], link["suggestion"]) == (True, None, None)
    assert signal["reference"] not in str(shown)
    rows = done(worker.get(f"{V1}/prevention/actions?signal_year=2026"))["items"]
    assert rows == []
    assert len(done(coordinator.get(f"{V1}/prevention/actions?signal_year=2026"))["items"]) == 1


def test_the_evidence_stays_as_it_was_when_it_was_accepted(
    application: FastAPI, worker: TestClient, coordinator: TestClient
) -> None:
    ids = _name(worker, 3)
    best = suggestions(coordinator)[0]
    accept(coordinator, best)
    _name(worker, 2)
    url = f"{V1}/prevention/suggestions/{best['id']}"
    shown = done(coordinator.get(url))
    assert shown["now"]["evidence"]["number"] == 5
    assert shown["decisions"][0]["evidence"] == best["evidence"]
    assert shown["decisions"][0]["score"] == best["score"]
    with application.state.runtime.database.transaction() as session:
        kept = set(session.scalars(select(PreventionDecisionReport.report_id)))
        assert kept == {UUID(one) for one in ids}
        session.execute(update(Report).where(Report.id.in_(kept)).values(is_restricted=True))
    shown = done(coordinator.get(url))
    assert (shown["now"], shown["state"]) == (None, "accepted")
    assert shown["decisions"][0]["evidence"] == best["evidence"]
    assert worker.get(url).status_code == 404
    refused = coordinator.post(
        f"{url}/decisions",
        json={"decision": "reject", "reason": "Te laat."},
        headers={"If-Match": f'"{shown["version"]}"'},
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "evidence_gone")


def test_what_was_rejected_does_not_come_back_for_the_same_evidence(
    worker: TestClient, coordinator: TestClient
) -> None:
    _name(worker, 3)
    best = suggestions(coordinator)[0]
    assert decide(coordinator, best, "reject").status_code == 422
    done(decide(coordinator, best, "reject", reason="Er loopt al een gesprek."), 201)
    (rejected,) = suggestions(coordinator, state="rejected")
    assert rejected["id"] == best["id"]
    assert best["id"] not in {one["id"] for one in suggestions(coordinator, state="open")}
    again = decide(coordinator, rejected, "reject", reason="Nog eens.")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_changes")
    _name(worker, 1)
    assert best["id"] in {one["id"] for one in suggestions(coordinator, state="open")}


def test_what_was_postponed_comes_back_on_its_day(
    application: FastAPI,
    worker: TestClient,
    coordinator: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _name(worker, 3)
    best = suggestions(coordinator)[0]
    assert decide(coordinator, best, "postpone").status_code == 422
    assert decide(coordinator, best, "postpone", until="2026-11-20").status_code == 422
    done(decide(coordinator, best, "postpone", until="2027-01-15"), 201)
    (waiting,) = suggestions(coordinator, state="postponed")
    assert waiting["postponed_until"] == "2027-01-15"
    set_day(monkeypatch, "2027-01-15")
    later = make_client(application, Role.COORDINATOR)
    back = next(one for one in suggestions(later) if one["id"] == best["id"])
    assert (back["state"], back["postponed_until"]) == ("open", None)
    assert accept(later, back)["state"] == "accepted"


def test_two_who_decide_at_once(worker: TestClient, coordinator: TestClient) -> None:
    _name(worker, 3)
    best = suggestions(coordinator)[0]
    url = f"{V1}/prevention/suggestions/{best['id']}/decisions"
    assert coordinator.post(url, json={"decision": "accept"}).status_code == 428
    assert worker.post(url, json={"decision": "accept"}).status_code == 403
    first = accept(coordinator, best)
    assert first["version"] == 1
    assert decide(coordinator, best, "postpone", until="2027-03-01").status_code == 412
    nobody = f"{V1}/prevention/suggestions/{uuid4()}/decisions"
    unknown = coordinator.post(nobody, json={"decision": "accept"}, headers={"If-Match": '"0"'})
    assert unknown.status_code == 404


def _break_commitment(worker: TestClient) -> None:
    case = add_case(worker)
    talks = start_talks(worker, case["id"])
    proposal = propose(worker, talks)
    done(respond(worker, proposal["id"], talks["parties"][1]["id"], "accept"), 201)
    done(respond(worker, proposal["id"], talks["parties"][0]["id"], "accept"), 201)
    agreement = done(worker.get(f"{V1}/negotiations/{talks['id']}/agreement"))
    commitment = agreement["terms"][0]["commitment_id"]
    body = {"status": "breached", "on": "2026-11-20"}
    done(worker.post(f"{V1}/commitments/{commitment}/follow-ups", json=body), 201)


def test_commitments_that_were_not_kept_in_three_cases(
    database: Database, coordinator: TestClient
) -> None:
    for times in (2, 1):
        assert suggestions(coordinator, evidence="commitments") == []
        for _ in range(times):
            _break_commitment(coordinator)
    best = suggestions(coordinator, evidence="commitments")[0]
    assert best["evidence"]["number"] == 3
    assert best["meeting"] == ["respondent"]
    assert "3 commitments from cases about housing" in best["evidence"]["sentences"]["en"]
    with database.transaction() as session:
        one = session.scalars(select(Report)).first()
        assert one is not None
        one.is_restricted = True
    assert suggestions(coordinator, evidence="commitments") == []


def test_a_ground_that_rises_over_years(
    database: Database, coordinator: TestClient, worker: TestClient
) -> None:
    counts = {2023: 4, 2024: 9, 2025: 18, 2026: 36}
    with database.transaction() as session:
        for year, number in counts.items():
            days = [f"{year}-{place % 10 + 1:02}-{place % 28 + 1:02}" for place in range(number)]
            add_past(session, f"{year}-01-02", domain="housing", ground="age")
            add_past(session, *days, domain="culture_sport_leisure", ground="sexual_orientation")
    found = suggestions(coordinator, evidence="trend")
    assert {one["evidence"]["cell"]["ground"] for one in found} == {"sexual_orientation", None}
    best = found[0]["evidence"]
    assert best["number"] == 36
    assert 1.8 < best["change"] < 2.6
    assert "36 in 2026, each year about 2." in best["sentences"]["en"]
    assert suggestions(worker, year=2024, evidence="trend") == []


def test_a_norm_that_was_not_met_calls_for_what_helps_to_meet_it(coordinator: TestClient) -> None:
    campaign = indicator_body(
        "C1", due_years=[2025], evidence="sensitisation_campaign", computed=True
    ) | {"computed_scope": "full"}
    other = indicator_body("C2", due_years=[2025], evidence="training", computed=True) | {
        "computed_scope": "full"
    }
    load_plan(coordinator, campaign, other)
    found = suggestions(coordinator, year=2025)
    assert {one["evidence"]["norm"] for one in found} == {"C1"}
    assert [one["kind"] for one in found] == ["campaign"]
    said = found[0]["evidence"]["sentences"]
    assert said["nl"] == (
        "Norm C1 (Vergaderingen van de werkgroep) van 2025 is niet gehaald: 0 tegen 3."
    )
    accept(coordinator, found[0])
    shown = done(coordinator.get(f"{V1}/prevention/suggestions/{found[0]['id']}"))
    assert shown["decisions"][0]["evidence"]["sentences"] == said


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"decision": "burn"},
        {"decision": "accept", "extra": 1},
        {"decision": "reject", "reason": ""},
        {"decision": "postpone", "until": "2026-02-30"},
        {"decision": "postpone", "until": "9999-01-01"},
    ],
)
def test_bad_decisions_name_their_field(
    worker: TestClient, coordinator: TestClient, body: dict[str, Any]
) -> None:
    _name(worker, 3)
    best = suggestions(coordinator)[0]
    refused = coordinator.post(
        f"{V1}/prevention/suggestions/{best['id']}/decisions",
        json=body,
        headers={"If-Match": '"0"'},
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"]
