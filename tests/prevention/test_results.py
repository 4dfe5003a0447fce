"""What came of an action: counted by the system, kept as it was known, shown to who may know."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.database import Database
from app.intake.models import Report
from tests.makers.barring import bar
from tests.makers.identity import make_client
from tests.makers.prevention import (
    accept,
    add_past,
    confirm_signal,
    decide_on_signal,
    move,
    plan,
    set_day,
    suggestions,
)
from tests.makers.signals import look, make_years
from tests.makers.tour import V1, done

BEFORE = [f"2026-{month:02}-{day:02}" for month in (2, 3, 4) for day in range(3, 9)]
AFTER = ["2026-07-04", "2026-08-05", "2026-09-06"]


@pytest.fixture
def coordinator(application: FastAPI, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    set_day(monkeypatch, "2026-10-02")
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def ids(database: Database) -> list[UUID]:
    with database.transaction() as session:
        add_past(session, "2024-01-05", domain="housing", ground="age")
        add_past(session, "2026-03-01", "2026-08-01", domain="housing")
        add_past(session, "2026-05-10", "2026-06-20")  # months of the action count for neither
        return add_past(session, *BEFORE, *AFTER)


def _tell(client: TestClient, action: dict[str, Any], **body: Any) -> dict[str, Any]:
    url = f"{V1}/prevention/actions/{action['id']}/results"
    return done(client.post(url, json={"text": "Vier scholen deden mee."} | body), 201)


def _completed(client: TestClient, **fields: Any) -> dict[str, Any]:
    action = plan(client, **({"domain": "education", "ground": "disability"} | fields))
    return move(client, action, ("running", "2026-05-04"), ("completed", "2026-06-15"))


def test_reports_before_and_after_are_counted_from_what_the_action_was_aimed_at(
    coordinator: TestClient, ids: list[UUID]
) -> None:
    action = _completed(coordinator)
    result = _tell(coordinator, action, participants=63)
    measured = result["measured"]
    assert measured["before_months"] == ["2026-02", "2026-03", "2026-04"]
    assert measured["after_months"] == ["2026-07", "2026-08", "2026-09"]
    assert (measured["before"], measured["after"]) == (18, 3)
    assert (measured["verdict"], measured["ratio"]) == ("fewer", 0.167)
    assert measured["low"] < 0.167 < measured["high"] < 1
    said = measured["sentences"]
    assert said["nl"].startswith(
        "18 meldingen over onderwijs en over handicap in de 3 maanden ervoor (van februari tot"
        " april 2026), 3 in evenveel tijd erna (van juli tot september 2026)."
    )
    assert "non des discriminations" in said["fr"]
    assert "peak" not in said["en"]
    earlier = suggestions(coordinator)
    assert all(one["before"][0]["verdict"] == "fewer" for one in earlier if one["before"])


def test_what_was_known_then_is_kept(
    coordinator: TestClient, ids: list[UUID], database: Database
) -> None:
    action = _completed(coordinator)
    first = _tell(coordinator, action)
    with database.transaction() as session:
        add_past(session, *["2026-08-20"] * 20)
    second = _tell(coordinator, action, text="Nog eens geteld.")
    assert (first["measured"]["after"], second["measured"]["after"]) == (3, 23)
    shown = done(coordinator.get(f"{V1}/prevention/actions/{action['id']}"))
    assert shown["results"] == [first, second]


def test_figures_cannot_be_sent(coordinator: TestClient, ids: list[UUID]) -> None:
    action = _completed(coordinator)
    url = f"{V1}/prevention/actions/{action['id']}/results"
    for extra in ({"measured": {"before": 90, "after": 1}}, {"verdict": "fewer"}):
        assert coordinator.post(url, json={"text": "Mooi.", **extra}).status_code == 422
    assert coordinator.post(url, json={"text": "Mooi.", "participants": -1}).status_code == 422


def test_one_that_has_not_ended_or_is_aimed_at_nothing_is_not_measured(
    coordinator: TestClient, ids: list[UUID]
) -> None:
    running = move(coordinator, plan(coordinator, domain="education"), ("running", "2026-05-04"))
    aimless = _completed(coordinator, domain=None, ground=None)
    for action in (running, aimless):
        result = _tell(coordinator, action)
        assert (result["measured"], result["is_hidden"]) == (None, False)


def test_one_that_has_just_ended_is_too_early_to_compare(
    coordinator: TestClient, ids: list[UUID]
) -> None:
    action = plan(coordinator, domain="education")
    move(coordinator, action, ("running", "2026-09-01"), ("completed", "2026-09-20"))
    measured = _tell(coordinator, action)["measured"]
    assert (measured["verdict"], measured["after_months"]) == ("too_early", [])
    assert measured["sentences"]["nl"].startswith("Er is na de actie nog geen hele maand voorbij")


def test_who_may_not_know_of_a_report_does_not_see_what_counts_it(
    application: FastAPI, coordinator: TestClient, ids: list[UUID]
) -> None:
    worker = make_client(application, Role.INTAKE_WORKER)
    action = _completed(coordinator)
    _tell(coordinator, action)
    url = f"{V1}/prevention/actions/{action['id']}"
    assert done(worker.get(url))["results"][0]["measured"]["before"] == 18
    done(bar(coordinator, f"reports/{ids[0]}", worker), 201)
    hidden = done(worker.get(url))["results"][0]
    assert (hidden["measured"], hidden["is_hidden"]) == (None, True)
    assert hidden["text"] == "Vier scholen deden mee."
    assert done(coordinator.get(url))["results"][0]["measured"]["before"] == 18


def test_a_restricted_case_is_in_no_count_that_is_made_after(
    coordinator: TestClient, ids: list[UUID], database: Database
) -> None:
    with database.transaction() as session:
        session.get_one(Report, ids[0]).is_restricted = True
    assert _tell(coordinator, _completed(coordinator))["measured"]["before"] == 17


@pytest.mark.parametrize("straight", [True, False])
def test_after_a_signal_its_own_series_is_counted_and_its_peak_is_told_of(
    application: FastAPI,
    database: Database,
    coordinator: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    straight: bool,
) -> None:
    with database.transaction() as session:
        make_years(session)
    set_day(monkeypatch, "2026-11-20")
    coordinator = make_client(application, Role.COORDINATOR)
    if straight:
        signal = confirm_signal(application, coordinator)
        rests = {"signal_ids": [signal["id"]]}
    else:
        look(application, event_counting="once", counted_by="incident")
        (found,) = done(coordinator.get(f"{V1}/signals?origin=detected"))["items"]
        signal = decide_on_signal(coordinator, found["id"], decision="confirm")
        best = suggestions(coordinator, evidence="signal")[0]
        accept(coordinator, best)
        rests = {"suggestion_ids": [best["id"]]}
    action = plan(coordinator, domain="housing", **rests)
    move(coordinator, action, ("running", "2026-11-03"), ("completed", "2026-11-10"))
    set_day(monkeypatch, "2027-02-03")
    coordinator = make_client(application, Role.COORDINATOR)
    with database.transaction() as session:
        add_past(session, "2026-12-04", "2027-01-20")
    measured = _tell(coordinator, action)["measured"]
    assert measured["cell"] == signal["cell"]
    assert measured["counted_by"] == signal["counted_by"]
    assert measured["event_counting"] == signal["event_counting"]
    assert measured["before_months"] == ["2026-09", "2026-10"]
    assert measured["before"] >= 8
    assert "na een piek dalen" in measured["sentences"]["nl"]


def test_a_register_that_ends_is_no_fall(coordinator: TestClient, database: Database) -> None:
    """An import ended in May: nothing is known of the months after."""
    with database.transaction() as session:
        add_past(session, "2024-01-05", *BEFORE)
    measured = _tell(coordinator, _completed(coordinator))["measured"]
    assert (measured["before"], measured["after"], measured["verdict"]) == (18, 0, "too_few")
