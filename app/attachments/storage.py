"""Files on disk, named by chance and sealed each with a key of its own."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from app.core import sealed_files
from app.core.clock import day_only
from app.core.disk import sync_folder

ORPHAN_AFTER = timedelta(days=2)
"""Older than any act can still be under way, counted from the day that a file shows."""


class Storage:
    """put, open, remove. A file is whole under its name or has none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, file: BinaryIO, *, at: datetime) -> tuple[UUID, str]:
        """Store a sealed copy; its id, and the key that opens it. On disk when this returns.

        The file shows the day only: of an anonymous report no finer time is kept.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        storage_id, key = uuid4(), sealed_files.new_key()
        unfinished = self._folder / f"{storage_id.hex}.part"
        try:
            with os.fdopen(
                os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as out:
                file.seek(0)
                sealed_files.seal(file, out, key, storage_id.bytes)
                out.flush()
                day = day_only(at).timestamp()
                os.utime(unfinished, (day, day))
                os.fsync(out.fileno())
            unfinished.rename(self._path(storage_id))
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        sync_folder(self._folder)
        return storage_id, key

    def open(self, storage_id: UUID, key: str) -> Iterator[bytes]:
        """The plain bytes in parts. Raises FileNotFoundError, or DamagedFileError when the first
        part does not open; at a later one the reading ends with it."""
        parts = sealed_files.opened(self._path(storage_id).open("rb"), key, storage_id.bytes)
        return chain([next(parts)], parts)

    def open_sealed(self, storage_id: UUID) -> BinaryIO:
        """The bytes as they lie, for a backup. Raises FileNotFoundError."""
        return self._path(storage_id).open("rb")

    def put_sealed(self, storage_id: UUID, parts: Iterable[bytes], *, shown_at: float) -> None:
        """A file of a backup, as it lay. On disk when this returns.

        shown_at: the time it shows, in seconds since 1970. Raises FileExistsError.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(storage_id)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            try:
                out.writelines(parts)
                out.flush()
                os.utime(path, (shown_at, shown_at))
                os.fsync(out.fileno())
            except BaseException:
                path.unlink()
                raise
        sync_folder(self._folder)

    def is_empty(self) -> bool:
        return not self._folder.is_dir() or next(self._folder.iterdir(), None) is None

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
