"""Files on disk, named by chance. The one place that a later step teaches to seal them."""

import os
import shutil
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from app.core.clock import day_only

ORPHAN_AFTER = timedelta(days=2)
"""Older than any act can still be under way, counted from the day that a file shows."""


class Storage:
    """put, open, remove. A file is whole under its name or has none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, file: BinaryIO, *, at: datetime) -> UUID:
        """Store a copy; its id. On disk when this returns.

        The file shows the day only: of an anonymous report no finer time is kept.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        storage_id = uuid4()
        unfinished = self._folder / f"{storage_id.hex}.part"
        try:
            with os.fdopen(
                os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as out:
                file.seek(0)
                shutil.copyfileobj(file, out, 1024 * 1024)
                out.flush()
                day = day_only(at).timestamp()
                os.utime(unfinished, (day, day))
                os.fsync(out.fileno())
            unfinished.rename(self._path(storage_id))
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        self._sync_folder()
        return storage_id

    def open(self, storage_id: UUID) -> BinaryIO:
        """Raises FileNotFoundError."""
        return self._path(storage_id).open("rb")

    def remove(self, storage_id: UUID) -> None:
        """One that is not there is fine."""
        self._path(storage_id).unlink(missing_ok=True)

    def sweep(
        self, is_known: Callable[[Collection[UUID]], Collection[UUID]], *, at: datetime
    ) -> int:
        """Remove files that no attachment names: of acts that failed or of a crash. Their number.

        is_known: of some ids those that an attachment names.
        """
        if not self._folder.is_dir():
            return 0
        old = [
            path
            for path in self._folder.iterdir()
            if path.stat().st_mtime < (at - ORPHAN_AFTER).timestamp()
        ]
        named = {path: UUID(path.name) for path in old if path.suffix != ".part"}
        known = set(is_known(list(named.values())))
        orphans = [path for path in old if named.get(path) not in known]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def _path(self, storage_id: UUID) -> Path:
        return self._folder / storage_id.hex

    def _sync_folder(self) -> None:
        """A rename is on disk only once its folder is."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
