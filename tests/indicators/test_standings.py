"""The plan of 2009-2011: what the registers show of its norms, and what is entered."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.database import Database
from app.indicators import calculators, standings
from app.indicators.calculators import Asked, Counted
from app.indicators.plan_file import PlanFile, indicators_of, plan_errors
from app.indicators.service import SHIPPED
from tests.makers.activities import add_activity, change_activity
from tests.makers.identity import make_actor, make_client
from tests.makers.indicators import (
    in_tree,
    indicator_body,
    load_plan,
    plan_body,
    read_tree,
    send_value,
    stands,
)
from tests.makers.intake import report_body
from tests.makers.partners import add_agreement, add_partner, wrong_fields
from tests.makers.tour import V1, add_report, done

CORE_GROUP = "OD3.1.2-R2-I1"
PREVENTION = "OD3.3.1-R2-I2"
TEAM_MEETINGS = "OD1.2.1-R2-I1"
NEW_NAME = "OD1.1.1-R1-I1"
PATTERN = "string_pattern_mismatch"


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _meet(worker: TestClient, year: int, times: int, kind: str = "core_group_meeting") -> None:
    for month in range(1, times + 1):
        add_activity(worker, kind=kind, held_on=f"{year}-{month:02}-10", action_points=[])


def test_the_shipped_plan_is_whole_and_there_without_a_step(worker: TestClient) -> None:
    [plan] = done(worker.get(f"{V1}/plans"))["items"]
    assert (plan["code"], plan["version"], plan["is_current"]) == ("plan-2009-2011", 1, True)
    assert plan["indicators"] == 131
    document = done(worker.get(f"{V1}/plans/{plan['id']}"))["document"]
    assert PlanFile.model_validate(document) == PlanFile.model_validate_json(SHIPPED.read_bytes())
    tree = read_tree(worker, 2010, lang="en")
    assert [goal["code"] for goal in tree["strategic"]] == ["SD1", "SD2", "SD3", "SD4", "SD5"]
    assert sum(tree["states"].values()) == len(list(in_tree(tree))) == 131


def test_activities_of_the_plan_years_reproduce_its_norms(worker: TestClient) -> None:
    """Core group: 4, 3 and 5 meetings; a training and both campaigns in 2009."""
    for year, times in ((2009, 4), (2010, 3), (2011, 5)):
        _meet(worker, year, times)
        add_activity(worker, kind="intervision", held_on=f"{year}-05-05")
        add_activity(worker, kind="network_meeting", held_on=f"{year}-06-05", minutes="Verslag.")
    for kind in ("training", "information_campaign", "sensitisation_campaign", "information_flow"):
        add_activity(worker, kind=kind, held_on="2009-09-09")
    core = {year: stands(worker, CORE_GROUP, year) for year in (2009, 2010, 2011)}
    assert [(core[y]["value"], core[y]["state"]) for y in core] == [
        (4, "met"), (3, "not_met"), (5, "met"),
    ]  # fmt: skip
    assert core[2010]["norm"]["value"] == 4
    assert core[2010]["source"] == "computed"
    for code in ("OD3.1.1-R1-I1", "OD3.2.1-R1-I1", "OD3.3.1-R1-I1", "OD3.3.1-R2-I1"):
        assert stands(worker, code, 2009)["state"] == "met", code
        assert stands(worker, code, 2010)["state"] == "not_due", code
    for code in ("OD3.1.1-R1-I2", "OD3.2.1-R1-I3"):
        assert {stands(worker, code, y)["state"] for y in (2009, 2010, 2011)} == {"met"}, code


def test_what_was_not_held_is_missed_where_it_was_due_and_nowhere_else(worker: TestClient) -> None:
    assert stands(worker, "OD3.1.1-R1-I1", 2009)["state"] == "not_met"
    assert stands(worker, "OD3.3.1-R1-I1", 2009)["state"] == "not_met"
    assert stands(worker, "OD3.2.1-R3-I1", 2010)["state"] == "open"
    add_activity(worker, kind="provincial_consultation", held_on="2010-03-03")
    assert stands(worker, "OD3.2.1-R3-I1", 2010)["state"] == "met"


def test_a_year_that_the_plan_leaves_open_is_shown_as_open(worker: TestClient) -> None:
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    left_open = {
        one.indicator.code
        for one in indicators_of(PlanFile.model_validate(document))
        if not one.indicator.due_years
    }
    assert len(left_open) == 27
    for year in (2009, 2010, 2011):
        states = {one["code"]: one["state"] for one in in_tree(read_tree(worker, year))}
        assert {states[code] for code in left_open} == {"open"}
    done(send_value(worker, "OD1.2.1-R4b-I1", 2010, fulfilled=False), 201)
    assert stands(worker, "OD1.2.1-R4b-I1", 2011)["state"] == "open"


def test_the_link_leads_to_the_very_rows_that_count(worker: TestClient) -> None:
    _meet(worker, 2010, 3)
    off = add_activity(worker, held_on="2010-09-09")
    done(change_activity(worker, off, is_cancelled=True))
    add_activity(worker, held_on="2011-01-01")
    found = stands(worker, CORE_GROUP, 2010)
    rows = done(worker.get(found["link"]))["items"]
    assert len(rows) == found["value"] == found["figures"]["activities"] == 3
    assert all(row["held_on"].startswith("2010") for row in rows)


def test_two_core_group_meetings_on_one_day_are_one(worker: TestClient) -> None:
    for _ in range(4):
        add_activity(worker, held_on="2010-02-02")
    found = stands(worker, CORE_GROUP, 2010)
    assert (found["value"], found["figures"]) == (1, {"activities": 4, "days": 1})


def test_partners_of_a_year_and_agreements_only_if_the_area_is_extended(
    worker: TestClient,
) -> None:
    early = add_partner(worker, "Bond Een", active_from="2008-01-01", active_to="2009-06-30")
    add_partner(worker, "Bond Twee", active_from="2009-12-31")
    overview = {year: stands(worker, "OD3.2.1-R1-I2", year) for year in (2009, 2010)}
    assert [overview[year]["value"] for year in overview] == [2, 1]
    assert overview[2009]["state"] == "met"
    for found in overview.values():
        assert len(done(worker.get(found["link"]))["items"]) == found["value"]
    assert stands(worker, "OD3.2.1-R2-I1", 2009)["state"] == "not_due"
    agreement = {"territory": ["Hasselt"], "extends_service_area": True}
    add_agreement(worker, early["id"], valid_from="2009-02-01", **agreement)
    found = stands(worker, "OD3.2.1-R2-I1", 2009)
    assert (found["state"], found["value"]) == ("met", 1)


def test_figures_of_reports_and_cases_are_for_those_who_may_read_figures(
    application: FastAPI, worker: TestClient
) -> None:
    load_plan(
        worker,
        indicator_body(
            "I1", kind="document", norm=None, evidence="annual_report",
            computed=True, computed_scope="figures_only",
        ),
        indicator_body(
            "I2", kind="register_overview", norm=None, evidence="information_request",
            computed=True, computed_scope="bureau_share",
        ),
    )  # fmt: skip
    incident = report_body()["incident"] | {"occurred_from": "2025-03-01"}
    for request in ("information", "information", "assistance"):
        received = {"received_at": "2025-03-03T10:00:00Z"}
        add_report(worker, request=request, incident=incident, **received)
    kept = done(worker.get(f"{V1}/annual-reports/2025"))
    report, questions = (stands(worker, code, 2025) for code in ("I1", "I2"))
    assert report["figures"]["reports"] == kept["figures"]["reports"]["counted"] == 3
    assert questions["figures"] == {"questions": 2}
    assert (report["state"], report["source"]) == ("unknown", "partly")
    for role in (Role.INTAKE_WORKER, Role.CASE_MANAGER):
        colleague = make_client(application, role)
        for code in ("I1", "I2"):
            found = stands(colleague, code, 2025)
            assert (found["figures"], found["value"], found["link"]) == ({}, None, None)
    done(send_value(worker, "I1", 2025, fulfilled=True), 201)
    assert stands(worker, "I1", 2025)["state"] == "met"


def test_an_analyst_sees_counts_and_no_links_to_rows_that_are_not_theirs(
    application: FastAPI, worker: TestClient
) -> None:
    _meet(worker, 2010, 3)
    found = stands(make_client(application, Role.ANALYST), CORE_GROUP, 2010)
    assert (found["value"], found["link"]) == (3, None)


def test_a_feature_above_registers_how_its_evidence_is_counted(
    worker: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prevention action of 2010 that rests on a signal of the report of 2009."""
    monkeypatch.setattr(calculators, "_calculators", dict(calculators._calculators))

    def count(_session: Any, _actor: Any, asked: Asked) -> dict[int, Counted]:
        return {year: Counted(int(year == 2010)) for year in asked.years}

    calculators.register("prevention_action", count)
    states = {year: stands(worker, PREVENTION, year)["state"] for year in (2009, 2010, 2011)}
    assert states == {2009: "not_due", 2010: "met", 2011: "not_met"}


def test_what_is_entered_is_judged_and_the_last_word_counts(worker: TestClient) -> None:
    assert stands(worker, TEAM_MEETINGS, 2009)["state"] == "unknown"
    done(send_value(worker, TEAM_MEETINGS, 2009, value=2), 201)
    assert stands(worker, TEAM_MEETINGS, 2009)["state"] == "not_met"
    link = "https://stad.example/verslagen/2009"
    history = done(send_value(worker, TEAM_MEETINGS, 2009, value=3.5, link=link), 201)
    assert [entry["value"] for entry in history["entries"]] == [3.5, 2]
    found = stands(worker, TEAM_MEETINGS, 2009)
    assert (found["state"], found["value"], found["entry"]["link"]) == ("met", 3.5, link)
    url = f"{V1}/indicators/{TEAM_MEETINGS}"
    done(worker.post(f"{url}/withdrawals", json={"year": 2009, "reason": "Fout geteld."}), 201)
    assert stands(worker, TEAM_MEETINGS, 2009)["state"] == "unknown"
    history = done(worker.get(url))
    assert [entry["value"] for entry in history["entries"]] == [None, 3.5, 2]
    assert [year["year"] for year in history["years"]] == [2009, 2010, 2011]
    again = worker.post(f"{url}/withdrawals", json={"year": 2009, "reason": "Nogmaals."})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_entered")


@pytest.mark.parametrize(
    ("code", "year", "fields", "pointer", "problem"),
    [
        (CORE_GROUP, 2009, {"value": 4}, "/value", "computed"),
        (TEAM_MEETINGS, 2009, {"fulfilled": True}, "/value", "missing"),
        (TEAM_MEETINGS, 2009, {"value": 1, "fulfilled": True}, "/fulfilled", "not_of_this_kind"),
        (TEAM_MEETINGS, 2009, {"value": 1.23456}, "/value", "too_precise"),
        (TEAM_MEETINGS, 2009, {"value": -1}, "/value", "greater_than_equal"),
        (NEW_NAME, 2009, {"value": 1}, "/fulfilled", "missing"),
        (NEW_NAME, 2008, {"fulfilled": True}, "/year", "no_plan"),
        (NEW_NAME, 2009, {"fulfilled": True, "plan": "another"}, "/plan", "unknown_plan"),
        (NEW_NAME, 2008, {"fulfilled": True, "plan": "plan-2009-2011"}, "/year", "not_in_period"),
        (NEW_NAME, 2009, {"fulfilled": True, "evidence": " "}, "/evidence", "too_short"),
        (NEW_NAME, 2009, {"fulfilled": True, "link": "file:///x"}, "/link", PATTERN),
    ],
)  # fmt: skip
def test_an_entry_that_does_not_fit_names_the_field(
    worker: TestClient, code: str, year: int, fields: dict[str, Any], pointer: str, problem: str
) -> None:
    answer = send_value(worker, code, year, **fields)
    assert answer.status_code == 422
    assert wrong_fields(answer) == {pointer: problem}


def test_only_a_coordinator_enters_and_nobody_enters_what_no_plan_names(
    application: FastAPI, worker: TestClient
) -> None:
    assert send_value(worker, "OD9.9.9", 2009, fulfilled=True).status_code == 404
    for role in (Role.INTAKE_WORKER, Role.CASE_MANAGER, Role.ANALYST):
        colleague = make_client(application, role)
        assert send_value(colleague, NEW_NAME, 2009, fulfilled=True).status_code == 403


def test_a_later_version_counts_and_values_stay_by_their_code(worker: TestClient) -> None:
    load_plan(worker, indicator_body("I1"), indicator_body("I2"))
    done(send_value(worker, "I1", 2024, value=3), 201)
    stricter = indicator_body("I1", norm=indicator_body()["norm"] | {"value": 5})
    second = load_plan(worker, stricter)
    assert (second["code"], second["version"]) == ("plan-2024-2026", 2)
    [found] = in_tree(read_tree(worker, 2024))
    assert (found["value"], found["state"]) == (3, "not_met")
    versions = done(worker.get(f"{V1}/plans"))["items"]
    loaded = [(one["version"], one["is_current"]) for one in versions if one["loaded_by"]]
    assert loaded == [(2, True), (1, False)]
    again = worker.post(f"{V1}/plans", json=plan_body(stricter))
    assert (again.status_code, again.json()["code"]) == (409, "nothing_changes")


def test_where_two_plans_hold_a_year_one_must_be_named(worker: TestClient) -> None:
    load_plan(worker, indicator_body("I1"))
    load_plan(worker, indicator_body("I1"), code="other-plan")
    answer = worker.get(f"{V1}/indicators", params={"year": 2025})
    assert wrong_fields(answer) == {"/query/plan": "missing"}
    assert read_tree(worker, 2025, plan="other-plan")["plan"] == "other-plan"
    done(send_value(worker, "I1", 2025, value=9, plan="other-plan"), 201)
    assert stands(worker, "I1", 2025, plan="plan-2024-2026")["value"] is None


@pytest.mark.parametrize(
    ("changes", "pointer", "problem"),
    [
        ({"due_years": [2023]}, "due_years/0", "not_in_period"),
        ({"due_years": [2025, 2024]}, "due_years/1", "date_order"),
        ({"due_years": []}, "due_years", "missing"),
        ({"frequency": "once"}, "norm/per", "frequency"),
        ({"computed": True}, "computed_scope", "computed_scope"),
        ({"code": "R1"}, "code", "duplicate"),
        ({"code": "export"}, "code", "reserved"),
        ({"split_from": "I7"}, "split_from", "unknown_code"),
        ({"kind": "guess"}, "kind", "enum"),
        ({"title": {}}, "title", "missing"),
        ({"unknown": 1}, "unknown", "extra_forbidden"),
    ],
)
def test_a_plan_that_does_not_fit_names_the_place(
    worker: TestClient, changes: dict[str, Any], pointer: str, problem: str
) -> None:
    answer = worker.post(f"{V1}/plans", json=plan_body(indicator_body(**changes)))
    place = "/strategic/0/tactical/0/operational/0/results/0/indicators/0"
    assert answer.status_code == 422
    assert wrong_fields(answer)[f"{place}/{pointer}"] == problem


def test_the_shipped_plan_keeps_the_rules_of_its_form() -> None:
    assert plan_errors(PlanFile.model_validate_json(SHIPPED.read_bytes())) == []
    assert "licence" in Path(SHIPPED.with_name("README.md")).read_text(encoding="utf-8").lower()


def test_unmet_norms_are_what_is_known_to_be_missed(database: Database, worker: TestClient) -> None:
    _meet(worker, 2010, 3)
    done(send_value(worker, TEAM_MEETINGS, 2010, value=1), 201)
    with database.transaction() as session:
        actor = make_actor(session, Role.CASE_MANAGER)
        found = standings.unmet(session, actor, 2010, today=date(2011, 2, 1))
        assert standings.unmet(session, actor, 2030, today=date(2031, 1, 1)) == []
    by_code = {one.code: (one.value, one.norm) for one in found}
    assert by_code[CORE_GROUP] == (Decimal(3), Decimal(4))
    assert by_code[TEAM_MEETINGS] == (Decimal(1), Decimal(3))
    assert NEW_NAME not in by_code


def test_reading_what_people_wrote_stands_in_the_trail(
    application: FastAPI, worker: TestClient
) -> None:
    read_tree(worker, 2010)
    done(send_value(worker, TEAM_MEETINGS, 2010, value=1), 201)
    auditor = make_client(application, Role.AUDITOR)
    events = [e["event"] for e in done(auditor.get(f"{V1}/audit-entries?limit=20"))["items"]]
    assert {"indicators_read", "indicator_entered"} <= set(events)
