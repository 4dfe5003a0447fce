"""Empty stores on each database."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from app.settings import Settings


@pytest.fixture
def empty_store(tmp_path: Path, postgresql_server: str) -> Iterator[Callable[[str], str]]:
    """Gives the URL of a new, empty store of a database: "sqlite" or "postgresql"."""
    server = create_engine(
        Settings(database_url=postgresql_server).database_url, isolation_level="AUTOCOMMIT"
    )
    made = []

    def make(store: str) -> str:
        name = f"restored_{uuid4().hex}"
        if store == "sqlite":
            return f"sqlite:///{tmp_path}/{name}.db"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        made.append(name)
        url = make_url(postgresql_server).set(database=name)
        return url.render_as_string(hide_password=False)

    yield make
    with server.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()
