"""Entries as the hashes want them: put into bytes by the store itself, the same on both.

A million entries through the ORM take a minute; through here, seconds.
"""

from functools import cache

_COLUMNS = (
    "id",
    "at",
    "event",
    "actor_kind",
    "actor_id",
    "surface",
    "object_kind",
    "object_id",
)
_IDS = {"id", "actor_id", "object_id"}


@cache
def columns_sql(dialect: str) -> str:
    """SQL for the bytes of `columns` (see app.audit.links) of the entry `e`."""
    return _bytes(dialect, " || ".join(_one(dialect, column) for column in _COLUMNS))


@cache
def details_sql(dialect: str) -> str:
    """SQL for the JSON of the entry `e` as it is stored, in bytes; NULL when it has none."""
    return _bytes(dialect, "e.details" if dialect == "sqlite" else "e.details::text")


def at_sql(dialect: str) -> str:
    """SQL for the time of the entry `e` in UTC, as text with microseconds."""
    if dialect == "sqlite":
        return "e.at"
    return "to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"


def _one(dialect: str, column: str) -> str:
    if dialect == "sqlite":
        return f"ifnull(length(CAST(e.{column} AS BLOB)) || ':' || e.{column}, '-')"
    text = f"e.{column}"
    if column in _IDS:
        text = f"replace(e.{column}::text, '-', '')"
    elif column == "at":
        text = at_sql(dialect)
    return f"coalesce(octet_length({text}) || ':' || {text}, '-')"


def _bytes(dialect: str, text: str) -> str:
    return f"CAST({text} AS BLOB)" if dialect == "sqlite" else f"convert_to({text}, 'UTF8')"
