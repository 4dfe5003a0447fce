"""An archive: a header that can be read, then entries in a stream that is sealed in parts.

    bureau-backup 1
    {the header as JSON, on one line}
    sealed parts (core.sealed_files), each bound to the two lines above

The stream is frames: a length of four bytes, then that many bytes. An entry is a frame with its
title as JSON, frames with its content, and an empty frame. The last entry tells of all others how
much they hold and their hash. Rows are JSON arrays, a line each, packed with zlib frame by frame.
The key of an archive lies in its header, wrapped by a master key.
"""

import base64
import json
import os
import secrets
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from app.backup.errors import BackupTroubleError, DamagedArchiveError
from app.core import sealed_files
from app.core.keys import MasterKeys, Wrapped
from app.core.sealed_files import DamagedFileError, SealedWriter

MAGIC = b"bureau-backup 1\n"
MOST_HEADER_BYTES = 4096
MOST_FRAME_BYTES = 1 << 30
FRAME_BYTES = 256 * 1024
PACKING = 1  # sealed text hardly gets smaller with more


class Kind(StrEnum):
    DATA = "data"
    KEYS = "keys"


@dataclass(frozen=True)
class Header:
    """store: tells archives of one store from those of another; None before it had any key.
    pair_id: the same in the two archives that were made together."""

    kind: Kind
    archive_id: str
    pair_id: str
    taken_at: datetime
    revision: str
    store: str | None
    master_id: str
    wrapped_key: str

    def line(self) -> bytes:
        facts = asdict(self) | {"taken_at": self.taken_at.isoformat()}
        return json.dumps(facts).encode() + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> "Header":
        """Raises ValueError."""
        try:
            facts = json.loads(line)
            facts["kind"] = Kind(facts["kind"])
            facts["taken_at"] = datetime.fromisoformat(facts["taken_at"])
            found = cls(**facts)
            bytes.fromhex(found.archive_id)
        except (TypeError, KeyError, RecursionError) as error:
            raise ValueError("no header") from error
        if found.taken_at.tzinfo is None or found.line() != line:
            raise ValueError("no header")
        return found


class EntryKind(StrEnum):
    OWNERS = "owners"
    """The ids of those who had a data key, as rows; never a key."""

    TABLE = "table"
    ATTACHMENT = "attachment"
    BESIDE = "beside"
    """A file that the store writes outside of itself."""

    MANIFEST = "manifest"

    @property
    def has_rows(self) -> bool:
        return self in (EntryKind.OWNERS, EntryKind.TABLE)


@dataclass(frozen=True)
class Title:
    """columns: name and kind of each, of a table. shown_at: the time that a file shows."""

    kind: EntryKind
    name: str
    columns: tuple[tuple[str, str], ...] = ()
    shown_at: float | None = None


class Digest(Protocol):
    """What an entry holds: of a file its bytes, of a table its rows in any order."""

    count: int

    def add(self, content: bytes) -> None: ...

    def text(self) -> str: ...


@dataclass
class FileDigest:
    """The SHA-256 of a file. count: bytes."""

    count: int = 0
    _hash: Any = field(default_factory=sha256)

    def add(self, content: bytes) -> None:
        self.count += len(content)
        self._hash.update(content)

    def text(self) -> str:
        return str(self._hash.hexdigest())


@dataclass
class RowDigest:
    """The sum of the SHA-256 of each line, so that databases need not agree on an order.

    count: rows. Content must come in whole lines.
    """

    count: int = 0
    _sum: int = 0

    def add(self, content: bytes) -> None:
        for line in content.split(b"\n")[:-1]:
            self.count += 1
            self._sum += int.from_bytes(sha256(line).digest(), "big")

    def text(self) -> str:
        return f"{self._sum % (1 << 256):064x}"


@dataclass(frozen=True)
class Item:
    """One entry as the manifest tells of it. count: rows of a table, bytes of a file."""

    kind: EntryKind
    name: str
    count: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """missing: attachments that the snapshot names, but whose files were gone."""

    items: tuple[Item, ...]
    missing: tuple[str, ...]

    def of(self, kind: EntryKind) -> dict[str, Item]:
        return {item.name: item for item in self.items if item.kind is kind}


class ArchiveWriter:
    """Writes one archive into a new file, for its owner alone."""

    def __init__(self, path: Path, header: Header, key: str) -> None:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise BackupTroubleError(
                f"{path} is there: another backup is under way, or one was cut off. Remove it then."
            ) from None
        except OSError as error:
            raise BackupTroubleError(f"{path} cannot be written: {error.strerror}.") from None
        self._out = os.fdopen(descriptor, "wb")
        self._items: list[Item] = []
        self._out.write(MAGIC + header.line())
        self._sealed = SealedWriter(self._out, key, _bound(header))

    def put(self, title: Title, content: Iterable[bytes]) -> None:
        """content: whole lines when the entry has rows."""
        digest = digest_for(title.kind)
        self._frame(json.dumps(asdict(title)).encode())
        for part in content:
            if part:
                digest.add(part)
                self._frame(zlib.compress(part, PACKING) if title.kind.has_rows else part)
        self._frame(b"")
        self._items.append(Item(title.kind, title.name, digest.count, digest.text()))

    def end(self, missing: Iterable[str] = ()) -> None:
        """On disk when this returns."""
        told = {"items": [asdict(item) for item in self._items], "missing": list(missing)}
        self._frame(json.dumps(asdict(Title(EntryKind.MANIFEST, ""))).encode())
        self._frame(json.dumps(told).encode())
        self._frame(b"")
        self._sealed.end()
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()

    def close(self) -> None:
        """Also when it did not come to an end."""
        self._out.close()

    def _frame(self, content: bytes) -> None:
        self._sealed.write(struct.pack(">I", len(content)) + content)


def new_header(
    kind: Kind, pair_id: str, masters: MasterKeys, *, at: datetime, revision: str, store: str | None
) -> tuple[Header, str]:
    """A header, and the key of the archive as `ArchiveWriter` takes it."""
    key, archive_id = sealed_files.new_key(), secrets.token_hex(16)
    wrapped = masters.wrap(base64.b64decode(key), _context(archive_id))
    header = Header(kind, archive_id, pair_id, at, revision, store, wrapped.master_id, wrapped.text)
    return header, key


def read_header(path: Path) -> Header:
    """Nothing vouches for it before `read` has opened a part. Raises BackupTroubleError."""
    try:
        with path.open("rb") as file:
            return _header(file, path)
    except OSError as error:
        raise BackupTroubleError(f"{path} cannot be read: {error.strerror}.") from None


def read(
    path: Path, masters: MasterKeys, take: Callable[[Title, Iterator[bytes]], None]
) -> tuple[Header, Manifest]:
    """Give every entry to `take`, then tell what was found.

    Raises KeyTroubleError, and DamagedArchiveError; of the parts that were given until then each
    is genuine.
    """
    try:
        with path.open("rb") as file:
            header = _header(file, path)
            wrapped = Wrapped(header.master_id, header.wrapped_key)
            try:
                key = masters.unwrap(wrapped, _context(header.archive_id))
                parts = sealed_files.opened(file, base64.b64encode(key).decode(), _bound(header))
                return header, _read_entries(_Stream(parts), take)
            except (DamagedFileError, EOFError, ValueError, TypeError, KeyError, zlib.error):
                raise DamagedArchiveError(f"{path} is damaged or was cut off.") from None
    except OSError as error:
        raise BackupTroubleError(f"{path} cannot be read: {error.strerror}.") from None


def digest_for(kind: EntryKind) -> Digest:
    return RowDigest() if kind.has_rows else FileDigest()


class _Stream:
    """Frames out of the plain parts."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._waiting = bytearray()

    def frame(self) -> bytes:
        (length,) = struct.unpack(">I", self._take(4))
        if length > MOST_FRAME_BYTES:
            raise ValueError("no frame")
        return self._take(length)

    def content(self) -> Iterator[bytes]:
        """The frames up to the empty one."""
        while frame := self.frame():
            yield frame

    def require_end(self) -> None:
        if self._waiting or next(self._parts, b""):
            raise ValueError("more than an archive")

    def _take(self, length: int) -> bytes:
        while len(self._waiting) < length:
            part = next(self._parts, b"")
            if not part:
                raise EOFError
            self._waiting += part
        taken = bytes(self._waiting[:length])
        del self._waiting[:length]
        return taken


def _read_entries(stream: _Stream, take: Callable[[Title, Iterator[bytes]], None]) -> Manifest:
    items: list[Item] = []
    while (title := _title(stream.frame())).kind is not EntryKind.MANIFEST:
        digest = digest_for(title.kind)
        content = _noted(stream.content(), title.kind, digest)
        take(title, content)
        for _ in content:
            pass  # what was not wanted
        items.append(Item(title.kind, title.name, digest.count, digest.text()))
    told = json.loads(b"".join(stream.content()))
    stream.require_end()
    promised = tuple(Item(**item | {"kind": EntryKind(item["kind"])}) for item in told["items"])
    if promised != tuple(items):
        raise ValueError("not what the manifest tells")
    return Manifest(promised, tuple(told["missing"]))


def _noted(frames: Iterator[bytes], kind: EntryKind, digest: Digest) -> Iterator[bytes]:
    for frame in frames:
        part = zlib.decompress(frame) if kind.has_rows else frame
        digest.add(part)
        yield part


def _title(frame: bytes) -> Title:
    facts = json.loads(frame)
    columns = tuple((str(name), str(kind)) for name, kind in facts["columns"])
    return Title(EntryKind(facts["kind"]), facts["name"], columns, facts["shown_at"])


def _header(file: BinaryIO, path: Path) -> Header:
    if file.read(len(MAGIC)) != MAGIC:
        raise DamagedArchiveError(f"{path} is no archive that this version can read.")
    try:
        return Header.of_line(file.readline(MOST_HEADER_BYTES))
    except ValueError:
        raise DamagedArchiveError(f"{path} is damaged: its header cannot be read.") from None


def _bound(header: Header) -> bytes:
    return MAGIC + header.line()


def _context(archive_id: str) -> bytes:
    return b"backup\x1f" + bytes.fromhex(archive_id)
