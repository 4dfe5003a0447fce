"""Rows that a version before sealing wrote plain: sealed in place, a batch in each transaction."""

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import Table, Text, and_, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from app.core.database import Database
from app.core.models import Base
from app.core.sealed_rows import sealed
from app.core.sealing import GONE, PREFIX, sealer_of

BATCH = 200


def seal_plain_rows(database: Database) -> Iterator[int]:
    """Gives how many rows were sealed so far. Stopped anywhere, it can be run again."""
    done = 0
    for mapper in Base.registry.mappers:
        model = cast(type[Base], mapper.class_)
        while sealed(model).names and (batch := _seal_batch(database, model)):
            done += batch
            yield done


def _seal_batch(database: Database, model: type[Base]) -> int:
    with database.transaction() as session:
        return _seal_some(session, model)


def _seal_some(session: Session, model: type[Base]) -> int:
    meant, table = sealed(model), cast(Table, model.__table__)
    columns = {name: type_coerce(getattr(model, name), Text) for name in meant.names}
    known = {name: getattr(model, name) for name in {*meant.key, meant.owner or meant.key[0]}}
    rows = session.execute(
        select(
            *(column.label(name) for name, column in known.items()),
            *(column.label(name) for name, column in columns.items()),
        )
        .where(
            or_(
                *(
                    and_(column.not_like(f"{PREFIX}%"), column != GONE)
                    for column in columns.values()
                )
            )
        )
        .limit(BATCH)
        .with_for_update()
    ).all()
    sealer, connection = sealer_of(session), session.connection()
    for found in rows:
        row: dict[str, Any] = dict(found._mapping)
        changes = {
            column: sealer.seal(connection, meant.place(row, name), row[name], is_new=False)
            for name, column in meant.names.items()
            if row[name] is not None and row[name] != GONE and not row[name].startswith(PREFIX)
        }
        is_this = and_(*(table.c[part] == row[part] for part in meant.key))
        connection.execute(update(table).where(is_this).values(changes))
    return len(rows)
