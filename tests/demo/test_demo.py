"""The demo covers what a bureau meets, and repeats itself."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.activities.figures import meeting_figures
from app.activities.models import Activity
from app.cases.domain import CaseStatus
from app.cases.models import Case, CaseHold, CaseLink, TimelineEntry
from app.core.access import Role
from app.core.database import Database
from app.demo.fill import REPORTS, fill, is_empty
from app.identity.models import StaffAccount
from app.intake.domain import ReportStatus
from app.intake.models import Report, ReportConduct, ReportGround
from app.resolutions.domain import CommitmentStatus, EndReason, NegotiationStatus
from app.resolutions.models import Commitment, Negotiation
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList
from app.vocabulary.service import load_defaults
from benchmarks.server import open_database
from tests.conftest import migrate
from tests.makers.identity import make_client
from tests.makers.intake import PERIODS

UNTIL = date(2026, 10, 14)


def _fill(database: Database, reports: int = REPORTS) -> list[Any]:
    return fill(
        database,
        seed=1,
        until=UNTIL,
        periods=PERIODS,
        case_target_days=180,
        advance=lambda _day: None,
        reports=reports,
    )


def _story(database: Database) -> list[tuple[Any, ...]]:
    """What happened, without what is drawn by chance of its own."""
    with database.snapshot() as session:
        reports = session.scalars(select(Report)).all()
        cases = session.execute(
            select(Case.reference, Case.status, Case.outcome, Case.opened_on, Case.closed_on)
        ).all()
        entries = session.execute(
            select(TimelineEntry.kind, TimelineEntry.at).order_by(TimelineEntry.at)
        ).all()
    told = sorted(
        (r.received_on, r.narrative, r.status, r.ground_codes, str(r.answered_on)) for r in reports
    )
    return [*told, *sorted(map(tuple, cases), key=str), *sorted(map(tuple, entries), key=str)]


def test_the_same_seed_tells_the_same_story(database: Database, tmp_path: Path) -> None:
    _fill(database, 60)
    told = _story(database)
    assert len(told) > 150
    again = open_database(f"sqlite:///{tmp_path}/again.db")
    migrate(again)
    with again.transaction() as session:
        load_defaults(session)
    assert is_empty(again)
    _fill(again, 60)
    assert _story(again) == told
    again.close()


@pytest.fixture
def filled(application: FastAPI, database: Database, store: str) -> Database:
    if store == "sqlite":
        _fill(database)
    else:
        _fill(database, 250)
    return database


def _distinct(database: Database, column: Any) -> set[Any]:
    with database.snapshot() as session:
        return set(session.scalars(select(column).distinct()))


def test_every_code_and_every_state_comes_up(filled: Database, store: str) -> None:
    with filled.snapshot() as session:
        codes = vocabulary.current(session)
    for column, name in (
        (ReportGround.code, CodeList.GROUNDS),
        (ReportConduct.code, CodeList.CONDUCTS),
        (Report.domain, CodeList.DOMAINS),
        (Report.request, CodeList.REQUESTS),
        (Report.respondent_kind, CodeList.RESPONDENT_KINDS),
    ):
        assert set(codes.entries(name)) <= _distinct(filled, column), name
    assert set(codes.entries(CodeList.CHANNELS)) - {"import"} == _distinct(filled, Report.channel)
    assert {"nl", "fr", "en"} == _distinct(filled, Report.language)
    if store == "sqlite":  # the whole story; the other store gets a shorter one
        assert set(ReportStatus) == _distinct(filled, Report.status)
        assert set(CaseStatus) == _distinct(filled, Case.status)
        assert set(codes.entries(CodeList.OUTCOMES)) <= _distinct(filled, Case.outcome)
        assert set(codes.entries(CodeList.ASSESSMENTS)) == _distinct(filled, Case.assessment)
        assert set(NegotiationStatus) == _distinct(filled, Negotiation.status)
        assert set(EndReason) <= _distinct(filled, Negotiation.end_reason)
        assert set(CommitmentStatus) == _distinct(filled, Commitment.status)


def test_it_looks_like_a_bureau(application: FastAPI, filled: Database) -> None:
    with filled.snapshot() as session:
        by_month = Counter(
            (day.year, day.month) for day in session.scalars(select(Report.received_on))
        )
        assert len(by_month) >= 18
        for model in (CaseHold, CaseLink):
            assert session.scalar(select(func.count()).select_from(model))
        assert session.scalar(select(func.count()).where(Case.is_restricted))
        assert session.scalar(select(func.count()).where(Report.event_id.is_not(None)))
        passwords = set(session.scalars(select(StaffAccount.password_hash)))
    assert len(passwords) == 7
    with filled.snapshot() as session:
        [meetings] = meeting_figures(session, UNTIL.year, today=UNTIL)
        kinds_held = set(session.scalars(select(Activity.kind)))
    assert (meetings.held, meetings.is_met) == (3, False)
    assert len(kinds_held) >= 4
    worker = make_client(application, Role.COORDINATOR)
    worklist = worker.get("/api/v1/worklist", params={"ahead_days": 365, "limit": 200}).json()
    kinds = {item["kind"] for item in worklist["items"]}
    assert {
        "acknowledge_report",
        "answer_report",
        "follow_up_commitment",
        "task",
        "action_point",
    } <= kinds
    assert worklist["overdue"] > 0
