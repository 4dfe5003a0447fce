"""Rows meet the sealer: what is personal is sealed as it is written and opened as it is loaded.

Each model with personal columns says in `sealed_by` which of its columns names the owner of the
data key; None is the house itself.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, event
from sqlalchemy import inspect as inspect_model
from sqlalchemy.orm import Mapper, Session, object_session
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value

from app.core.columns import is_personal
from app.core.models import Base
from app.core.sealing import HOUSE, Place, Sealer, sealer_of


class _Sealed:
    """What a model seals: attributes with their columns, its key columns, and by whose data key."""

    def __init__(self, model: type[Base]) -> None:
        mapper = inspect_model(model)
        self.table = mapper.local_table.name  # type: ignore[attr-defined]
        self.names = {
            name: attribute.columns[0].name
            for name, attribute in mapper.column_attrs.items()
            if is_personal(attribute.columns[0].type)
        }
        self.key = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        self.owner = model.sealed_by
        # A row that borrows its owner's id as its key can come long after the owner's first.
        self.is_own = self.owner == "id" and self.key == ["id"]

    def place(self, row: Mapping[str, Any], name: str) -> Place:
        return Place(
            HOUSE if self.owner is None else row[self.owner],
            self.table,
            self.names[name],
            "\x1f".join(_text(row[part]) for part in self.key),
        )


@cache
def sealed(model: type[Base]) -> _Sealed:
    return _Sealed(model)


def seal_rows(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows that are to be inserted as they are, with what is personal sealed."""
    meant = sealed(model)
    if not meant.names:
        return [dict(row) for row in rows]
    sealer, connection = sealer_of(session), session.connection()
    return [_seal(sealer, connection, meant, dict(row), meant.names, is_new=True) for row in rows]


def open_value(session: Session, model: type[Base], row: Mapping[str, Any], name: str) -> str:
    """One personal value of a row that a plain query read: with its key columns and its owner."""
    place = sealed(model).place(row, name)
    return sealer_of(session).open(session.connection(), place, row[name])


def _seal(
    sealer: Sealer,
    connection: Connection,
    meant: _Sealed,
    row: dict[str, Any],
    names: Any,
    *,
    is_new: bool,
) -> dict[str, Any]:
    for name in names:
        if row.get(name) is None:
            continue
        if "id" in meant.key and row.get("id") is None:
            row["id"] = uuid4()  # the place of a value names its row
        place = meant.place(row, name)
        row[name] = sealer.seal(connection, place, row[name], is_new=is_new and meant.is_own)
        is_new = False
    return row


@event.listens_for(Base, "before_insert", propagate=True)
def _seal_new(_mapper: Mapper[Any], connection: Connection, target: Base) -> None:
    meant = sealed(type(target))
    if meant.names:
        sealer = _sealer_for(target)
        _seal(sealer, connection, meant, instance_dict(target), meant.names, is_new=True)


@event.listens_for(Base, "before_update", propagate=True)
def _seal_changed(_mapper: Mapper[Any], connection: Connection, target: Base) -> None:
    meant = sealed(type(target))
    changed = meant.names.keys() & instance_state(target).committed_state.keys()
    if changed:
        sealer = _sealer_for(target)
        _seal(sealer, connection, meant, instance_dict(target), changed, is_new=False)


@event.listens_for(Base, "load", propagate=True)
def _open_loaded(target: Base, context: Any) -> None:
    meant = sealed(type(target))
    if meant.names and context is not None:  # a merge has no context, and nothing sealed
        _open(target, context, meant, meant.names)


@event.listens_for(Base, "refresh", propagate=True)
def _open_refreshed(target: Base, context: Any, attributes: Any) -> None:
    meant = sealed(type(target))
    if meant.names:
        again = meant.names.keys() if attributes is None else meant.names.keys() & set(attributes)
        _open(target, context, meant, again)


def _open(target: Base, context: Any, meant: _Sealed, names: Any) -> None:
    row = instance_dict(target)
    session: Session = context.session
    for name in names:
        if row.get(name) is not None:
            place = meant.place(row, name)
            plain = sealer_of(session).open(session.connection(), place, row[name])
            set_committed_value(target, name, plain)


def _sealer_for(target: Base) -> Sealer:
    session = object_session(target)
    assert session is not None  # noqa: S101  (only a session flushes)
    return sealer_of(session)


def _text(part: object) -> str:
    return part.hex if isinstance(part, UUID) else str(part)
