"""Signed checkpoints, kept in the store and in a file outside of it.

The store comes first; the file then gets every line it lacks, so a process that dies in between
leaves nothing that the next does not mend. A file that knows more than the store means that the
store lost its tail: nothing is signed until somebody has looked.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import sealing
from app.audit.keys import key_id
from app.audit.models import AuditCheckpoint
from app.core.database import Database
from app.core.disk import sync_folder

TAIL_BYTES = 4096  # holds several lines: one has about 330 bytes


class CheckpointsAheadError(Exception):
    """The file knows checkpoints that the store does not."""


@dataclass(frozen=True)
class Checkpoint:
    """The chain had `size` entries and the last link `root` at this moment. number: 1, 2, 3, ..."""

    number: int
    size: int
    root: bytes
    at: datetime
    key_id: str
    signature: bytes

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        try:
            key.verify(self.signature, self._message())
        except (InvalidSignature, TypeError, AttributeError):  # tampered columns may be of any type
            return False
        return True

    def _message(self) -> bytes:
        return message(self.number, self.size, self.root, self.at, self.key_id)

    def line(self) -> str:
        return json.dumps(
            {
                "number": self.number,
                "size": self.size,
                "root": self.root.hex(),
                "at": self.at.isoformat(),
                "key_id": self.key_id,
                "signature": self.signature.hex(),
            }
        )

    @classmethod
    def of_line(cls, line: str) -> "Checkpoint":
        """Raises ValueError when this is no line of a checkpoint."""
        try:
            found = json.loads(line)
            at = datetime.fromisoformat(found["at"])
            return cls(
                number=int(found["number"]),
                size=int(found["size"]),
                root=bytes.fromhex(found["root"]),
                at=at.astimezone(UTC),
                key_id=str(found["key_id"]),
                signature=bytes.fromhex(found["signature"]),
            )
        except (TypeError, KeyError, AttributeError, OverflowError) as error:
            raise ValueError("no line of a checkpoint") from error


def message(number: int, size: int, root: bytes, at: datetime, key: str) -> bytes:
    """What is signed. at: in UTC, to the second."""
    return f"bureau checkpoint 1\n{number}\n{size}\n{root.hex()}\n{at.isoformat()}\n{key}".encode()


def sign(
    key: Ed25519PrivateKey, *, number: int, size: int, root: bytes, at: datetime
) -> Checkpoint:
    name = key_id(key.public_key())
    return Checkpoint(number, size, root, at, name, key.sign(message(number, size, root, at, name)))


def make_checkpoint(
    database: Database,
    key: Ed25519PrivateKey,
    file: Path,
    at: datetime,
    *,
    every: timedelta = timedelta(0),
) -> Checkpoint | None:
    """Sign the chain as it stands, unless nothing was added or the last is younger than `every`.

    Raises CheckpointsAheadError, before anything is signed.
    """
    made = None
    with _opened(file) as stream:
        known = _last_number(stream)
        with database.snapshot() as session:
            last = last_checkpoint(session)
            _require_not_ahead(known, last)
            is_due = _is_due(session, last, at, every)
        if is_due:
            with database.transaction() as session:
                if sealing.take_lock(session):
                    made = _sign_tail(session, key, at)
        with database.snapshot() as session:
            missing = list(checkpoints(session, after=known))
        _append(stream, file, missing)
    return made


def last_checkpoint(session: Session) -> Checkpoint | None:
    query = select(AuditCheckpoint).order_by(AuditCheckpoint.number.desc()).limit(1)
    found = session.scalars(query).first()
    return _plain(found) if found else None


def checkpoints(session: Session, *, after: int = 0) -> Iterator[Checkpoint]:
    """Those of the store, by number."""
    query = select(AuditCheckpoint).where(AuditCheckpoint.number > after)
    for row in session.scalars(query.order_by(AuditCheckpoint.number)):
        yield _plain(row)


def read_file(file: Path) -> Iterator[Checkpoint | int]:
    """The checkpoints of a file, in its order; the number of a line that is none.

    A line that was cut by a power failure stands whole on the line after it, and is passed over.
    """
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    for i, line in enumerate(lines):
        if i + 1 < len(lines) and len(lines[i + 1]) > len(line) and lines[i + 1].startswith(line):
            continue
        try:
            yield Checkpoint.of_line(line)
        except ValueError:
            yield i + 1


def _is_due(session: Session, last: Checkpoint | None, at: datetime, every: timedelta) -> bool:
    size, _ = sealing.tail(session)
    return size > (last.size if last else 0) and (last is None or at >= last.at + every)


def _sign_tail(session: Session, key: Ed25519PrivateKey, at: datetime) -> Checkpoint | None:
    """None when another worker signed this very tail in the meantime."""
    size, root = sealing.tail(session)
    last = last_checkpoint(session)
    if last is not None and last.size >= size:
        return None
    made = sign(key, number=last.number + 1 if last else 1, size=size, root=root, at=at)
    session.add(AuditCheckpoint(**vars(made)))
    return made


def _plain(row: AuditCheckpoint) -> Checkpoint:
    return Checkpoint(
        number=row.number,
        size=row.size,
        root=row.root,
        at=row.at,
        key_id=row.key_id,
        signature=row.signature,
    )


def _require_not_ahead(known: int, last: Checkpoint | None) -> None:
    if known > (last.number if last else 0):
        raise CheckpointsAheadError(
            f"The file of checkpoints knows number {known}, the store only"
            f" {last.number if last else 0}."
        )


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    """The file for one process at a time. It is only ever appended to."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _last_number(handle: int) -> int:
    """Number on the last whole line; 0 when there is none."""
    size = os.fstat(handle).st_size
    text = os.pread(handle, TAIL_BYTES, max(0, size - TAIL_BYTES)).decode(errors="replace")
    for line in reversed(text.splitlines()):
        try:
            return Checkpoint.of_line(line).number
        except ValueError:
            continue
    return 0


def _append(handle: int, file: Path, missing: Iterable[Checkpoint]) -> None:
    text = "".join(f"{checkpoint.line()}\n" for checkpoint in missing)
    if not text:
        return
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        text = "\n" + text  # the line before was cut
    data = text.encode()
    while data:
        data = data[os.write(handle, data) :]
    os.fsync(handle)
    if not size:
        sync_folder(file.parent)
