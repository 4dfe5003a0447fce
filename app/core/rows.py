"""Rows written without the unit of work: for the acts that must be fast.

`insert(Model).values(...)` builds and hashes a statement for each call, which was measured to cost
more than the database; a statement made once and executed with parameters does not.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, insert, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.models import Base
from app.core.sealed_rows import seal_rows, sealed


def insert_row(session: Session, model: type[Base], row: Mapping[str, Any]) -> None:
    """One row; column defaults apply. What the session holds in memory does not see it."""
    session.connection().execute(_statement(model), seal_rows(session, model, [row])[0])


def insert_new_row(session: Session, model: type[Base], row: Mapping[str, Any]) -> bool:
    """False when a row with this key stands already: of two at once, one hears True."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert_into = postgresql.insert if is_postgresql else sqlite.insert
    assert not sealed(model).names  # noqa: S101  (a row that may not be written needs no key)
    statement = insert_into(model).values(**row).on_conflict_do_nothing()
    return session.scalar(statement.returning(literal(1))) is not None


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that name the same columns; none is fine."""
    if rows:
        session.connection().execute(_statement(model), seal_rows(session, model, rows))


@cache
def _statement(model: type[Base]) -> Insert:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  (every model maps one table)
    return insert(table)
