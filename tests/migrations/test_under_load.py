"""Requests go on while a migration runs. The long form is benchmarks/migrations.py."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from fastapi.testclient import TestClient
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from app.core.database import Database, alembic_config
from app.main import create_app
from app.settings import Settings
from app.vocabulary.service import load_defaults
from benchmarks.server import settings_for
from tests.conftest import migrate
from tests.makers.intake import report_body

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reports", sa.Column("later", sa.Text(), nullable=True))
    op.create_index("ix_reports_later", "reports", ["later"])
    op.create_table(
        "later_things",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("report_id", sa.Uuid(), sa.ForeignKey("reports.id"), nullable=False),
    )
"""
ENOUGH = 12
"""Reports that are acknowledged while the table cannot be had."""


@pytest.fixture
def url(empty_store: Callable[[str], str], store: str) -> str:
    found = empty_store(store)
    database = Database(Settings(database_url=found).database_url)
    migrate(database)
    with database.transaction() as session:
        load_defaults(session)
    database.close()
    return found


def _migrate_on(url: str, folder: Path) -> None:
    """To a schema after this one, as another process would."""
    database = Database(Settings(database_url=url).database_url)
    folder.mkdir()
    head = database.schema_versions()[1]
    (folder / "next_step.py").write_text(NEXT.format(head=head), encoding="utf-8")
    config = alembic_config()
    versions = Path(config.get_main_option("script_location") or "") / "versions"
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{versions}\n{folder}")
    try:
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        database.close()


def test_no_request_fails_while_a_migration_waits_for_a_table(url: str, tmp_path: Path) -> None:
    """Somebody reads reports in a transaction that lasts. A migration that queued behind it would
    hold up whoever comes later; on SQLite readers are in nobody's way."""
    application = create_app(settings_for(url))
    database: Database = application.state.runtime.database
    client = TestClient(application)
    statuses: list[int] = []
    has_begun, may_stop = threading.Event(), threading.Event()

    def report() -> None:
        assert has_begun.wait(30)
        while not may_stop.is_set() or len(statuses) < ENOUGH:
            statuses.append(client.post("/api/v1/public/reports", json=report_body()).status_code)

    reporter = threading.Thread(target=report)
    reporter.start()
    migration = threading.Thread(target=_migrate_on, args=(url, tmp_path / "versions"))
    with database.snapshot() as session:
        session.execute(text("SELECT count(*) FROM reports"))
        has_begun.set()
        migration.start()
        while len(statuses) < ENOUGH and reporter.is_alive():
            reporter.join(0.01)
    migration.join(60)
    may_stop.set()
    reporter.join(60)
    assert set(statuses) == {201}
    assert len(statuses) >= ENOUGH
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "next"
        assert connection.scalar(text("SELECT count(*) FROM reports")) == len(statuses)
    assert database.has_usable_schema()  # to the code of before, a newer one
    assert client.get("/health/ready").status_code == 200
    database.close()


def test_a_new_table_is_closed_to_partners_without_a_word_in_its_migration(
    url: str, store: str, tmp_path: Path
) -> None:
    if store == "sqlite":
        pytest.skip("SQLite has no policies")
    _migrate_on(url, tmp_path / "versions")
    database = Database(Settings(database_url=url).database_url)
    with database.engine.connect() as connection:
        closed = text("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'later_things'")
        assert connection.scalar(closed) is True
        granted = text("SELECT has_table_privilege('bureau_server', 'later_things', :right)")
        for right, has in (("INSERT", True), ("DELETE", False)):
            assert connection.scalar(granted, {"right": right}) is has
    database.close()


def test_a_migration_gives_up_and_leaves_all_as_it_was(
    url: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads for longer than it tries."""
    if store == "sqlite":
        pytest.skip("on SQLite a reader is in nobody's way")
    monkeypatch.setattr("app.core.locking.PAUSES", (0.0, 0.0))
    reading = Database(Settings(database_url=url).database_url)
    with reading.snapshot() as session:
        session.execute(text("SELECT count(*) FROM reports"))
        with pytest.raises(OperationalError) as refused:
            _migrate_on(url, tmp_path / "versions")
    assert getattr(refused.value.orig, "sqlstate", None) == "55P03"
    with reading.engine.connect() as connection:
        assert not inspect(connection).has_table("later_things")
    assert reading.schema_versions()[0] == reading.schema_versions()[1]
    reading.close()
