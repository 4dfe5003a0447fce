"""The store: one place that opens connections and owns transactions.

SQLite has one writing connection: writers queue in the process for it instead of fighting for the
file's lock, which was measured to make the slowest requests a hundred times slower, and share
commits. Readers have connections of their own that cannot write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from app.core.group_commit import GroupCommit
from app.core.keys import MasterKeys
from app.core.sealing import Sealer, Vault

log = structlog.get_logger()

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "2",  # FULL: every commit reaches the disk before it is answered
    "foreign_keys": "1",
    "trusted_schema": "0",
    "secure_delete": "1",  # what is deleted, a data key for one, is overwritten
}
SAFE_SQLITE = (3, 51, 3)
"""Up to 3.51.2 several connections that write and checkpoint can, rarely, corrupt a WAL file."""

ALEMBIC_INI = Path(__file__).resolve().parents[2] / "alembic.ini"


class DatabaseSetupError(Exception):
    """The store cannot be used as configured; the message says what to do."""


class Database:
    """The two ways to use the store: `transaction()` to act, `snapshot()` to read.

    Without `masters` the store serves migrations and checks; no personal text passes.
    """

    def __init__(self, url: str, masters: MasterKeys | None = None, *, pool_size: int = 20) -> None:
        self.url = make_url(url)
        self.vault = Vault(masters) if masters is not None else None
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._prepare_file()
            self._writer = _sqlite_engine(url, pool_size=1, is_writer=True)
            self._reader = _sqlite_engine(url, pool_size=pool_size, is_writer=False)
            self._group_commit = GroupCommit(self._writer)
            self._writing = self._group_commit.transaction
        else:
            self._writer = create_engine(
                url, pool_size=pool_size, max_overflow=20, hide_parameters=True
            )
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._writing = self._plain_transaction

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes are on the disk when the block ends, or nowhere if it raised."""
        with self._writing() as session:
            self._give_sealer(session)
            yield session

    @contextmanager
    def _plain_transaction(self) -> Iterator[Session]:
        with Session(self._writer, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A read-only session: every statement in it sees the same moment."""
        with Session(self._reader, expire_on_commit=False) as session:
            self._give_sealer(session)
            yield session

    def _give_sealer(self, session: Session) -> None:
        if self.vault is not None:
            session.info["sealer"] = Sealer(self.vault)

    @property
    def engine(self) -> Engine:
        """The engine that may write: for migrations and checks."""
        return self._writer

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()

    def check(self) -> None:
        """Raises DatabaseSetupError unless the store answers and is set as it must be."""
        with self._reader.connect() as connection:
            if not self.is_sqlite:
                fsync = connection.execute(text("SHOW fsync")).scalar_one()
                if fsync != "on":
                    log.warning("postgresql_fsync_off")
                return
            for pragma, expected in SQLITE_PRAGMAS.items():
                found = str(connection.exec_driver_sql(f"PRAGMA {pragma}").scalar())
                if found != expected:
                    raise DatabaseSetupError(
                        f"SQLite runs with {pragma}={found}, it must be {expected}: "
                        "keep the database on a local disk that supports WAL."
                    )
            version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
            if tuple(int(part) for part in str(version).split(".")) < SAFE_SQLITE:
                log.warning("sqlite_version_has_rare_wal_race", version=version)

    def schema_versions(self) -> tuple[str | None, str | None]:
        """(revision of the store, revision of the code)."""
        with self._reader.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        return found, ScriptDirectory.from_config(alembic_config()).get_current_head()

    def _prepare_file(self) -> None:
        if self.url.database is None:
            raise DatabaseSetupError("BUREAU_DATABASE_URL names no file: use sqlite:///path.db")
        file = Path(self.url.database)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)


def alembic_config() -> Config:
    return Config(str(ALEMBIC_INI))


def _sqlite_engine(url: str, *, pool_size: int, is_writer: bool) -> Engine:
    from pysqlite3 import dbapi2  # ships a SQLite free of the WAL race, see SAFE_SQLITE

    engine = create_engine(
        url,
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _record: object) -> None:
        for pragma, value in SQLITE_PRAGMAS.items():
            connection.execute(f"PRAGMA {pragma}={value}")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA temp_store=memory")
        if not is_writer:
            connection.execute("PRAGMA query_only=1")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # The driver is in autocommit; IMMEDIATE takes the lock before the first read, so that
        # a transaction never has to restart because somebody else wrote in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")

    return engine
