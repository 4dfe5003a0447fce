"""The demo covers what a bureau meets, and repeats itself."""

from pathlib import Path
from typing import Any

import pyotp
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.attachments.storage import Storage
from app.cases.models import Case, TimelineEntry
from app.core.database import Database
from app.demo.fill import is_empty
from app.intake.models import Report
from app.referrals.models import Referral
from app.settings import Settings
from app.vocabulary.service import load_defaults
from benchmarks.server import open_database
from tests.conftest import migrate
from tests.makers.demo import fill_demo


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
    fill_demo(database, storage, 60)
    told = _story(database)
    assert len(told) > 150
    again = open_database(f"sqlite:///{tmp_path}/again.db")
    migrate(again)
    with again.transaction() as session:
        load_defaults(session)
    assert is_empty(again)
    fill_demo(again, storage, 60)
    assert _story(again) == told
    again.close()


def test_partners_log_in_with_what_is_shown(
    client: TestClient, database: Database, settings: Settings
) -> None:
    keys = fill_demo(database, Storage(settings.attachments_dir), 5).partner_keys
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
