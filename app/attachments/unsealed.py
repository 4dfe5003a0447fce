"""Files that a version before sealing stored plain: each is sealed and its plain bytes removed."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Text, select, type_coerce, update

from app.attachments.models import Attachment
from app.attachments.storage import Storage
from app.core.database import Database
from app.core.sealed_rows import sealed
from app.core.sealing import sealer_of

PLAIN = "plain"
"""In place of the key of a file that is not sealed yet; see migration 0012."""


def seal_plain_files(database: Database, folder: Path, *, at: datetime) -> int:
    """How many. Before the rows are sealed: then the mark is gone. A file that is missing on this
    server stays marked."""
    storage, done = Storage(folder), 0
    is_plain = type_coerce(Attachment.file_key, Text) == PLAIN
    with database.snapshot() as session:
        waiting = session.execute(
            select(Attachment.id, Attachment.storage_id).where(is_plain)
        ).all()
    for attachment_id, storage_id in waiting:
        path = folder / storage_id.hex if storage_id is not None else folder
        if not path.is_file():
            continue
        with path.open("rb") as plain:
            sealed_id, key = storage.put(plain, at=at)
        with database.transaction() as session:
            owner_id = session.scalar(
                select(Attachment.owner_id)
                .where(Attachment.id == attachment_id, is_plain)
                .with_for_update()
            )
            if owner_id is None:  # somebody else was faster
                storage.remove(sealed_id)
                continue
            place = sealed(Attachment).place(
                {"id": attachment_id, "owner_id": owner_id}, "file_key"
            )
            file_key = sealer_of(session).seal(session.connection(), place, key, is_new=False)
            session.execute(
                update(Attachment)
                .where(Attachment.id == attachment_id)
                .values(storage_id=sealed_id, file_key=file_key)
                .execution_options(synchronize_session=False)
            )
        path.unlink()
        done += 1
    return done
