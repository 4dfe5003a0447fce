"""The sealer: gives each committed entry its place in the chain, in batches.

One at a time: whoever comes second finds the lock taken (PostgreSQL) or waits for its turn to write
(SQLite). A batch is one transaction, so a sealer that is killed leaves nothing half done.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from app.audit import links, service
from app.audit.domain import Event
from app.audit.entry_rows import columns_sql, details_sql
from app.audit.models import AuditChainLink, AuditEntry, AuditPending
from app.core.access import Actor
from app.core.database import Database
from app.core.errors import ConflictError
from app.core.rows import insert_rows

BATCH = 500
"""Entries in one transaction: on SQLite acts wait for it, some ten milliseconds."""
LOCK = 0x636861696E  # names the lock on PostgreSQL; any number that nothing else uses


def seal_all(database: Database, at: datetime) -> int:
    """Chain everything that may be chained at `at`; answers how many entries."""
    sealed = 0
    while _is_due(database, at):
        with database.transaction() as session:
            count = seal_batch(session, at)
        if count == 0:  # another sealer is at it
            break
        sealed += count
    return sealed


def seal_batch(session: Session, at: datetime) -> int:
    """Chain up to BATCH entries, the earliest first; answers how many."""
    if not take_lock(session):
        return 0
    _read_along_indexes(session)
    waiting = _waiting(session, at)
    first, previous = tail(session)
    rows: list[dict[str, Any]] = []
    salts = links.salts(len(waiting))
    for position, (salt, found) in enumerate(zip(salts, waiting, strict=True), first + 1):
        commitment = links.commitment(salt, found.columns, found.details)
        previous = links.link(previous, position, commitment)
        rows.append(
            {
                "position": position,
                "entry_id": UUID(found.entry_id),
                "salt": salt,
                "commitment": commitment,
                "link": previous,
            }
        )
    insert_rows(session, AuditChainLink, rows)
    if rows:
        _forget_waiting(session, until=waiting[-1].sealable_at, after_position=first)
    return len(rows)


def take_lock(session: Session) -> bool:
    """Whether this transaction may extend the chain; SQLite lets only one write at all."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))))


def tail(session: Session) -> tuple[int, bytes]:
    """(last position, last link)."""
    last = session.execute(
        select(AuditChainLink.position, AuditChainLink.link)
        .order_by(AuditChainLink.position.desc())
        .limit(1)
    ).first()
    return (last[0], last[1]) if last else (0, links.START)


def erase_entry(session: Session, actor: Actor, entry_id: UUID, *, at: datetime) -> None:
    """Remove a chained entry and its salt; the chain still holds, and a new entry tells of it.

    On PostgreSQL for the tables' owner only. Raises ConflictError while the entry is not in the
    chain.
    """
    position = session.scalar(
        update(AuditChainLink)
        .where(AuditChainLink.entry_id == entry_id)
        .values(entry_id=None, salt=None)
        .returning(AuditChainLink.position)
    )
    if position is None:
        raise ConflictError("Only an entry that is in the chain can be erased.")
    session.execute(delete(AuditEntry).where(AuditEntry.id == entry_id))
    service.record(
        session, actor, Event.AUDIT_ENTRY_ERASED, "audit_entry", None, at=at, position=position
    )


def _read_along_indexes(session: Session) -> None:
    """The queue is empty when PostgreSQL counts it and full when it matters: left alone, it was
    seen to read every entry for each batch."""
    if session.get_bind().dialect.name == "postgresql":
        for way in ("seqscan", "hashjoin", "mergejoin"):
            session.execute(text(f"SET LOCAL enable_{way} = off"))


def _is_due(database: Database, at: datetime) -> bool:
    with database.snapshot() as session:
        query = select(AuditPending.entry_id).where(AuditPending.sealable_at <= at).limit(1)
        return session.scalar(query) is not None


def _waiting(session: Session, at: datetime) -> list[Any]:
    """In the order of (sealable_at, id): within a day that is kept as a day, by chance."""
    dialect = session.get_bind().dialect.name
    bound = at.replace(tzinfo=None).isoformat(" ", "microseconds") if dialect == "sqlite" else at
    found = session.execute(
        text(
            f"SELECT p.sealable_at, CAST(p.entry_id AS VARCHAR) AS entry_id,"  # noqa: S608
            f" {columns_sql(dialect)} AS columns, {details_sql(dialect)} AS details"
            " FROM audit_pending p JOIN audit_entries e ON e.id = p.entry_id"
            " WHERE p.sealable_at <= :at ORDER BY p.sealable_at, p.entry_id LIMIT :batch"
        ),
        {"at": bound, "batch": BATCH},
    )
    return list(found)


def _forget_waiting(session: Session, *, until: Any, after_position: int) -> None:
    """until: as the store gave it."""
    session.execute(
        text(
            "DELETE FROM audit_pending WHERE sealable_at <= :until AND entry_id IN"
            " (SELECT entry_id FROM audit_chain WHERE position > :after)"
        ),
        {"until": until, "after": after_position},
    )
