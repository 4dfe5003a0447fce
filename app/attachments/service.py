"""Adding, reading and removing files of reports, cases and whatever else has some."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.attachments import owners, queries
from app.attachments.domain import OwnerKind
from app.attachments.models import Attachment
from app.attachments.storage import Storage
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor
from app.core.clock import local_date
from app.core.database import Database
from app.core.errors import ConflictError

MOST_OF_ONE_OWNER = 50


@dataclass(frozen=True)
class StoredFile:
    """A file that was inspected and is on disk. sha256: of the plain bytes. key: they are sealed
    with it."""

    storage_id: UUID
    key: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str


def add(
    session: Session,
    actor: Actor,
    kind: OwnerKind,
    owner_id: UUID,
    file: StoredFile,
    *,
    at: datetime,
) -> Attachment:
    """at: the day only when the owner is an anonymous report and its reporter adds."""
    owners.require(session, actor, kind, owner_id, for_writing=True)
    if queries.count_of(session, kind, owner_id) >= MOST_OF_ONE_OWNER:
        raise ConflictError(
            f"There are {MOST_OF_ONE_OWNER} files already.", code="too_many_attachments"
        )
    attachment = Attachment(
        owner_kind=kind,
        owner_id=owner_id,
        storage_id=file.storage_id,
        file_name=file.name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        file_key=file.key,
        added_at=at,
        added_by_kind=actor.kind,
        added_by_id=actor.id,
    )
    session.add(attachment)
    session.flush()  # gives the id that the trail names
    _note(session, actor, Event.ATTACHMENT_ADDED, attachment, at)
    return attachment


def read(session: Session, actor: Actor, attachment_id: UUID, *, at: datetime) -> Attachment:
    """For a download. That it was read stands in the trail."""
    attachment = queries.get_attachment(session, actor, attachment_id)
    _note(session, actor, Event.ATTACHMENT_READ, attachment, at)
    return attachment


def remove(session: Session, actor: Actor, attachment_id: UUID, *, at: datetime) -> UUID | None:
    """Take the name away; the id of the bytes, which the caller removes after the commit."""
    attachment = queries.get_attachment(session, actor, attachment_id, for_update=True)
    owners.require(session, actor, attachment.owner_kind, attachment.owner_id, for_writing=True)
    storage_id = attachment.storage_id
    attachment.removed_on = local_date(at)
    attachment.file_name = None
    attachment.storage_id = None
    attachment.file_key = None
    _note(session, actor, Event.ATTACHMENT_REMOVED, attachment, at)
    return storage_id


def note_listed(
    session: Session, actor: Actor, kind: OwnerKind, owner_id: UUID, *, at: datetime
) -> None:
    """Names of files can tell of a person: who read the list stands in the trail."""
    audit.record(session, actor, Event.ATTACHMENT_READ, kind.value, owner_id, at=at, listed=True)


def _note(
    session: Session, actor: Actor, event: Event, attachment: Attachment, at: datetime
) -> None:
    """Under the owner, so that its trail is whole."""
    audit.record(
        session,
        actor,
        event,
        attachment.owner_kind.value,
        attachment.owner_id,
        at=at,
        attachment_id=str(attachment.id),
    )


def sweep(database: Database, storage: Storage, *, at: datetime) -> None:
    """Remove files that no attachment names."""
    with database.snapshot() as session:
        storage.sweep(lambda ids: queries.stored_among(session, ids), at=at)
