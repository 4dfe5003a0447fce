"""A backup: two archives of one moment, one with the data and one with its keys.

They lie apart, and the keys are kept shorter: what was disposed of since does not come back with an
old copy of the data. Rows come from one snapshot, which no writer waits for.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from app.attachments.models import Attachment
from app.attachments.storage import Storage
from app.backup import tables
from app.backup.archive import (
    FRAME_BYTES,
    ArchiveWriter,
    EntryKind,
    Header,
    Kind,
    Title,
    new_header,
    read_header,
)
from app.backup.checking import Checked, check, store_of
from app.backup.errors import BackupTroubleError
from app.backup.tables import TableForm
from app.core.database import Database, alembic_config
from app.core.disk import sync_folder
from app.core.keys import MasterKeys
from app.core.sealing import HOUSE, DataKey, MasterKeyCheck
from app.core.store_rights import foreign_policies
from app.model_registry import metadata

KEY_TABLES = (DataKey.__tablename__, MasterKeyCheck.__tablename__)
OWNERS = TableForm(DataKey.__tablename__, (("owner_id", tables.ColumnKind.UUID),))


@dataclass(frozen=True)
class Made:
    """removed: archives of keys that were too old."""

    data: Checked
    keys: Checked
    removed: tuple[Path, ...]


def keys_beside(path: Path) -> Path:
    """Where the keys of an archive lie unless told otherwise."""
    return path.with_name(f"{path.name}.keys")


def back_up(
    database: Database,
    masters: MasterKeys,
    storage: Storage,
    path: Path,
    keys_path: Path,
    *,
    beside: Mapping[str, Path],
    keep_keys: timedelta,
    at: datetime,
) -> Made:
    """Write both archives, read them back, and only then give them their names.

    beside: files that are only appended to, by a name. keep_keys: older archives of the keys of
    this store, in the folder of the new one, are removed at the end.
    Raises BackupTroubleError, KeyTroubleError.
    """
    for new in (path, keys_path):
        if new.exists():
            raise BackupTroubleError(f"{new} is there already: nothing is overwritten.")
    if path.resolve() == keys_path.resolve():
        raise BackupTroubleError("The keys need a file of their own.")
    unfinished, unfinished_keys = _part(path), _part(keys_path)
    for part in (unfinished, unfinished_keys):
        if part.exists():
            raise BackupTroubleError(
                f"{part} is there: another backup is under way, or one was cut off. Remove it then."
            )
    try:
        _write(database, masters, storage, unfinished, unfinished_keys, beside=beside, at=at)
        data, keys = check(unfinished, masters), check(unfinished_keys, masters)
        # Keys without their data do no harm; data without its keys looks like a backup.
        for part, new in ((unfinished_keys, keys_path), (unfinished, path)):
            part.rename(new)
            sync_folder(new.parent)
    except OSError as error:
        raise BackupTroubleError(
            f"The backup could not be written: {error.strerror}. There is none."
        ) from None
    finally:
        for part in (unfinished, unfinished_keys):
            part.unlink(missing_ok=True)
    removed = _remove_old_keys(keys_path, keys.header, before=at - keep_keys)
    return Made(data, keys, removed)


def _write(
    database: Database,
    masters: MasterKeys,
    storage: Storage,
    path: Path,
    keys_path: Path,
    *,
    beside: Mapping[str, Path],
    at: datetime,
) -> None:
    # Before the rows: such a file must not tell of more than the rows do.
    lengths = {name: file.stat().st_size for name, file in beside.items() if file.exists()}
    with contextlib.ExitStack() as opened:
        with database.snapshot() as session:
            connection = session.connection()
            tables.without_limits(connection)
            _require_every_row(connection)
            revision = _require_own_schema(connection)
            store = _store(session, masters)
            pair_id = secrets.token_hex(16)

            def writer(kind: Kind, to: Path) -> ArchiveWriter:
                header, key = new_header(
                    kind, pair_id, masters, at=at, revision=revision, store=store
                )
                made = ArchiveWriter(to, header, key)
                opened.callback(made.close)
                return made

            keys = writer(Kind.KEYS, keys_path)
            for name in KEY_TABLES:
                _put_table(keys, connection, metadata.tables[name])
            keys.end()
            data = writer(Kind.DATA, path)
            data.put(Title(EntryKind.OWNERS, ""), tables.lines(connection, OWNERS))
            for table in metadata.sorted_tables:
                if table.name not in KEY_TABLES:
                    _put_table(data, connection, table)
            named = session.scalars(
                select(Attachment.storage_id).where(Attachment.storage_id.is_not(None))
            ).all()
        # Files do not change, so that the snapshot need not be held for them.
        missing = [str(name) for name in named if name and not _put_attachment(data, storage, name)]
        for name, length in lengths.items():
            with beside[name].open("rb") as file:
                data.put(Title(EntryKind.BESIDE, name), _first_bytes(file, length))
        data.end(missing)


def _put_table(archive: ArchiveWriter, connection: Connection, table: Table) -> None:
    form = TableForm.of(table)
    archive.put(Title(EntryKind.TABLE, form.name, form.columns), tables.lines(connection, form))


def _put_attachment(archive: ArchiveWriter, storage: Storage, storage_id: UUID) -> bool:
    """False when it is gone: removed since the snapshot, or lost."""
    try:
        file = storage.open_sealed(storage_id)
    except FileNotFoundError:
        return False
    with file:
        status = os.fstat(file.fileno())
        title = Title(EntryKind.ATTACHMENT, str(storage_id), shown_at=status.st_mtime)
        archive.put(title, _first_bytes(file, status.st_size))
    return True


def _first_bytes(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length and (part := file.read(min(FRAME_BYTES, length))):
        length -= len(part)
        yield part


def _require_every_row(connection: Connection) -> None:
    """The bureau's own policies hide nothing here. Raises BackupTroubleError for others."""
    if connection.dialect.name == "postgresql" and (found := foreign_policies(connection)):
        raise BackupTroubleError(
            f"Policies that the bureau did not make may hide rows of {', '.join(found)}."
        )


def _require_own_schema(connection: Connection) -> str:
    found = MigrationContext.configure(connection).get_current_revision()
    known = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if found is None or found != known:
        raise BackupTroubleError(
            f"The store has schema {found}, this version writes backups of {known}: back up with"
            " the version that the store was last used with, or run `bureau db upgrade` first."
        )
    return found


def _store(session: Session, masters: MasterKeys) -> str | None:
    found = session.execute(
        select(DataKey.master_id, DataKey.wrapped).where(DataKey.owner_id == HOUSE)
    ).one_or_none()
    return None if found is None else store_of(masters, found.master_id, found.wrapped)


def _remove_old_keys(newest: Path, header: Header, *, before: datetime) -> tuple[Path, ...]:
    """Also those that a killed backup left unfinished: they hold keys as well."""
    removed = []
    for path in sorted(newest.parent.iterdir()):
        if path == newest or not path.is_file():
            continue
        try:
            found = read_header(path)
        except BackupTroubleError:
            continue
        is_old = found.kind is Kind.KEYS and found.taken_at.astimezone(UTC) < before
        if is_old and found.store in (header.store, None):
            path.unlink(missing_ok=True)
            removed.append(path)
    return tuple(removed)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")
