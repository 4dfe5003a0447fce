"""What expired goes, what did not stays."""

from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.api.models import KeptAnswer
from app.attachments.storage import Storage
from app.core import clock
from app.core.database import Database
from app.housekeeping import sweep
from app.intake.models import ReceiptSession, Report
from app.retention import schedule
from app.settings import Settings
from tests.makers.intake import report_body


def test_expired_answers_and_sessions_are_removed_and_nothing_else(
    client: TestClient, database: Database, settings: Settings
) -> None:
    storage = Storage(settings.attachments_dir)
    received = client.post(
        "/api/v1/public/reports", json=report_body(), headers={"Idempotency-Key": "0123456789"}
    ).json()
    client.post("/api/v1/public/receipts/token", json={"receipt_code": received["receipt_code"]})

    def rows() -> list[int | None]:
        with database.snapshot() as session:
            return [
                session.scalar(select(func.count()).select_from(model))
                for model in (KeptAnswer, ReceiptSession, Report)
            ]

    sweep(database, storage, schedule.load(None), settings, at=clock.now())
    assert rows() == [1, 1, 1]
    sweep(
        database,
        storage,
        schedule.load(None),
        settings,
        at=clock.now() + timedelta(days=3),
    )
    assert rows() == [0, 0, 1]
