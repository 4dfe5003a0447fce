"""Keyset paging: a page starts after the last row of the one before, whatever comes in between."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from app.core.errors import invalid

T = TypeVar("T")


@dataclass(frozen=True)
class PageRequest:
    """limit: 1..100; cursor: as given by the page before; with_total: count all rows too."""

    limit: int = 20
    cursor: str | None = None
    with_total: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    items: Sequence[T]
    next: str | None = None
    total: int | None = None


def fetch_page(
    session: Session,
    query: Select[T],
    request: PageRequest,
    *,
    order: Sequence[InstrumentedAttribute[Any]],
    descending: bool = False,
) -> Page[T]:
    """One page of `query`, ordered by `order`, whose columns together are unique and never null."""
    total = None
    if request.with_total:
        total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    if request.cursor is not None:
        after = _decode(request.cursor, order, _mark(order, descending))
        query = query.where(_after(order, after, descending))
    query = query.order_by(*(column.desc() if descending else column for column in order))
    rows = session.scalars(query.limit(request.limit + 1)).unique().all()
    items = rows[: request.limit]
    following = None
    if len(rows) > request.limit:
        last = [getattr(items[-1], column.key) for column in order]
        following = _encode(_mark(order, descending), last)
    return Page(items=items, next=following, total=total)


def _after(
    order: Sequence[InstrumentedAttribute[Any]], values: list[Any], descending: bool
) -> ColumnElement[bool]:
    columns = tuple_(*order)
    bound = tuple_(
        *(literal(value, column.type) for column, value in zip(order, values, strict=True))
    )
    return columns < bound if descending else columns > bound


def _mark(order: Sequence[InstrumentedAttribute[Any]], descending: bool) -> str:
    """Of which table and order a cursor is: its values could fit another list too."""
    columns = " ".join(f"{column.class_.__tablename__}.{column.key}" for column in order)
    return hashlib.sha256(f"{columns} {descending}".encode()).hexdigest()[:8]


def _encode(mark: str, values: list[Any]) -> str:
    plain = [mark, *(str(v) if isinstance(v, UUID) else _iso(v) for v in values)]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _decode(cursor: str, order: Sequence[InstrumentedAttribute[Any]], mark: str) -> list[Any]:
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", True))
        if not isinstance(values, list) or values[:1] != [mark]:
            raise ValueError("of another list")
        del values[0]
        return [_parse(column.type.python_type, v) for column, v in zip(order, values, strict=True)]
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise invalid("/query/cursor", "not a cursor of this list", "bad_cursor") from None


def _parse(kind: type[Any], value: Any) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return moment
    if kind is date:
        return date.fromisoformat(value)
    if kind is UUID:
        return UUID(value)
    if kind is int:
        number = int(value)
        if not -(2**63) <= number < 2**63:
            raise ValueError("too large")
        return number
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a string")
    return value
