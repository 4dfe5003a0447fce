"""Months are kept, and what is kept is always what the rows say."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.annual_report import months, queries
from app.annual_report.domain import Flows, MonthFigures
from app.annual_report.models import FigureMonth
from app.cases.models import Case, CaseHold
from app.core.access import Role
from app.core.database import Database
from app.intake.models import MassEvent, Report
from app.resolutions.models import Commitment, Negotiation
from benchmarks.made_up_years import fill
from tests.makers.identity import make_client
from tests.makers.tour import V1, act_on_case, add_case, add_report, done, propose, start_talks

HOME = "genk"
WATCHED = (
    "reports",
    "cases",
    "case_reports",
    "case_holds",
    "negotiations",
    "agreements",
    "commitments",
)
ALL_TIME = {"first": "0001-01", "last": "9999-12"}


def _as_kept(database: Database) -> tuple[dict[str, Flows], dict[str, MonthFigures]]:
    with database.snapshot() as session:
        return months.load(session, **ALL_TIME, home=HOME)


def _as_counted(
    database: Database, of: set[str]
) -> tuple[dict[str, Flows], dict[str, MonthFigures]]:
    with database.snapshot() as session:
        counted = {month: months.count_month(session, month, home=HOME) for month in of}
    return {m: c.flows for m, c in counted.items()}, {m: c.figures for m, c in counted.items()}


def _stale(database: Database) -> list[str]:
    with database.snapshot() as session:
        return sorted(queries.stale_months(session))


def test_every_table_that_is_counted_marks_its_months(database: Database, store: str) -> None:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with database.snapshot() as session:
        found = set(session.scalars(text(catalogue[store])))
    wanted = {f"stale_{table}_{act}" for table in WATCHED for act in ("insert", "update", "delete")}
    assert wanted <= found


def _some(session: Session, model: Any, chance: Random) -> Any:
    return session.scalars(select(model).offset(chance.randrange(15)).limit(1)).one()


def _change_report(session: Session, chance: Random) -> None:
    report = _some(session, Report, chance)
    match chance.randrange(4):
        case 0:
            report.ground_codes = chance.choice(["age", "age,sex", "disability"])
        case 1:
            report.consent_statistics = not report.consent_statistics
        case 2:
            report.received_on -= timedelta(days=chance.randrange(60))
        case _:
            event = session.scalars(select(MassEvent).limit(1)).one()
            report.event_id = None if report.event_id else event.id


def _change_case(session: Session, chance: Random) -> None:
    if chance.random() < 0.5:
        hold = _some(session, CaseHold, chance)
        session.execute(delete(CaseHold).where(CaseHold.id == hold.id))
        return
    case = _some(session, Case, chance)
    if case.closed_on:
        case.status, case.outcome, case.closed_on = "analysis", None, None


def _change_talks(session: Session, chance: Random) -> None:
    commitment = _some(session, Commitment, chance)
    commitment.status = chance.choice(["fulfilled", "breached"])
    commitment.due_on += timedelta(days=chance.randrange(40))
    talks = _some(session, Negotiation, chance)
    talks.started_on -= timedelta(days=chance.randrange(40))


CHANGES = (_change_report, _change_case, _change_talks)
"""What an act, an import, a disposal or a repair by hand may do to rows."""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_kept_is_what_the_rows_say_whatever_changes(
    database: Database, owner: Database, seed: int
) -> None:
    """Also changes that no act of the application makes."""
    chance = Random(seed)
    with database.transaction() as session:
        fill(session, last_year=2025, years=2, reports=300)
    assert months.refresh(database, home=HOME) > 24
    assert _stale(database) == []
    for _ in range(12):
        with owner.transaction() as session:
            chance.choice(CHANGES)(session, chance)
        if chance.random() < 0.3:
            months.refresh(database, home=HOME)
        flows, figures = _as_kept(database)
        assert (flows, figures) == _as_counted(database, set(flows))


def test_the_acts_of_a_case_change_the_figures_at_once(
    application: FastAPI, database: Database
) -> None:
    """By HTTP, with a refresh after each act: nothing waits for a sweep."""
    worker = make_client(application, Role.COORDINATOR)

    def agrees() -> None:
        flows, figures = _as_kept(database)
        assert (flows, figures) == _as_counted(database, set(flows))
        months.refresh(database, home=HOME)
        assert _stale(database) == []

    case = add_case(worker, add_report(worker)["id"])
    agrees()
    talks = start_talks(worker, case["id"])
    agrees()
    proposal = propose(worker, talks)
    party = talks["parties"][1]["id"]
    body = {"party_id": party, "response": "accept"}
    done(worker.post(f"{V1}/proposals/{proposal['id']}/responses", json=body), 201)
    agrees()
    term = done(worker.get(f"{V1}/negotiations/{talks['id']}/agreement"))["terms"][0]
    kept = {"status": "fulfilled", "on": case["opened_on"]}
    done(worker.post(f"{V1}/commitments/{term['commitment_id']}/follow-ups", json=kept), 201)
    agrees()
    closing = {"outcome": "negotiated_resolution", "reason": "Klaar."}
    done(act_on_case(worker, case["id"], "closure", closing))
    agrees()
    year = case["opened_on"][:4]
    found = done(worker.get(f"{V1}/annual-reports/{year}"))["figures"]
    assert found["resolutions"]["commitments_due"]["fulfilled"] == 1
    assert found["cases"]["closed"] == 1


def test_a_month_kept_in_another_form_or_for_another_town_is_counted_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        fill(session, last_year=2025, years=1, reports=40)
    kept = months.refresh(database, home="hasselt")
    with database.transaction() as session:
        session.execute(update(FigureMonth).values(figures={"nonsense": 1}))
    flows, figures = _as_kept(database)
    assert (flows, figures) == _as_counted(database, set(flows))
    assert months.refresh(database, home=HOME) == kept
    monkeypatch.setattr(months, "FORM", months.FORM + 1)
    assert months.refresh(database, home=HOME) == kept
    assert months.refresh(database, home=HOME) == 0


def test_a_change_that_commits_during_a_refresh_is_not_lost(database: Database, store: str) -> None:
    """On SQLite nobody writes during a refresh; on PostgreSQL the mark outlives it."""
    if store == "sqlite":
        return
    with database.transaction() as session:
        fill(session, last_year=2025, years=1, reports=40)
    months.refresh(database, home=HOME)
    with database.transaction() as changing:
        report = changing.scalars(select(Report).limit(1)).one()
        report.ground_codes = "age,sex"
        changing.flush()
        months.refresh(database, home=HOME)
    flows, figures = _as_kept(database)
    assert (flows, figures) == _as_counted(database, set(flows))
    assert len(_stale(database)) >= 1


def test_the_month_that_runs_is_left_alone_by_who_reads(
    application: FastAPI, database: Database
) -> None:
    analyst, worker = (
        make_client(application, Role.ANALYST),
        make_client(application, Role.COORDINATOR),
    )
    report = add_report(worker)
    year = report["received_on"][:4]
    done(analyst.get(f"{V1}/annual-reports/{year}"))
    assert _stale(database) == [report["received_on"][:7]]


def test_nobody_knows_a_month_without_rows(client: TestClient, database: Database) -> None:
    assert client.get("/health/ready").status_code == 200
    assert _as_kept(database) == ({}, {})
