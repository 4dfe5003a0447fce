"""A backup under load comes back whole, on and between both databases."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from app.attachments.models import Attachment
from app.backup.archive import EntryKind
from app.backup.errors import BackupTroubleError
from app.backup.making import KEY_TABLES
from app.backup.tables import TableForm, lines
from app.core.database import Database
from app.core.errors import UnavailableError
from app.core.sealing import destroy_key
from app.intake.models import Report
from app.main import create_app
from app.model_registry import metadata
from app.settings import Settings
from tests.conftest import STORES
from tests.makers.backup import (
    EVENING,
    contents,
    files,
    make_backup,
    make_lived_in,
    open_store,
    restore_into,
)
from tests.makers.intake import make_report, report_body

EmptyStore = Callable[[str], str]


def test_every_column_has_a_form() -> None:
    assert len([TableForm.of(table) for table in metadata.sorted_tables]) > 50


@pytest.mark.parametrize("into", STORES)
def test_all_rows_and_files_come_back_on_either_database(
    application: FastAPI,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    empty_store: EmptyStore,
    into: str,
) -> None:
    make_lived_in(application, database)
    beside = tmp_path / "checkpoints.jsonl"
    beside.write_text('{"number": 1}\n')
    made = make_backup(database, settings, tmp_path / "b", beside={"checkpoints.jsonl": beside})
    assert made.data.manifest.missing == ()
    url, folder, copy = empty_store(into), tmp_path / "restored", tmp_path / "c" / "copy.jsonl"
    restore_into(url, folder, tmp_path / "b", beside={"checkpoints.jsonl": copy})
    restored = open_store(url)
    before, after = contents(database), contents(restored)
    assert before == after
    assert len([name for name, rows in before.items() if rows]) > 10
    assert files(settings.attachments_dir) == files(folder) != {}
    assert copy.read_text() == beside.read_text()
    again = make_backup(restored, _moved(settings, url, folder), tmp_path / "again")
    tables = EntryKind.TABLE
    assert again.data.manifest.of(tables) == made.data.manifest.of(tables)
    assert again.keys.manifest.of(tables) == made.keys.manifest.of(tables)
    restored.close()
    # Triggers, counters and constraints are in force again.
    moved = create_app(_moved(settings, url, folder))
    answer = TestClient(moved).post(
        "/api/v1/public/reports",
        json=report_body(),
        headers={"Idempotency-Key": "after-restore"},
    )
    assert answer.status_code == 201, answer.text
    runtime = moved.state.runtime
    with runtime.database.transaction() as session:
        session.execute(text("DELETE FROM stale_months"))
        make_report(session)
    with runtime.database.snapshot() as session:
        assert session.scalar(text("SELECT count(*) FROM stale_months")) == 1
    runtime.database.close()


def test_a_table_is_read_some_rows_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of any length it must fit into memory, and into frames."""
    monkeypatch.setattr("app.backup.tables.BATCH", 3)
    with database.transaction() as session:
        for _ in range(7):
            make_report(session)
    with database.snapshot() as session:
        form = TableForm.of(metadata.tables["reports"])
        parts = [part.count(b"\n") for part in lines(session.connection(), form)]
    assert parts == [3, 3, 1]


def test_a_backup_under_load_holds_one_moment_and_all_that_was_acknowledged_before(
    database: Database,
    settings: Settings,
    store: str,
    tmp_path: Path,
    empty_store: EmptyStore,
) -> None:
    acknowledged: list[UUID] = []
    enough, stop = threading.Event(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            with database.transaction() as session:
                made = make_report(session).id
            acknowledged.append(made)
            if len(acknowledged) >= 20:
                enough.set()

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    assert enough.wait(60)
    before = list(acknowledged)
    made = make_backup(database, settings, tmp_path / "b")
    during = len(acknowledged) - len(before)
    stop.set()
    for writer in writers:
        writer.join()
    assert during > 0
    url = empty_store(store)
    restore_into(url, tmp_path / "restored", tmp_path / "b")
    restored = open_store(url)
    with restored.snapshot() as session:
        reports = session.scalars(select(Report)).all()  # each opens with its key
    restored.close()
    assert set(before) <= {report.id for report in reports}
    assert len(reports) == made.data.manifest.of(EntryKind.TABLE)["reports"].count
    found = contents(restored)
    restored.close()
    counts = {
        name: item.count
        for checked in (made.data, made.keys)
        for name, item in checked.manifest.of(EntryKind.TABLE).items()
    }
    assert {name: len(rows) for name, rows in found.items()} == counts


def test_the_data_archive_holds_no_key_and_neither_holds_a_word(
    application: FastAPI, database: Database, settings: Settings, tmp_path: Path
) -> None:
    make_lived_in(application, database)
    made = make_backup(database, settings, tmp_path / "b")
    assert set(made.keys.manifest.of(EntryKind.TABLE)) == set(KEY_TABLES)
    assert not set(made.data.manifest.of(EntryKind.TABLE)) & set(KEY_TABLES)
    for path in (tmp_path / "b", tmp_path / "b.keys"):
        assert path.stat().st_mode & 0o777 == 0o600
        for word in (b"Made up for a test", b"R-2026", b"Genk", b"s1:", b"verslag"):
            assert word not in path.read_bytes()


def test_what_was_disposed_of_after_the_data_stays_closed_with_newer_keys(
    database: Database, settings: Settings, store: str, tmp_path: Path, empty_store: EmptyStore
) -> None:
    with database.transaction() as session:
        gone, kept = make_report(session).id, make_report(session).id
    make_backup(database, settings, tmp_path / "monday")
    with database.transaction() as session:
        destroy_key(session, gone)
        make_report(session)
    make_backup(database, settings, tmp_path / "tuesday", at=EVENING + timedelta(days=1))
    url = empty_store(store)
    restored = restore_into(
        url, tmp_path / "restored", tmp_path / "monday", tmp_path / "tuesday.keys"
    )
    assert (restored.fit.gone, restored.fit.missing) == (1, 0)
    opened = open_store(url)
    with opened.snapshot() as session:
        assert session.get_one(Report, kept).narrative
        with pytest.raises(UnavailableError):
            session.get_one(Report, gone)
    opened.close()


def test_keys_older_than_the_data_are_refused_unless_there_is_no_other(
    database: Database, settings: Settings, store: str, tmp_path: Path, empty_store: EmptyStore
) -> None:
    with database.transaction() as session:
        old = make_report(session).id
    make_backup(database, settings, tmp_path / "monday")
    with database.transaction() as session:
        new = make_report(session).id
    make_backup(database, settings, tmp_path / "tuesday", at=EVENING + timedelta(days=1))
    url, folder = empty_store(store), tmp_path / "restored"
    paths = (tmp_path / "tuesday", tmp_path / "monday.keys")
    with pytest.raises(BackupTroubleError, match="older than the data: keys of 1 owner"):
        restore_into(url, folder, *paths)
    restored = restore_into(url, folder, *paths, may_miss_keys=True)
    assert restored.fit.missing == 1
    opened = open_store(url)
    with opened.snapshot() as session:
        assert session.get_one(Report, old).narrative
        with pytest.raises(UnavailableError):
            session.get_one(Report, new)
    opened.close()


def test_a_file_that_went_meanwhile_is_told_and_not_fatal(
    application: FastAPI, database: Database, settings: Settings, tmp_path: Path
) -> None:
    make_lived_in(application, database)
    with database.snapshot() as session:
        storage_id = session.scalars(select(Attachment.storage_id)).one()
    (settings.attachments_dir / storage_id.hex).unlink()  # type: ignore[union-attr]
    made = make_backup(database, settings, tmp_path / "b")
    assert made.data.manifest.missing == (str(storage_id),)
    folder = tmp_path / "restored"
    restored = restore_into(f"sqlite:///{tmp_path}/new.db", folder, tmp_path / "b")
    assert restored.data.manifest.missing == (str(storage_id),)
    assert files(folder) == {}


def test_old_archives_of_keys_are_removed_once_a_new_one_is_there(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    for name, days in (("a", 0), ("b", 20), ("c", 40)):
        with database.transaction() as session:
            make_report(session)
        keys = tmp_path / "keys" / name
        keys.parent.mkdir(exist_ok=True)
        made = make_backup(
            database,
            settings,
            tmp_path / name,
            keys_path=keys,
            at=EVENING + timedelta(days=days),
        )
    assert made.removed == (tmp_path / "keys" / "a",)
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["b", "c"]
    assert {"a", "b", "c"} <= {path.name for path in tmp_path.iterdir()}


def _moved(settings: Settings, url: str, folder: Path) -> Settings:
    known = Settings(database_url=url).database_url
    return settings.model_copy(update={"database_url": known, "attachments_dir": folder})
