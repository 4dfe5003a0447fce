"""Master keys of a store: are they the right ones, and how they are changed while it is in use."""

from collections.abc import Iterator, Sequence

from sqlalchemy import delete, func, insert, inspect, select, update
from sqlalchemy.orm import Session

from app.core.database import Database
from app.core.keys import KEY_BYTES, KeyTroubleError, MasterKeys, Wrapped
from app.core.sealing import DataKey, MasterKeyCheck

BATCH = 500
_KNOWN_TEXT = b"\0" * KEY_BYTES


def has_sealed(database: Database) -> bool:
    """Whether anything was ever sealed in this store."""
    if not inspect(database.engine).has_table(MasterKeyCheck.__tablename__):
        return False
    with database.snapshot() as session:
        return session.scalar(select(MasterKeyCheck.master_id).limit(1)) is not None


def check_keys(database: Database, masters: MasterKeys) -> None:
    """Raises KeyTroubleError unless every master key that the store was sealed with is here and
    right; a current key that is new to the store is noted in it."""
    with database.transaction() as session:
        checks = session.execute(select(MasterKeyCheck.master_id, MasterKeyCheck.wrapped)).all()
        for master_id, wrapped in checks:
            require_right(masters, master_id, wrapped)
        if masters.current() not in {check.master_id for check in checks}:
            note_key(session, masters)


def require_right(masters: MasterKeys, master_id: str, wrapped: str) -> None:
    """Raises KeyTroubleError unless this key is here and opens the known text under it."""
    masters.unwrap(Wrapped(master_id, wrapped), _context(master_id))


def note_key(session: Session, masters: MasterKeys) -> None:
    """Keep a known text under the current key."""
    master_id = masters.current()
    wrapped = masters.wrap(_KNOWN_TEXT, _context(master_id))
    session.execute(insert(MasterKeyCheck).values(master_id=master_id, wrapped=wrapped.text))


def keys_in_use(session: Session) -> dict[str, int]:
    """Master key -> data keys under it; those the store knows, also with 0."""
    counts = dict.fromkeys(session.scalars(select(MasterKeyCheck.master_id)).all(), 0)
    rows = session.execute(
        select(DataKey.master_id, func.count().label("number"))
        .where(DataKey.wrapped.is_not(None))
        .group_by(DataKey.master_id)
    )
    return counts | {row.master_id: int(row.number) for row in rows}


def rewrap(database: Database, masters: MasterKeys) -> Iterator[int]:
    """Put every data key under the current master key, a batch in each transaction; gives how many
    were done so far. Stopped anywhere, it goes on where it was: the rows tell what is left."""
    done = 0
    while batch := _rewrap_batch(database, masters):
        done += batch
        yield done


def retire(database: Database, master_id: str) -> None:
    """Forget a master key that wraps nothing any more. Raises KeyTroubleError if it does."""
    with database.transaction() as session:
        if keys_in_use(session).get(master_id):
            raise KeyTroubleError(f"{master_id} still wraps data keys: run `bureau keys rewrap`.")
        session.execute(delete(MasterKeyCheck).where(MasterKeyCheck.master_id == master_id))


def _rewrap_batch(database: Database, masters: MasterKeys) -> int:
    with database.transaction() as session:
        current = masters.current()
        rows = session.execute(
            select(DataKey.owner_id, DataKey.master_id, DataKey.wrapped)
            .where(DataKey.master_id.in_(_others(session, current)), DataKey.wrapped.is_not(None))
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for owner_id, master_id, wrapped in rows:
            assert wrapped is not None  # noqa: S101  (asked for above)
            data_key = masters.unwrap(Wrapped(master_id, wrapped), owner_id.bytes)
            again = masters.wrap(data_key, owner_id.bytes)
            session.execute(
                update(DataKey)
                .where(DataKey.owner_id == owner_id, DataKey.wrapped == wrapped)
                .values(master_id=again.master_id, wrapped=again.text)
            )
        return len(rows)


def _others(session: Session, current: str) -> Sequence[str]:
    return session.scalars(
        select(MasterKeyCheck.master_id).where(MasterKeyCheck.master_id != current)
    ).all()


def _context(master_id: str) -> bytes:
    return b"check\x1f" + master_id.encode()
