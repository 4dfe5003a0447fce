"""The store is set as it must be, and its schema is the one of the models."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Enum, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from app.core.columns import is_personal
from app.core.database import SQLITE_PRAGMAS, Database
from app.core.models import Base
from app.identity.models import StaffAccount
from app.model_registry import metadata


def _squeeze(sql: str) -> str:
    """A CHECK text without what the databases change when they store it."""
    for noise in ("(", ")", " ", '"', "\n", "::charactervarying", "::text", "[]", "ARRAY[", "]"):
        sql = sql.replace(noise, "")
    sql = sql.replace("=ANY", "IN").lower()
    # In which order a list names its members says nothing.
    return re.sub(r"'\w+'(,'\w+')+", lambda found: ",".join(sorted(found[0].split(","))), sql)


def test_migrations_give_the_schema_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_give_the_checks_of_the_models(owner: Database) -> None:
    """`alembic check` does not see a new enum member in a CHECK: compare the texts."""
    fresh: list[tuple[str, str, str]] = []
    with owner.engine.connect() as connection:
        migrated = _checks(connection)
        for table in reversed(metadata.sorted_tables):
            # A view looks at some of them: PostgreSQL wants to be told that it may go too.
            cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TABLE {table.name}{cascade}"))
        metadata.create_all(connection)
        fresh = _checks(connection)
        connection.rollback()
    assert len(fresh) > 3
    assert migrated == fresh


def _checks(connection: object) -> list[tuple[str, str, str]]:
    """Table, name and text of each; a list, since SQLite takes two of one name."""
    inspector = inspect(connection)
    return sorted(
        (table.name, str(check["name"]), _squeeze(check["sqltext"]))
        for table in metadata.sorted_tables
        for check in inspector.get_check_constraints(table.name)
    )


def test_sqlite_runs_durable_and_guarded(database: Database, store: str) -> None:
    database.check()
    if store != "sqlite":
        return
    with database.snapshot() as session:
        for pragma, expected in SQLITE_PRAGMAS.items():
            assert (
                str(session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar()) == expected
            )


def test_a_snapshot_cannot_write(database: Database) -> None:
    with database.snapshot() as session, pytest.raises((DatabaseError, OperationalError)):
        session.execute(text("DELETE FROM staff_accounts"))


def test_an_act_that_fails_to_commit_is_not_answered_as_done(
    application: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.access import Role
    from tests.makers.identity import make_client

    admin = make_client(application, Role.ADMIN)

    def broken(self: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    monkeypatch.setattr("sqlalchemy.orm.Session.commit", broken)
    body = {
        "username": "new.colleague",
        "display_name": "New",
        "roles": ["analyst"],
    }
    answer = admin.post("/api/v1/users", json=body)
    monkeypatch.undo()
    assert answer.status_code == 503
    assert admin.get("/api/v1/users?count=true").json()["total"] == 1


@pytest.mark.parametrize(("revision", "status"), [("0001", 503), ("9999", 200)])
def test_ready_tells_of_an_older_schema_and_takes_a_newer_one(
    client: TestClient, database: Database, owner: Database, revision: str, status: int
) -> None:
    """While a newer version migrates, the one before goes on."""
    assert client.get("/health/ready").status_code == 200
    change = text("UPDATE alembic_version SET version_num = :revision")
    with owner.transaction() as session:
        session.execute(change, {"revision": revision})
    answer = client.get("/health/ready")
    head = database.schema_versions()[1]
    with owner.transaction() as session:
        session.execute(change, {"revision": head})
    reason = "schema_version" if status == 503 else None
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)


def test_personal_columns_cannot_be_searched_or_sorted() -> None:
    with pytest.raises(TypeError, match="personal"):
        _ = StaffAccount.display_name == "x"
    with pytest.raises(TypeError, match="personal"):
        StaffAccount.display_name.like("x")
    with pytest.raises(TypeError, match="personal"):
        StaffAccount.display_name.desc()
    assert StaffAccount.display_name.is_(None) is not None


def test_columns_for_names_and_texts_are_marked_personal() -> None:
    suspicious = ("name", "email", "phone", "narrative", "body", "reason", "text", "remarks")
    harmless = {"search_text"}  # holds references, organisations and places, see its models
    unmarked = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.rpartition("_")[2] in suspicious
        and column.name not in harmless
        and not isinstance(column.type, Enum)
        and not is_personal(column.type)
    ]
    assert unmarked == []
