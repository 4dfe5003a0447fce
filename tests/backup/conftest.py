"""Empty stores on each database."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from app.settings import Settings
from benchmarks.server import Logins


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
