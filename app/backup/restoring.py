"""Restoring into an empty store: all is checked, all is loaded or nothing, all is compared."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import psycopg
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from pysqlite3 import dbapi2
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.attachments.storage import Storage
from app.backup import tables
from app.backup.archive import (
    FRAME_BYTES,
    Digest,
    EntryKind,
    FileDigest,
    Item,
    RowDigest,
    Title,
    read,
)
from app.backup.checking import Checked, Fit, check, require_fit
from app.backup.errors import BackupTroubleError
from app.backup.tables import TableForm
from app.core.database import Database, alembic_config
from app.core.disk import sync_folder
from app.core.keys import MasterKeys


@dataclass(frozen=True)
class Restored:
    data: Checked
    keys: Checked
    fit: Fit


def restore(
    url: str,
    masters: MasterKeys,
    storage: Storage,
    path: Path,
    keys_path: Path,
    *,
    beside: Mapping[str, Path],
    may_miss_keys: bool = False,
) -> Restored:
    """Load both archives into the store of this URL, which must hold nothing.

    beside: where files beside the store go, by their name. The store has the schema of the archive
    afterwards. Raises BackupTroubleError and KeyTroubleError, with nothing changed.
    """
    data, keys = check(path, masters), check(keys_path, masters)
    fit = require_fit(data, keys, may_miss_keys=may_miss_keys)
    _require_known(data.header.revision)
    _require_empty(url, storage, beside)
    with _files_undone(storage, beside) as files, _target(url) as connection:
        _load(connection, data.header.revision, masters, (keys_path, path), files)
        for checked in (keys, data):
            _compare(connection, files, checked)
    return Restored(data, keys, fit)


class _Files:
    """What lies outside of the database: attachments and files beside it; it can be undone."""

    def __init__(self, storage: Storage, beside: Mapping[str, Path]) -> None:
        self.storage, self.beside = storage, beside
        self.attachments: list[UUID] = []
        self.files: list[Path] = []

    def put(self, title: Title, content: Iterator[bytes]) -> None:
        if title.kind is EntryKind.ATTACHMENT:
            storage_id = UUID(title.name)
            self.storage.put_sealed(storage_id, content, shown_at=title.shown_at or 0.0)
            self.attachments.append(storage_id)
        elif title.kind is EntryKind.BESIDE and title.name in self.beside:
            path = self.beside[title.name]
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                self.files.append(path)
                out.writelines(content)
                out.flush()
                os.fsync(out.fileno())

    def digest(self, item: Item) -> FileDigest | None:
        """Of what lies there now; None for what this store does not keep."""
        if item.kind is EntryKind.ATTACHMENT:
            file = self.storage.open_sealed(UUID(item.name))
        elif item.kind is EntryKind.BESIDE and item.name in self.beside:
            file = self.beside[item.name].open("rb")
        else:
            return None
        digest = FileDigest()
        with file:
            while part := file.read(FRAME_BYTES):
                digest.add(part)
        return digest

    def undo(self) -> None:
        for storage_id in self.attachments:
            self.storage.remove(storage_id)
        for path in self.files:
            path.unlink(missing_ok=True)


@contextmanager
def _files_undone(storage: Storage, beside: Mapping[str, Path]) -> Iterator[_Files]:
    """Files are there before the rows that name them; without the rows they go again."""
    files = _Files(storage, beside)
    try:
        yield files
    except BaseException:
        files.undo()
        raise


@contextmanager
def _target(url: str) -> Iterator[Connection]:
    """One transaction. A SQLite store gets its name only when all is in it."""
    final = _sqlite_path(url)
    if final is None:
        with _opened(url) as database, _explained(), database.engine.begin() as connection:
            yield connection
        return
    scratch = final.with_name(f"{final.name}.restoring")
    try:
        _remove_sqlite(scratch)
        with (
            _opened(f"sqlite:///{scratch}") as database,
            _explained(),
            database.engine.begin() as connection,
        ):
            yield connection
        if any(_size(file) for file in _beside_sqlite(scratch)):
            raise BackupTroubleError("SQLite did not finish writing; the store is as it was.")
        _remove_sqlite(final)
        scratch.rename(final)
        sync_folder(final.parent)
    finally:
        _remove_sqlite(scratch)


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, psycopg.Error, OSError) as error:
        # The error itself may quote a row.
        raise BackupTroubleError(
            f"The archive could not be loaded ({type(error).__name__}); the store is as it was."
        ) from None


def _load(
    connection: Connection,
    revision: str,
    masters: MasterKeys,
    paths: Sequence[Path],
    files: _Files,
) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    tables.without_limits(connection)
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    loaded: list[TableForm] = []

    def take(title: Title, content: Iterator[bytes]) -> None:
        if title.kind is EntryKind.TABLE:
            form = TableForm.of_text(title.name, title.columns)
            tables.load(connection, form, content)
            loaded.append(form)
        else:
            files.put(title, content)

    with tables.without_triggers(connection, names):
        tables.clear(connection, names)
        for path in paths:
            read(path, masters, take)
    if {form.name for form in loaded} != set(names):
        raise BackupTroubleError("The archive does not hold the tables of its schema.")
    for form in loaded:
        tables.raise_counters(connection, form)


def _compare(connection: Connection, files: _Files, checked: Checked) -> None:
    """Read everything back. Raises BackupTroubleError."""
    for item in checked.manifest.items:
        digest: Digest | None
        if item.kind is EntryKind.TABLE:
            digest = RowDigest()
            form = TableForm.of_text(item.name, checked.columns[item.name])
            for part in tables.lines(connection, form):
                digest.add(part)
        else:
            digest = files.digest(item)
        if digest is not None and (digest.count, digest.text()) != (item.count, item.sha256):
            raise BackupTroubleError(f"{item.kind} {item.name} is not what was saved.")


def _require_known(revision: str) -> None:
    try:
        ScriptDirectory.from_config(alembic_config()).get_revision(revision)
    except CommandError:
        raise BackupTroubleError(
            f"The archive has schema {revision}, which this version does not know: restore with"
            " the version that wrote it, or a newer one."
        ) from None


def _require_empty(url: str, storage: Storage, beside: Mapping[str, Path]) -> None:
    if not _is_empty(url):
        raise BackupTroubleError(
            "The store of BUREAU_DATABASE_URL is not empty: name a new file or a new database."
        )
    if not storage.is_empty():
        raise BackupTroubleError(
            "The folder of BUREAU_ATTACHMENTS_DIR is not empty: name a new one, or empty it."
        )
    for path in beside.values():
        if path.exists():
            raise BackupTroubleError(f"{path} is there already: move it away.")


def _is_empty(url: str) -> bool:
    path = _sqlite_path(url)
    if path is None:
        with _opened(url) as database, database.engine.connect() as connection:
            found = inspect(connection)
            return not (found.get_table_names() or found.get_view_names())
    if any(_size(file) for file in _beside_sqlite(path)):
        return False  # changes that wait to be written into a file
    if not _size(path):
        return True
    with contextlib.closing(dbapi2.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as opened:
        try:
            return not opened.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except dbapi2.DatabaseError:
            return False


def _sqlite_path(url: str) -> Path | None:
    found = make_url(url)
    if found.get_backend_name() != "sqlite":
        return None
    if found.database is None:
        raise BackupTroubleError("BUREAU_DATABASE_URL names no file: use sqlite:///path.db")
    return Path(found.database)


def _beside_sqlite(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in ("-wal", "-journal")]


def _remove_sqlite(path: Path) -> None:
    for file in (path, *_beside_sqlite(path), path.with_name(f"{path.name}-shm")):
        file.unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
