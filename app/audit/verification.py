"""Is the trail what it was? One streamed pass over the chain, its entries and its checkpoints.

Nothing that is read is taken to have the type or form that the application would have written.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.audit import links
from app.audit.checkpoints import Checkpoint, checkpoints
from app.audit.domain import Event
from app.audit.entry_rows import at_sql, columns_sql, details_sql
from app.audit.findings import Fault, Finding, Findings

GRACE = timedelta(minutes=10)
"""A sealer needs seconds; after so long an entry that is not chained is a finding."""
FETCHED = 5_000

_ERASURE = f":{Event.AUDIT_ENTRY_ERASED.value}".encode()


@dataclass(frozen=True)
class Witness:
    """A file of checkpoints. lines: as `read_file` gives them.

    is_own: the file that this bureau writes, which must hold all; a copy may end earlier.
    """

    lines: Sequence[Checkpoint | int]
    is_own: bool


def verify(
    session: Session,
    *,
    keys: Mapping[str, Ed25519PublicKey],
    witness: Witness,
    at: datetime,
    since: datetime | None = None,
    advance: Callable[[int], None] = lambda _position: None,
) -> Findings:
    """Check everything, or what was chained after the last checkpoint before `since`.

    keys: by their id. advance: told the position that was reached.
    """
    findings = Findings()
    signed = _signed_checkpoints(session, findings, keys, witness, at)
    start = max(
        (c for c in signed if since is not None and c.at <= since),
        key=lambda c: c.size,
        default=None,
    )
    linked = _walk(session, findings, signed, start, advance)
    _name_entries(session, findings)
    _look_for_strays(session, findings, None if start else linked, at)
    return findings


def _signed_checkpoints(
    session: Session,
    findings: Findings,
    keys: Mapping[str, Ed25519PublicKey],
    witness: Witness,
    at: datetime,
) -> list[Checkpoint]:
    """Those with a good signature, by size; of one number there may be two that differ."""
    stored, filed = _stored(session, findings), _filed(witness, findings)
    last_filed = max(filed, default=0)
    signed: list[Checkpoint] = []
    expected, size = 1, 0
    for number in sorted(stored.keys() | filed.keys()):
        here, there = stored.get(number), filed.get(number)
        if number != expected:
            findings.add(Finding(Fault.CHECKPOINT_GAP, checkpoint=number))
        expected = number + 1
        is_late = number < last_filed or (
            witness.is_own and here is not None and here.at + GRACE < at
        )
        fault = _difference(here, there, is_late=is_late)
        if fault is not None:
            findings.add(Finding(fault, checkpoint=number))
        for found in (here, there if there != here else None):
            if found is None:
                continue
            key = keys.get(found.key_id)
            if key is None or not found.is_signed_by(key):
                findings.add(Finding(Fault.FORGED_CHECKPOINT, checkpoint=number))
                continue
            if found.size <= size:
                findings.add(Finding(Fault.CHECKPOINT_ORDER, checkpoint=number))
            signed.append(found)
        size = max((c.size for c in (here, there) if c is not None), default=size)
    findings.checkpoints = len(stored.keys() | filed.keys())
    return sorted(signed, key=lambda c: c.size)


def _difference(
    here: Checkpoint | None, there: Checkpoint | None, *, is_late: bool
) -> Fault | None:
    """Between store and file. is_late: the file should hold it by now."""
    if here is None:
        return Fault.CHECKPOINT_NOT_IN_STORE
    if there is None:
        return Fault.CHECKPOINT_NOT_IN_FILE if is_late else None
    return None if here == there else Fault.CHECKPOINT_DIFFERS


def _stored(session: Session, findings: Findings) -> dict[int, Checkpoint]:
    try:
        return {found.number: found for found in checkpoints(session)}
    except (ValueError, TypeError):
        findings.add(Finding(Fault.FORGED_CHECKPOINT))
        return {}


def _filed(witness: Witness, findings: Findings) -> dict[int, Checkpoint]:
    filed: dict[int, Checkpoint] = {}
    for line in witness.lines:
        if isinstance(line, int):
            findings.add(Finding(Fault.UNREADABLE_LINE, line=line))
        elif filed.setdefault(line.number, line) != line:
            findings.add(Finding(Fault.CHECKPOINT_DIFFERS, checkpoint=line.number))
    return filed


def _walk(
    session: Session,
    findings: Findings,
    signed: Sequence[Checkpoint],
    start: Checkpoint | None,
    advance: Callable[[int], None],
) -> int:
    """Every place of the chain after `start`; answers how many have an entry that stands."""
    position, previous = (start.size, start.root) if start else (0, links.START)
    marks = _Marks(findings, [c for c in signed if c.size > position])
    entries = _Entries(findings)
    for rows in _rows(session, after=position):
        for found, is_erased, salt, commitment, link, columns, details in rows:
            if found != position + 1:
                findings.add(Finding(Fault.GAP, position=found))
            position = found
            if not _is_linked(previous, position, commitment, link):
                findings.add(Finding(Fault.BROKEN_LINK, position=position))
            previous = link
            if position >= marks.next_size:
                marks.compare(position, link)
            if is_erased:
                entries.erased.append(position)
            else:
                entries.check(position, salt, commitment, columns, details)
        advance(position)
    entries.finish()
    marks.finish(position)
    findings.size, findings.erased = position, len(entries.erased)
    findings.signed = max((c.size for c in signed), default=0)
    return entries.standing


def _is_linked(previous: bytes, position: int, commitment: bytes, link: bytes) -> bool:
    try:
        return links.link(previous, position, commitment) == link
    except TypeError:
        return False


class _Entries:
    """What the pass learns of the entries.

    standing: places that have one. erased: places that had one. told: place of an erased entry ->
    place of the entry that tells of it.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.standing = 0
        self.erased: list[int] = []
        self.told: dict[int, int] = {}

    def check(
        self,
        position: int,
        salt: bytes,
        commitment: bytes,
        columns: bytes | None,
        details: bytes | None,
    ) -> None:
        if columns is None:
            self._findings.add(Finding(Fault.MISSING, position=position))
            return
        self.standing += 1
        try:
            is_whole = links.commitment(salt, columns, details) == commitment
        except (TypeError, ValueError):
            is_whole = False
        if not is_whole:
            self._findings.add(Finding(Fault.ALTERED, position=position))
        elif _ERASURE in columns:
            self.told[_erased_position(details)] = position

    def finish(self) -> None:
        for gone in self.erased:
            if self.told.get(gone, 0) <= gone:
                self._findings.add(Finding(Fault.MISSING, position=gone))


class _Marks:
    """The signed checkpoints that the pass still has to meet."""

    def __init__(self, findings: Findings, by_size: Sequence[Checkpoint]) -> None:
        self._findings = findings
        self._left = list(reversed(by_size))
        self.next_size: float = 0
        self._look()

    def _look(self) -> None:
        self.next_size = self._left[-1].size if self._left else float("inf")

    def compare(self, position: int, link: bytes) -> None:
        """Every checkpoint up to this position."""
        while self._left and self._left[-1].size <= position:
            mark = self._left.pop()
            if mark.size != position or mark.root != link:
                self._findings.add(
                    Finding(Fault.WRONG_CHECKPOINT, position=mark.size, checkpoint=mark.number)
                )
        self._look()

    def finish(self, position: int) -> None:
        for mark in reversed(self._left):
            self._findings.add(Finding(Fault.CUT_TAIL, position=position, checkpoint=mark.number))


def _rows(session: Session, *, after: int) -> Iterator[Sequence[Any]]:
    """Through the driver: the rows of a million places must not become objects of the ORM."""
    dialect = session.get_bind().dialect.name
    mark = "?" if dialect == "sqlite" else "%s"
    sql = (
        "SELECT c.position, c.entry_id IS NULL, c.salt, c.commitment, c.link,"  # noqa: S608
        f" CASE WHEN e.id IS NOT NULL THEN {columns_sql(dialect)} END, {details_sql(dialect)}"
        " FROM audit_chain c LEFT JOIN audit_entries e ON e.id = c.entry_id"
        f" WHERE c.position > {mark} ORDER BY c.position"
    )
    connection: Any = session.connection().connection.driver_connection
    if dialect == "sqlite":
        cursor = connection.cursor()
        cursor.execute(sql, (after,))
    else:
        cursor = connection.cursor(name="verification")
        cursor.execute(sql, (after,), binary=True)
    try:
        while rows := cursor.fetchmany(FETCHED):
            yield rows
    finally:
        cursor.close()


def _erased_position(details: bytes | None) -> int:
    found = json.loads(details or b"{}")
    position = found.get("position") if isinstance(found, dict) else None
    return position if isinstance(position, int) else 0


def _name_entries(session: Session, findings: Findings) -> None:
    """The chain is walked without ids, which are wanted only where something is wrong."""
    for number, finding in enumerate(findings.first):
        if finding.fault in {Fault.ALTERED, Fault.MISSING}:
            found = session.scalar(
                text(
                    "SELECT CAST(entry_id AS VARCHAR) FROM audit_chain WHERE position = :position"
                ),
                {"position": finding.position},
            )
            findings.first[number] = replace(finding, entry_id=_id(found) if found else None)


def _look_for_strays(
    session: Session, findings: Findings, linked: int | None, at: datetime
) -> None:
    """Entries that are in no place of the chain, and places in the queue without an entry.

    linked: places whose entry stands, when the whole chain was walked: it spares the search.
    """
    entries = session.scalar(text("SELECT count(*) FROM audit_entries"))
    if entries != linked:
        for entry_id, when in session.execute(
            text(
                f"SELECT CAST(e.id AS VARCHAR), {at_sql(session.get_bind().dialect.name)}"  # noqa: S608
                " FROM audit_entries e LEFT JOIN audit_chain c ON c.entry_id = e.id"
                " WHERE c.position IS NULL ORDER BY e.at, e.id"
            )
        ):
            if _may_wait(when, at):
                findings.waiting += 1
            else:
                findings.add(Finding(Fault.NOT_CHAINED, entry_id=_id(entry_id)))
    for (entry_id,) in session.execute(
        text(
            "SELECT CAST(p.entry_id AS VARCHAR) FROM audit_pending p"
            " LEFT JOIN audit_entries e ON e.id = p.entry_id WHERE e.id IS NULL"
        )
    ):
        findings.add(Finding(Fault.LOST_BEFORE_CHAINED, entry_id=_id(entry_id)))


def _may_wait(when: str, at: datetime) -> bool:
    """Whether the sealer need not have come by yet."""
    try:
        due = links.sealable_at(datetime.fromisoformat(when).replace(tzinfo=UTC))
    except (TypeError, ValueError):
        return False
    return at - GRACE <= due <= at + links.HELD_BACK + GRACE


def _id(found: str) -> str:
    try:
        return str(UUID(found))
    except ValueError:
        return repr(found)
