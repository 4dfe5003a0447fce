"""Stores worth a backup, empty ones to restore into, and what a store holds."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.attachments.storage import Storage
from app.backup.making import Made, back_up, keys_beside
from app.backup.restoring import Restored, restore
from app.core.access import Role
from app.core.database import Database
from app.core.keys import GivenKeys
from app.intake.domain import ReportStatus
from app.intake.models import Report
from app.model_registry import metadata
from app.settings import Settings
from benchmarks.server import MASTER_KEYS
from tests.makers.attachments import send_file
from tests.makers.identity import make_client
from tests.makers.intake import make_report, report_body

MASTERS = GivenKeys(MASTER_KEYS)
EVENING = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
MONTH = timedelta(days=30)


def make_lived_in(application: FastAPI, database: Database) -> list[UUID]:
    """Reports by several ways, one with a file of several parts; the ids of some of them."""
    with database.transaction() as session:
        ids = [make_report(session).id for _ in range(3)]
        later = make_report(session, search_text='", \\ \n ü ☃ {"a": [1]}')
        earlier = session.get_one(Report, ids[1])
        earlier.status, earlier.duplicate_of_id = ReportStatus.DUPLICATE, later.id
    public = TestClient(application)
    for number in range(2):
        answer = public.post(
            "/api/v1/public/reports",
            json=report_body(),
            headers={"Idempotency-Key": f"backup-{number}"},
        )
        assert answer.status_code == 201, answer.text
    coordinator = make_client(application, Role.COORDINATOR)
    answer = send_file(
        coordinator,
        f"/api/v1/reports/{ids[0]}/attachments",
        io.BytesIO(b"Afspraken.\n" * 30_000).getvalue(),
        "verslag.txt",
        Content_Type="text/plain",
        Idempotency_Key="backup-file",
    )
    assert answer.status_code == 201, answer.text
    return [*ids, later.id]


def make_backup(
    database: Database,
    settings: Settings,
    path: Path,
    *,
    at: datetime = EVENING,
    beside: Mapping[str, Path] | None = None,
    keys_path: Path | None = None,
) -> Made:
    return back_up(
        database,
        MASTERS,
        Storage(settings.attachments_dir),
        path,
        keys_path or keys_beside(path),
        beside=beside or {},
        keep_keys=MONTH,
        at=at,
    )


def restore_into(
    url: str, folder: Path, path: Path, keys_path: Path | None = None, **how: Any
) -> Restored:
    """Attachments go to `folder`."""
    return restore(
        Settings(database_url=url).database_url,
        how.pop("masters", MASTERS),
        Storage(folder),
        path,
        keys_path or keys_beside(path),
        beside=how.pop("beside", {}),
        **how,
    )


def open_store(url: str) -> Database:
    return Database(Settings(database_url=url).database_url, MASTERS)


def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table, by another way than a backup reads them."""
    with database.snapshot() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for table in metadata.sorted_tables
        }


def files(folder: Path) -> dict[str, tuple[bytes, float]]:
    if not folder.is_dir():
        return {}
    return {file.name: (file.read_bytes(), file.stat().st_mtime) for file in folder.iterdir()}
