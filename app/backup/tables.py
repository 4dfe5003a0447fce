"""Tables in one form for both databases: what is saved from one can be restored into the other.

The database itself turns values into that form and back, so that no type of the application stands
between: sealed text stays as it lies, and JSON keeps its letters.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
    Uuid,
)

BATCH = 500


class ColumnKind(StrEnum):
    UUID = "uuid"  # 32 hexadecimal digits
    TEXT = "text"
    JSON = "json"  # its text
    INTEGER = "integer"
    BOOLEAN = "boolean"  # 0 or 1
    DATE = "date"  # 2026-01-31
    MOMENT = "moment"  # 2026-01-31 12:00:00.000000, UTC
    BYTES = "bytes"  # hexadecimal digits


_KINDS: tuple[tuple[type[Any], ColumnKind], ...] = (
    (Uuid, ColumnKind.UUID),
    (String, ColumnKind.TEXT),
    (JSON, ColumnKind.JSON),
    (Boolean, ColumnKind.BOOLEAN),
    (Integer, ColumnKind.INTEGER),
    (DateTime, ColumnKind.MOMENT),
    (Date, ColumnKind.DATE),
    (LargeBinary, ColumnKind.BYTES),
)

_READ = {
    "postgresql": {
        ColumnKind.UUID: "replace({}::text, '-', '')",
        ColumnKind.JSON: "{}::text",
        ColumnKind.BOOLEAN: "{}::int",
        ColumnKind.DATE: "to_char({}, 'YYYY-MM-DD')",
        ColumnKind.MOMENT: "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
        ColumnKind.BYTES: "encode({}, 'hex')",
    },
    "sqlite": {
        ColumnKind.BYTES: "CASE WHEN {0} IS NOT NULL THEN lower(hex({0})) END",
    },
}

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class TableForm:
    """columns: name and kind of each."""

    name: str
    columns: tuple[tuple[str, ColumnKind], ...]

    @classmethod
    def of(cls, table: Table) -> "TableForm":
        """Raises TypeError at a column whose type has no form here."""
        return cls(table.name, tuple((c.name, kind_of(c.type)) for c in table.columns))

    @classmethod
    def of_text(cls, name: str, columns: Iterable[tuple[str, str]]) -> "TableForm":
        """As an archive tells of it. Raises ValueError."""
        return cls(name, tuple((column, ColumnKind(kind)) for column, kind in columns))


def kind_of(column_type: Any) -> ColumnKind:
    if isinstance(column_type, TypeDecorator):
        column_type = column_type.impl
    for found, kind in _KINDS:
        if isinstance(column_type, found):
            return kind
    raise TypeError(f"a backup knows no form for {type(column_type).__name__}")


def lines(connection: Connection, form: TableForm) -> Iterator[bytes]:
    """All rows as JSON arrays, a line each, some lines at a time."""
    quote = connection.dialect.identifier_preparer.quote
    how = _READ[connection.dialect.name]
    columns = ", ".join(how.get(kind, "{}").format(quote(name)) for name, kind in form.columns)
    found = connection.exec_driver_sql(
        f"SELECT {columns} FROM {quote(form.name)}",  # noqa: S608  (names of the schema)
        execution_options={"stream_results": True, "max_row_buffer": BATCH},
    )
    for rows in found.partitions(BATCH):
        yield "".join(f"{_encode(list(row))}\n" for row in rows).encode()


def load(connection: Connection, form: TableForm, content: Iterable[bytes]) -> None:
    """Insert rows that `lines` gave. Raises SQLAlchemyError, or psycopg's own error."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name, _ in form.columns)
    binary = [i for i, (_, kind) in enumerate(form.columns) if kind is ColumnKind.BYTES]
    batches = ([json.loads(line) for line in part.split(b"\n")[:-1]] for part in content)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in form.columns)
        insert = f"INSERT INTO {quote(form.name)} ({columns}) VALUES ({marks})"  # noqa: S608
        for rows in batches:
            for row in rows:
                for i in binary:
                    row[i] = None if row[i] is None else bytes.fromhex(row[i])
            connection.exec_driver_sql(insert, [tuple(row) for row in rows])
        return
    with (
        _psycopg(connection).cursor() as cursor,
        cursor.copy(f"COPY {quote(form.name)} ({columns}) FROM STDIN") as copy,
    ):
        for rows in batches:
            for row in rows:
                for i in binary:
                    row[i] = None if row[i] is None else f"\\x{row[i]}"
                copy.write_row(row)


@contextmanager
def without_triggers(connection: Connection, names: Sequence[str]) -> Iterator[None]:
    """What triggers wrote when the rows came in is among the rows already; and PostgreSQL copies
    into no table whose policies hold for its owner too.

    Where the block fails nothing is put back: its transaction must be rolled back.
    """
    quote = connection.dialect.identifier_preparer.quote
    if connection.dialect.name == "sqlite":
        triggers = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {quote(name)}")
        yield
        for _, statement in triggers:
            connection.exec_driver_sql(statement)
        return
    forced = set(
        connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relforcerowsecurity"
        ).scalars()
    )
    for name in names:
        connection.exec_driver_sql(
            f"ALTER TABLE {quote(name)} DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY"
        )
    yield
    for name in names:
        force = ", FORCE ROW LEVEL SECURITY" if name in forced else ""
        connection.exec_driver_sql(f"ALTER TABLE {quote(name)} ENABLE TRIGGER USER{force}")


def clear(connection: Connection, names: Sequence[str]) -> None:
    """Remove what the migrations themselves put in. names: parents first."""
    quote = connection.dialect.identifier_preparer.quote
    for name in reversed(names):
        connection.exec_driver_sql(f"DELETE FROM {quote(name)}")  # noqa: S608


def raise_counters(connection: Connection, form: TableForm) -> None:
    """PostgreSQL counts ids apart from the rows: go on after the highest."""
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    for name, kind in form.columns:
        if kind is ColumnKind.INTEGER:
            highest = f"SELECT max({quote(name)}) AS value FROM {quote(form.name)}"  # noqa: S608
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence(%s, %s), value)"  # noqa: S608
                f" FROM ({highest}) AS highest"
                " WHERE value IS NOT NULL AND pg_get_serial_sequence(%s, %s) IS NOT NULL",
                (quote(form.name), name) * 2,
            )


def without_limits(connection: Connection) -> None:
    """A snapshot or a load may take as long as it takes, until its transaction ends."""
    if connection.dialect.name == "postgresql":
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {setting} = 0")
        connection.exec_driver_sql("SET LOCAL TimeZone = 'UTC'")
    else:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = 1")  # rows name each other


def _psycopg(connection: Connection) -> Any:
    return connection.connection.driver_connection
