"""`bureau backup`, `bureau backup-verify` and `bureau restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from app.attachments.storage import Storage
from app.backup.archive import EntryKind, Kind
from app.backup.checking import Checked, check, require_fit
from app.backup.errors import BackupTroubleError
from app.backup.making import back_up, keys_beside
from app.backup.restoring import restore
from app.core import clock, rotation
from app.core.database import Database, DatabaseSetupError
from app.core.keys import KeyTroubleError
from app.core.logs import configure_logs
from app.main import master_keys
from app.settings import Settings, SettingsError, load_settings

out = Console(soft_wrap=True)

ArchivePath = Annotated[Path, typer.Argument(help="the archive with the data", dir_okay=False)]
KeysPath = Annotated[
    Path | None,
    typer.Option("--keys", help="the archive with the keys; PATH.keys if absent", dir_okay=False),
]
MissingKeys = Annotated[
    bool,
    typer.Option(
        "--even-with-missing-keys",
        help="take keys older than the data: what came after them does not open, and what was "
        "disposed of after them does",
    ),
]


def backup(path: ArchivePath, keys: KeysPath = None) -> None:
    """Write a sealed, verified backup while the bureau works; old archives of keys are removed."""
    with _refusing() as settings:
        masters = master_keys(settings)
        database = Database(settings.database_url, masters)
        try:
            if not rotation.has_sealed(database):
                raise BackupTroubleError("There is nothing in this store yet.")
            rotation.check_keys(database, masters)
            made = back_up(
                database,
                masters,
                Storage(settings.attachments_dir),
                path,
                keys or keys_beside(path),
                beside=files_beside(settings),
                keep_keys=timedelta(days=settings.key_backup_days),
                at=clock.now(),
            )
        finally:
            database.close()
        _tell(path, made.data)
        _tell(keys or keys_beside(path), made.keys)
        for old in made.removed:
            out.print(f"Removed, older than {settings.key_backup_days} days: {old}")


def backup_verify(path: ArchivePath, keys: KeysPath = None, missing: MissingKeys = False) -> None:
    """Read both archives to their end and say whether they can be restored together."""
    with _refusing() as settings:
        masters = master_keys(settings)
        keys_path = keys or keys_beside(path)
        data, key_archive = check(path, masters), check(keys_path, masters)
        fit = require_fit(data, key_archive, may_miss_keys=missing)
        _tell(path, data)
        _tell(keys_path, key_archive)
        _tell_fit(fit.gone, fit.missing)


def restore_store(path: ArchivePath, keys: KeysPath = None, missing: MissingKeys = False) -> None:
    """Bring a backup into the empty store of the settings, all or nothing, and compare."""
    with _refusing() as settings:
        restored = restore(
            settings.owner_url,
            master_keys(settings),
            Storage(settings.attachments_dir),
            path,
            keys or keys_beside(path),
            beside=files_beside(settings),
            may_miss_keys=missing,
        )
        _tell(path, restored.data)
        _tell_fit(restored.fit.gone, restored.fit.missing)
        out.print(
            f"Restored and compared; schema {restored.data.header.revision}. Next: `bureau db"
            " upgrade`, then start the server."
        )


def files_beside(settings: Settings) -> dict[str, Path]:
    """Files outside of the database that belong to it and are only appended to, by their name in
    an archive."""
    return {"checkpoints.jsonl": settings.checkpoints_path}


def _tell(path: Path, archive: Checked) -> None:
    header, manifest = archive.header, archive.manifest
    rows = sum(item.count for item in manifest.of(EntryKind.TABLE).values())
    files = len(manifest.of(EntryKind.ATTACHMENT))
    what = f"{rows} keys" if header.kind is Kind.KEYS else f"{rows} rows, {files} files"
    out.print(
        f"Whole: {path}, {header.kind} of {header.taken_at:%Y-%m-%d %H:%M:%S} UTC, {what},"
        f" master key {header.master_id}."
    )
    if manifest.missing:
        out.print(f"Files that the rows name but that are not there: {len(manifest.missing)}")


def _tell_fit(gone: int, missing: int) -> None:
    if gone:
        out.print(f"Disposed of since, and not readable any more: what belongs to {gone} owners.")
    if missing:
        out.print(f"Not readable, for their keys are missing: what belongs to {missing} owners.")


@contextmanager
def _refusing() -> Iterator[Settings]:
    try:
        settings = load_settings()
        configure_logs(settings.log_format, settings.log_level)
        yield settings
    except (SettingsError, KeyTroubleError, DatabaseSetupError, BackupTroubleError) as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from None
    except SQLAlchemyError as error:
        typer.secho(f"The store does not answer ({type(error).__name__}).", err=True, fg="red")
        raise typer.Exit(1) from None
