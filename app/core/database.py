"""The store: one place that opens connections and owns transactions.

SQLite has one writing connection: writers queue in the process for it instead of fighting for the
file's lock, which was measured to make the slowest requests a hundred times slower, and share
commits. Readers have connections of their own that cannot write.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from app.core.group_commit import GroupCommit
from app.core.keys import MasterKeys
from app.core.partner_rows import narrow
from app.core.sealing import Sealer, Vault
from app.core.store_rights import Login, foreign_policies, login_of

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

WAIT_SECONDS = 0.8
"""For a connection, new or from the pool: who must wait longer is told to come back."""

BUSY_SECONDS = 5
"""For a turn while others take theirs: busy is not gone, and an import may write to SQLite too."""

POSTGRESQL_SETTINGS = (
    "SET statement_timeout = '30s'",
    "SET idle_in_transaction_session_timeout = '60s'",
)

ALEMBIC_INI = Path(__file__).resolve().parents[2] / "alembic.ini"


class DatabaseSetupError(Exception):
    """The store cannot be used as configured; the message says what to do."""


class Database:
    """The two ways to use the store: `transaction()` to act, `snapshot()` to read.

    Without `masters` the store serves migrations and checks; no personal text passes.
    patience_seconds: to wait for another process that writes to SQLite.
    """

    def __init__(
        self,
        url: str,
        masters: MasterKeys | None = None,
        *,
        pool_size: int = 20,
        patience_seconds: int = BUSY_SECONDS,
    ) -> None:
        self.url = make_url(url)
        self.vault = Vault(masters) if masters is not None else None
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._prepare_file()
            self._writer = _sqlite_engine(url, 1, is_writer=True, patience=patience_seconds)
            self._reader = _sqlite_engine(url, pool_size, is_writer=False, patience=BUSY_SECONDS)
            self._group_commit = GroupCommit(
                self._writer, wait_seconds=BUSY_SECONDS, is_sound=self._is_same_file
            )
            self._writing = self._group_commit.transaction
        else:
            self._writer = _postgresql_engine(url, pool_size=pool_size)
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._writing = self._plain_transaction
        self._returned = 0
        event.listen(self._reader, "checkin", self._note_return)

    @contextmanager
    def transaction(self, *, partner_id: UUID | None = None) -> Iterator[Session]:
        """A session whose changes are on the disk when the block ends, or nowhere if it raised.

        partner_id: whose rows alone it finds on PostgreSQL (app/core/partner_rows.py); None: all.
        """
        self._find_file()
        with self._writing() as session:
            self._prepare(session, partner_id)
            yield session

    @contextmanager
    def _plain_transaction(self) -> Iterator[Session]:
        with (
            self._connected(self._writer) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.commit()

    @contextmanager
    def snapshot(self, *, partner_id: UUID | None = None) -> Iterator[Session]:
        """A read-only session: every statement in it sees the same moment."""
        self._find_file()
        with (
            self._connected(self._reader) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            self._prepare(session, partner_id)
            yield session

    def _prepare(self, session: Session, partner_id: UUID | None) -> None:
        if partner_id is not None and not self.is_sqlite:
            narrow(session, partner_id)
        if self.vault is not None:
            session.info["sealer"] = Sealer(self.vault)

    def _connected(self, engine: Engine) -> Connection:
        """Waits while others come and go, BUSY_SECONDS at most; not when nothing moves.

        Raises sqlalchemy.exc.TimeoutError.
        """
        give_up_at = time.monotonic() + BUSY_SECONDS
        while True:
            returned = self._returned
            try:
                return engine.connect()
            except PoolTimeoutError:
                if self._returned == returned or time.monotonic() > give_up_at:
                    raise

    def _note_return(self, *_connection: object) -> None:
        self._returned += 1

    @property
    def engine(self) -> Engine:
        """The engine that may write: for migrations and checks."""
        return self._writer

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()

    def check(self) -> None:
        """Raises DatabaseSetupError unless the store answers and is set as it must be."""
        self._find_file()
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

    def login(self) -> Login | None:
        """What the login is to the store; None on SQLite, which has none."""
        if self.is_sqlite:
            return None
        with self._reader.connect() as connection:
            return login_of(connection)

    def foreign_policies(self) -> list[str]:
        """Tables of PostgreSQL with a policy that the bureau did not make."""
        if self.is_sqlite:
            return []
        with self._reader.connect() as connection:
            return foreign_policies(connection)

    def schema_versions(self) -> tuple[str | None, str | None]:
        """(revision of the store, revision of the code)."""
        with self._reader.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        return found, ScriptDirectory.from_config(alembic_config()).get_current_head()

    def has_usable_schema(self) -> bool:
        """Whether it is the code's, or a newer one: newer ones only add (docs/operations.md)."""
        found, expected = self.schema_versions()
        older = {
            step.revision for step in ScriptDirectory.from_config(alembic_config()).walk_revisions()
        }
        return found is not None and (found == expected or found not in older)

    def _prepare_file(self) -> None:
        if self.url.database is None:
            raise DatabaseSetupError("BUREAU_DATABASE_URL names no file: use sqlite:///path.db")
        file = Path(self.url.database)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        self._file = file
        self._identity = _identity(file)
        self._finding = threading.Lock()

    def _is_same_file(self) -> bool:
        """Whether what was written is in the file of that name, not in one that was moved away."""
        return _identity(self._file) == self._identity

    def _find_file(self) -> None:
        """Open connections would go on to write to a file that was moved away or replaced.

        Raises OperationalError while there is none; a new one is opened.
        """
        if not self.is_sqlite or self._is_same_file():
            return
        with self._finding:
            found = _identity(self._file)
            if found is None:
                raise OperationalError("BEGIN", None, Exception("the file is not there"))
            if found != self._identity:
                log.warning("sqlite_file_replaced")
                self._writer.dispose()
                self._reader.dispose()
                self._identity = found


def _identity(file: Path) -> tuple[int, int] | None:
    """Device and inode; None when the file is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def alembic_config() -> Config:
    return Config(str(ALEMBIC_INI))


def _sqlite_engine(url: str, pool_size: int, *, is_writer: bool, patience: int) -> Engine:
    from pysqlite3 import dbapi2  # ships a SQLite free of the WAL race, see SAFE_SQLITE

    engine = create_engine(
        url,
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": patience},
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


def _postgresql_engine(url: str, *, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=20,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,  # a server that was restarted in between costs nobody an answer
        hide_parameters=True,
        connect_args={
            "connect_timeout": 2,
            # What was sent and not confirmed: the other machine is gone.
            "tcp_user_timeout": int(WAIT_SECONDS * 1000),
            "keepalives_idle": 10,
            "keepalives_interval": 2,
            "keepalives_count": 3,
        },
    )
    gone_until = 0.0

    @event.listens_for(engine, "do_connect")
    def _knock(dialect: Any, _record: object, _arguments: Any, parameters: dict[str, Any]) -> None:
        # The driver waits two seconds at least for a machine that is silent. Nobody else waits
        # for one that just was.
        nonlocal gone_until
        host, port = str(parameters.get("host") or ""), int(parameters.get("port") or 5432)
        if not host or host.startswith("/") or "," in host:
            return
        try:
            if time.monotonic() < gone_until:
                raise TimeoutError
            socket.create_connection((host, port), WAIT_SECONDS).close()
        except OSError:
            gone_until = max(gone_until, time.monotonic() + WAIT_SECONDS / 4)
            raise dialect.loaded_dbapi.OperationalError("the server does not answer") from None

    @event.listens_for(engine, "connect")
    def _set_timeouts(connection: Any, _record: object) -> None:
        for statement in POSTGRESQL_SETTINGS:
            connection.execute(statement)
        connection.commit()

    return engine
