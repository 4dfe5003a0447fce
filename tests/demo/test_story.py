"""The demo covers what a bureau meets. Its story is told once, and looked at from many sides."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
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
from app.identity.models import StaffAccount
from app.intake.domain import ReportStatus
from app.intake.models import Report, ReportConduct, ReportGround
from app.referrals.domain import ReferralDirection, ReferralOutcome, ReferralStatus
from app.referrals.models import Referral
from app.resolutions.domain import CommitmentStatus, EndReason, NegotiationStatus
from app.resolutions.models import Commitment, Negotiation
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList
from benchmarks.server import open_database
from tests.makers.demo import UNTIL, fill_demo
from tests.makers.identity import make_client


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory, store_urls: dict[str, str]) -> Path:
    """A folder with a store and its files. That another database tells the same is a test of
    test_demo.py."""
    folder = tmp_path_factory.mktemp("told")
    shutil.copy(store_urls["sqlite"].removeprefix("sqlite:///"), folder / "bureau.db")
    database = open_database(f"sqlite:///{folder}/bureau.db")
    fill_demo(database, Storage(folder / "attachments"))
    database.close()
    return folder


@pytest.fixture
def store() -> str:
    return "sqlite"


@pytest.fixture
def database_url(told: Path, tmp_path: Path) -> str:
    shutil.copytree(told, tmp_path, dirs_exist_ok=True)
    return f"sqlite:///{tmp_path}/bureau.db"


def _distinct(database: Database, column: Any) -> set[Any]:
    with database.snapshot() as session:
        return set(session.scalars(select(column).distinct()))


def test_every_code_and_every_state_comes_up(database: Database) -> None:
    with database.snapshot() as session:
        codes = vocabulary.current(session)
    for column, name in (
        (ReportGround.code, CodeList.GROUNDS),
        (ReportConduct.code, CodeList.CONDUCTS),
        (Report.domain, CodeList.DOMAINS),
        (Report.request, CodeList.REQUESTS),
        (Report.respondent_kind, CodeList.RESPONDENT_KINDS),
    ):
        assert set(codes.entries(name)) <= _distinct(database, column), name
    assert set(codes.entries(CodeList.CHANNELS)) - {"import"} == _distinct(database, Report.channel)
    assert {"nl", "fr", "en"} == _distinct(database, Report.language)
    assert set(ReportStatus) == _distinct(database, Report.status)
    assert set(CaseStatus) == _distinct(database, Case.status)
    assert set(codes.entries(CodeList.OUTCOMES)) <= _distinct(database, Case.outcome)
    assert set(codes.entries(CodeList.ASSESSMENTS)) == _distinct(database, Case.assessment)
    assert set(NegotiationStatus) == _distinct(database, Negotiation.status)
    assert set(EndReason) <= _distinct(database, Negotiation.end_reason)
    assert set(CommitmentStatus) == _distinct(database, Commitment.status)


def test_it_looks_like_a_bureau(application: FastAPI, database: Database) -> None:
    with database.snapshot() as session:
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
    with database.snapshot() as session:
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


def test_the_network_lives(database: Database) -> None:
    with database.snapshot() as session:
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
    for status in set(ReferralStatus) - {ReferralStatus.SUBMITTED}:
        assert steps[ReferralDirection.OUT, status], status
    assert set(ReferralOutcome) <= {row.outcome for row in referrals}
    assert overridden
    assert len(of_case) == 3


def test_the_neighbouring_municipality_belongs_to_the_area_from_its_day(
    application: FastAPI, database: Database
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


def test_the_papers_can_be_opened(application: FastAPI, database: Database) -> None:
    coordinator = make_client(application, Role.COORDINATOR)
    with database.snapshot() as session:
        papers = session.scalars(select(Attachment)).all()
    assert sorted((p.owner_kind.value, p.media_type) for p in papers) == [
        ("activity", "image/png"),
        *[("partner_agreement", "application/pdf")] * 3,
    ]
    for paper in papers:
        assert len(coordinator.get(f"/api/v1/attachments/{paper.id}").content) == paper.size_bytes
