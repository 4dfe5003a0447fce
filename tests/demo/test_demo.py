"""The demo covers what a bureau meets, and repeats itself."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.activities.bulletin_models import BulletinRecipient
from app.activities.figures import meeting_figures
from app.activities.models import Activity
from app.attachments.models import Attachment
from app.attachments.storage import Storage
from app.cases.domain import CaseStatus, TimelineKind
from app.cases.models import Case, CaseHold, CaseLink, TimelineEntry
from app.core.access import Role
from app.core.database import Database
from app.demo.fill import REPORTS, Filled, fill, is_empty
from app.identity.models import StaffAccount
from app.intake.domain import ReportStatus
from app.intake.models import Report, ReportConduct, ReportGround
from app.main import connect_features
from app.referrals.domain import ReferralDirection, ReferralOutcome, ReferralStatus
from app.referrals.models import Referral
from app.resolutions.domain import CommitmentStatus, EndReason, NegotiationStatus
from app.resolutions.models import Commitment, Negotiation
from app.settings import Settings
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList
from app.vocabulary.service import load_defaults
from benchmarks.server import open_database
from tests.conftest import migrate
from tests.makers.identity import make_client
from tests.makers.intake import PERIODS

UNTIL = date(2026, 10, 14)


def _fill(database: Database, storage: Storage, reports: int = REPORTS) -> Filled:
    connect_features()
    return fill(
        database,
        seed=1,
        until=UNTIL,
        periods=PERIODS,
        case_target_days=180,
        storage=storage,
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
        referrals = session.execute(
            select(Referral.direction, Referral.status, Referral.made_on, Referral.outcome)
        ).all()
    told = sorted(
        (r.received_on, r.narrative, r.status, r.ground_codes, str(r.answered_on)) for r in reports
    )
    rest = (sorted(map(tuple, rows), key=str) for rows in (cases, entries, referrals))
    return [*told, *(row for rows in rest for row in rows)]


def test_the_same_seed_tells_the_same_story(database: Database, tmp_path: Path) -> None:
    storage = Storage(tmp_path / "attachments")
    _fill(database, storage, 60)
    told = _story(database)
    assert len(told) > 150
    again = open_database(f"sqlite:///{tmp_path}/again.db")
    migrate(again)
    with again.transaction() as session:
        load_defaults(session)
    assert is_empty(again)
    _fill(again, storage, 60)
    assert _story(again) == told
    again.close()


@pytest.fixture
def filled(application: FastAPI, database: Database, settings: Settings, store: str) -> Database:
    # The whole story once; the other store gets a shorter one.
    storage = Storage(settings.attachments_dir)
    _fill(database, storage, REPORTS if store == "sqlite" else 250)
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
    if store == "sqlite":
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


def test_the_network_lives(filled: Database, store: str) -> None:
    with filled.snapshot() as session:
        referrals = session.scalars(select(Referral)).all()
        steps = Counter((row.direction, row.status) for row in referrals)
        overridden = [row for row in referrals if row.override_reason is not None]
        overdue = [
            row
            for row in referrals
            if row.status is ReferralStatus.OFFERED and row.answer_by and row.answer_by < UNTIL
        ]
        of_case = set(session.scalars(select(TimelineEntry.kind))) & {
            TimelineKind.REFERRAL_MADE,
            TimelineKind.REFERRAL_ANSWERED,
            TimelineKind.REFERRAL_COMPLETED,
        }
        inbound = session.scalars(
            select(Report.status)
            .join(Referral, Referral.report_id == Report.id)
            .where(Referral.direction == ReferralDirection.IN)
        ).all()
        read = session.scalars(
            select(BulletinRecipient.read_at).where(BulletinRecipient.read_at.is_not(None))
        ).all()
    assert steps[ReferralDirection.IN, ReferralStatus.SUBMITTED] == len(inbound) == 7
    assert ReportStatus.CASE_OPENED in inbound
    assert len(overdue) == 1
    assert len(read) == 4
    if store == "sqlite":
        for status in set(ReferralStatus) - {ReferralStatus.SUBMITTED}:
            assert steps[ReferralDirection.OUT, status], status
        assert set(ReferralOutcome) <= {row.outcome for row in referrals}
        assert overridden
        assert len(of_case) == 3


def test_the_neighbouring_municipality_belongs_to_the_area_from_its_day(
    application: FastAPI, filled: Database
) -> None:
    coordinator = make_client(application, Role.COORDINATOR)
    reports = coordinator.get(
        "/api/v1/reports", params={"municipality": "Zutendaal", "limit": 100}
    ).json()["items"]
    found = {}
    for row in reports:
        report = coordinator.get(f"/api/v1/reports/{row['id']}").json()
        found[row["received_on"]] = report["service_area"]["in_area"]
    assert found["2026-06-30"] is False
    assert found["2026-07-01"] is True
    for day, in_area in found.items():
        assert in_area is (day >= "2026-07-01"), day


def test_the_papers_can_be_opened(application: FastAPI, filled: Database) -> None:
    coordinator = make_client(application, Role.COORDINATOR)
    with filled.snapshot() as session:
        papers = session.scalars(select(Attachment)).all()
    assert sorted((p.owner_kind.value, p.media_type) for p in papers) == [
        ("activity", "image/png"),
        *[("partner_agreement", "application/pdf")] * 3,
    ]
    for paper in papers:
        assert len(coordinator.get(f"/api/v1/attachments/{paper.id}").content) == paper.size_bytes


def test_partners_log_in_with_what_is_shown(
    client: TestClient, database: Database, settings: Settings
) -> None:
    keys = _fill(database, Storage(settings.attachments_dir), 5).partner_keys
    programs = [key.shown for key in keys if "client_id" in key.shown]
    [person] = [key.shown for key in keys if "totp_secret" in key.shown]
    assert len(programs) == 2
    for program in programs:
        answer = client.post(
            "/api/v1/auth/token", data={"grant_type": "client_credentials", **program}
        )
        assert answer.status_code == 200
    answer = client.post(
        "/api/v1/partner/auth/token",
        data={
            "username": person["username"],
            "password": person["password"],
            "code": pyotp.TOTP(person["totp_secret"]).now(),
        },
    )
    assert answer.status_code == 200, answer.text
