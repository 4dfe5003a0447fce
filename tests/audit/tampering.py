"""Seven ways to tamper with a trail, each by somebody who may write to the store and the file.

Each is a function of the connection, a source of chance and the trail; it answers what the file of
checkpoints holds afterwards. Triggers are out of the way already.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from app.audit import links
from app.audit.checkpoints import Checkpoint, checkpoints, sign
from app.audit.entry_rows import columns_sql, details_sql
from app.audit.models import AuditChainLink, AuditCheckpoint, AuditEntry
from tests.makers.audit import MORNING

Lines = list[Checkpoint | int]
Tampering = Callable[[Connection, Random, Lines], Lines]

ENTRIES = AuditEntry.__table__.c
FAR = 1_000_000

NEW_VALUES: dict[str, Callable[[Random], Any]] = {
    "id": lambda _: uuid4(),
    "at": lambda chance: MORNING - timedelta(seconds=chance.randrange(1, 10**7)),
    "event": lambda _: "note_written",
    "actor_kind": lambda _: "anybody",
    "actor_id": lambda chance: chance.choice([None, uuid4()]),
    "surface": lambda chance: chance.choice(["public", "partner", "command"]),
    "object_kind": lambda chance: chance.choice([None, "", "negotiation"]),
    "object_id": lambda _: uuid4(),
    "details": lambda chance: chance.choice([{}, {"to": "closed"}, {"count": -1}]),
}


def alter_an_entry(connection: Connection, chance: Random, lines: Lines) -> Lines:
    column = chance.choice(sorted(NEW_VALUES))
    value = NEW_VALUES[column](chance)
    entry_id = _entry_at(connection, _place(connection, chance))
    if (
        value is None
        and connection.scalar(select(ENTRIES[column]).where(ENTRIES.id == entry_id)) is None
    ):
        value = uuid4() if column == "actor_id" else "negotiation"
    connection.execute(update(AuditEntry).where(ENTRIES.id == entry_id).values({column: value}))
    return lines


def delete_an_entry(connection: Connection, chance: Random, lines: Lines) -> Lines:
    place = _place(connection, chance)
    connection.execute(delete(AuditEntry).where(ENTRIES.id == _entry_at(connection, place)))
    row = AuditChainLink.position == place
    how = chance.randrange(4)
    if how == 1:  # its place too
        connection.execute(delete(AuditChainLink).where(row))
    elif how == 2:  # and the places after it close the gap
        connection.execute(delete(AuditChainLink).where(row))
        _shift(connection, after=place, by=-1)
    elif how == 3:  # as if it had been erased
        connection.execute(update(AuditChainLink).where(row).values(entry_id=None, salt=None))
    return lines


def insert_an_entry(connection: Connection, chance: Random, lines: Lines) -> Lines:
    """Without a place, or with one between others. (At the very end, with hashes that fit, it is
    what the sealer itself would have written: see decision 13 on what the chain does not do.)"""
    entry = _new_entry(chance)
    connection.execute(insert(AuditEntry).values(entry))
    if chance.random() < 0.5:
        return lines
    place = chance.randrange(_size(connection))
    _shift(connection, after=place, by=1)
    salt = chance.randbytes(16)
    made = links.commitment(salt, *_bytes_of(connection, entry["id"]))
    previous = _link_at(connection, place)
    connection.execute(
        insert(AuditChainLink).values(
            position=place + 1,
            entry_id=entry["id"],
            salt=salt,
            commitment=made,
            link=links.link(previous, place + 1, made),
        )
    )
    return lines


def swap_two(connection: Connection, chance: Random, lines: Lines) -> Lines:
    places = chance.sample(range(1, _size(connection) + 1), 2)
    columns = chance.choice([("entry_id",), ("entry_id", "salt", "commitment"), ("contents",), ()])
    first, second = (_row_at(connection, place) for place in places)
    if columns == ("contents",):
        entries = [
            connection.execute(select(AuditEntry.__table__).where(ENTRIES.id == row.entry_id)).one()
            for row in (first, second)
        ]
        for row, other in zip((first, second), reversed(entries), strict=True):
            values = {k: v for k, v in other._mapping.items() if k != "id"}
            connection.execute(update(AuditEntry).where(ENTRIES.id == row.entry_id).values(values))
        return lines
    wanted = columns or ("entry_id", "salt", "commitment", "link")
    for place in places:
        connection.execute(delete(AuditChainLink).where(AuditChainLink.position == place))
    for row, other in ((first, second), (second, first)):
        values = row._asdict() | {name: getattr(other, name) for name in wanted}
        connection.execute(insert(AuditChainLink).values(values))
    return lines


def cut_the_tail(connection: Connection, chance: Random, lines: Lines) -> Lines:
    keep = chance.randrange(0, _size(connection))
    kept = select(AuditChainLink.entry_id).where(AuditChainLink.position <= keep)
    connection.execute(delete(AuditEntry).where(ENTRIES.id.not_in(kept)))
    connection.execute(delete(AuditChainLink).where(AuditChainLink.position > keep))
    if chance.random() < 0.7:
        connection.execute(delete(AuditCheckpoint).where(AuditCheckpoint.size > keep))
    return lines


def rewrite_a_suffix(connection: Connection, chance: Random, lines: Lines) -> Lines:
    """With hashes that fit; the checkpoints get the new roots, but no signature that is good."""
    place = _place(connection, chance)
    entry_id = _entry_at(connection, place)
    connection.execute(
        update(AuditEntry).where(ENTRIES.id == entry_id).values(actor_id=uuid4(), details=None)
    )
    previous = _link_at(connection, place - 1)
    for position in range(place, _size(connection) + 1):
        salt = chance.randbytes(16)
        made = links.commitment(salt, *_bytes_of(connection, _entry_at(connection, position)))
        previous = links.link(previous, position, made)
        connection.execute(
            update(AuditChainLink)
            .where(AuditChainLink.position == position)
            .values(salt=salt, commitment=made, link=previous)
        )
    how = chance.randrange(3)
    if how == 0:
        return lines
    forger = Ed25519PrivateKey.generate()
    forged: Lines = []
    for line in lines:
        assert isinstance(line, Checkpoint)
        root = _link_at(connection, line.size)
        signed = sign(forger, number=line.number, size=line.size, root=root, at=line.at)
        made_up = replace(line, root=root) if how == 1 else signed
        forged.append(made_up if line.size >= place else line)
    _store(connection, forged)
    return forged


def tamper_with_checkpoints(connection: Connection, chance: Random, lines: Lines) -> Lines:
    held = [line for line in lines if isinstance(line, Checkpoint)]
    chosen = chance.choice(held)
    others: Lines = [line for line in held if line is not chosen]
    changes: dict[str, Any] = {
        "size": chosen.size - 1,
        "root": bytes(32),
        "at": chosen.at + timedelta(seconds=1),
        "key_id": "0" * 16,
        "signature": bytes(64),
        "number": chosen.number + FAR,
    }
    field = chance.choice(sorted(changes))
    altered = replace(chosen, **{field: changes[field]})
    forger = Ed25519PrivateKey.generate()
    how = chance.randrange(7)
    if how == 0:  # removed from the file
        return others
    if how == 1:  # removed from the store
        _store(connection, others)
    elif how == 2:  # altered in both
        _store(connection, [*others, altered])
        return [*others, altered]
    elif how == 3:  # altered in one
        return [*others, altered]
    elif how == 4:  # the key replaced: everything signed anew
        resigned: Lines = [
            sign(forger, number=c.number, size=c.size, root=c.root, at=c.at) for c in held
        ]
        _store(connection, resigned)
        return resigned
    elif how == 5:  # one made up, with another key
        last = held[-1]
        made_up = sign(
            forger, number=last.number + 1, size=last.size + 1, root=bytes(32), at=last.at
        )
        _store(connection, [*held, made_up])
        return [*held, made_up]
    else:
        return [*others, 1]  # a line made unreadable
    return lines


TAMPERINGS: tuple[Tampering, ...] = (
    alter_an_entry,
    delete_an_entry,
    insert_an_entry,
    swap_two,
    cut_the_tail,
    rewrite_a_suffix,
    tamper_with_checkpoints,
)


def drop_triggers(connection: Connection) -> None:
    names = [("queue_audit_entry", "audit_entries")]
    names += [
        (f"refuse_{table}_{act}", table)
        for table in ("audit_entries", "audit_chain", "audit_checkpoints")
        for act in ("update", "delete")
    ]
    on = connection.dialect.name == "postgresql"
    for name, table in names:
        connection.execute(sql(f"DROP TRIGGER {name}" + (f" ON {table}" if on else "")))


def stored_lines(session: Session) -> Lines:
    return list(checkpoints(session))


def _store(connection: Connection, held: Lines) -> None:
    connection.execute(delete(AuditCheckpoint))
    rows = [vars(line) for line in held if isinstance(line, Checkpoint)]
    if rows:
        connection.execute(insert(AuditCheckpoint), rows)


def _size(connection: Connection) -> int:
    return connection.scalar(select(func.max(AuditChainLink.position))) or 0


def _place(connection: Connection, chance: Random) -> int:
    return chance.randint(1, _size(connection))


def _row_at(connection: Connection, place: int) -> Any:
    table = AuditChainLink.__table__
    return connection.execute(select(table).where(table.c.position == place)).one()


def _entry_at(connection: Connection, place: int) -> UUID:
    found = _row_at(connection, place).entry_id
    assert isinstance(found, UUID)
    return found


def _link_at(connection: Connection, place: int) -> bytes:
    return bytes(_row_at(connection, place).link) if place else links.START


def _shift(connection: Connection, *, after: int, by: int) -> None:
    """In two steps: a position must at no moment stand twice."""
    for step in (FAR, by - FAR):
        connection.execute(
            update(AuditChainLink)
            .where(AuditChainLink.position > after)
            .values(position=AuditChainLink.position + step)
        )


def _bytes_of(connection: Connection, entry_id: UUID) -> tuple[bytes, bytes | None]:
    dialect = connection.dialect.name
    given = entry_id.hex if dialect == "sqlite" else entry_id
    found = connection.execute(
        sql(
            f"SELECT {columns_sql(dialect)}, {details_sql(dialect)} FROM audit_entries e"  # noqa: S608
            " WHERE e.id = :id"
        ),
        {"id": given},
    ).one()
    return found[0], found[1]


def _new_entry(chance: Random) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "at": MORNING - timedelta(seconds=chance.randrange(1, 10**6)),
        "event": "case_read",
        "actor_kind": "staff",
        "actor_id": uuid4(),
        "surface": "staff",
        "object_kind": "case",
        "object_id": uuid4(),
        "details": None,
    }
