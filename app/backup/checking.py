"""Is an archive whole, and do data and keys belong together? Nothing is restored for the answer."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.backup.archive import (
    EntryKind,
    Header,
    Kind,
    Manifest,
    Title,
    read,
)
from app.backup.errors import BackupTroubleError, DamagedArchiveError
from app.core import rotation
from app.core.keys import MasterKeys, Wrapped
from app.core.sealing import HOUSE, DataKey, MasterKeyCheck

Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Checked:
    """An archive that was read to its end.

    owners: of data, who had a key that opens; of keys, whose key is here. known: those of which the
    archive of the keys tells, also that a key was destroyed. columns: of each table.
    """

    header: Header
    manifest: Manifest
    columns: dict[str, Columns]
    owners: frozenset[bytes]
    known: frozenset[bytes]


@dataclass(frozen=True)
class Fit:
    """gone: owners whose keys were destroyed after the data was saved. missing: those of whose keys
    the archive of the keys does not know."""

    gone: int
    missing: int


class _Found:
    """What an archive tells, while it is read."""

    def __init__(self, masters: MasterKeys) -> None:
        self.masters = masters
        self.owners: set[bytes] = set()
        self.known: set[bytes] = set()
        self.columns: dict[str, Columns] = {}
        self.store: str | None = None

    def take(self, title: Title, content: Iterator[bytes]) -> None:
        if title.kind is EntryKind.OWNERS:
            self.owners.update(bytes.fromhex(owner_id) for (owner_id,) in _rows(content))
        if title.kind is EntryKind.TABLE:
            self.columns[title.name] = title.columns
            if title.name == MasterKeyCheck.__tablename__:
                for master_id, wrapped in _rows(content):
                    rotation.require_right(self.masters, master_id, wrapped)
            elif title.name == DataKey.__tablename__:
                self._take_keys(content)

    def _take_keys(self, content: Iterator[bytes]) -> None:
        for owner_id, master_id, wrapped in _rows(content):
            owner = bytes.fromhex(owner_id)
            self.known.add(owner)
            if wrapped is not None:
                self.masters.unwrap(Wrapped(master_id, wrapped), owner)
                self.owners.add(owner)
            if owner == HOUSE.bytes:
                self.store = store_of(self.masters, master_id, wrapped)


def check(path: Path, masters: MasterKeys) -> Checked:
    """Read all of an archive. Raises KeyTroubleError, BackupTroubleError."""
    found = _Found(masters)
    header, manifest = read(path, masters, found.take)
    if header.kind is Kind.KEYS and header.store != found.store:
        raise DamagedArchiveError(f"{path} does not hold the keys that it tells of.")
    return Checked(header, manifest, found.columns, frozenset(found.owners), frozenset(found.known))


def store_of(masters: MasterKeys, master_id: str, wrapped: str | None) -> str | None:
    """A name for a store by the house's own key, from which nothing can be learnt of the key."""
    if wrapped is None:
        return None
    key = masters.unwrap(Wrapped(master_id, wrapped), HOUSE.bytes)
    return hmac.digest(key, b"bureau backup: which store", "sha256").hex()


def require_fit(data: Checked, keys: Checked, *, may_miss_keys: bool) -> Fit:
    """Raises BackupTroubleError when these are not the keys of this data."""
    if data.header.kind is not Kind.DATA or keys.header.kind is not Kind.KEYS:
        raise BackupTroubleError(
            "One archive with the data and one with the keys are needed, in this order."
        )
    if data.header.store is not None and data.header.store != keys.header.store:
        raise BackupTroubleError("The keys are those of another store.")
    gone = (data.owners & keys.known) - keys.owners
    fit = Fit(gone=len(gone), missing=len(data.owners - keys.known))
    is_pair = data.header.pair_id == keys.header.pair_id
    is_older = not is_pair and keys.header.taken_at < data.header.taken_at
    if (is_older or fit.missing) and not may_miss_keys:
        raise BackupTroubleError(
            f"The archive of the keys is older than the data: keys of {fit.missing} owners are not"
            " in it, and keys that were destroyed since would come back. Take that of the same day"
            " or, better, the newest; --even-with-missing-keys if there is no other."
        )
    return fit


def _rows(content: Iterator[bytes]) -> Iterator[list[str]]:
    for part in content:
        for line in part.split(b"\n")[:-1]:
            yield json.loads(line)
