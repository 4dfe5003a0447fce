"""Reading attachments: as visible as what they belong to."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.attachments import owners
from app.attachments.domain import OwnerKind
from app.attachments.models import Attachment
from app.core.access import Actor, ActorKind
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page


def visible_attachments(
    session: Session, actor: Actor, kind: OwnerKind, owner_id: UUID
) -> Select[Attachment]:
    """Of one owner that this actor may see; a reporter sees what reporters added.

    Raises NotFoundError when the owner is hidden.
    """
    owners.require(session, actor, kind, owner_id, for_writing=False)
    query = select(Attachment)
    if actor.kind is ActorKind.REPORTER:
        query = query.where(Attachment.added_by_kind == ActorKind.REPORTER)
    return query.where(
        Attachment.owner_kind == kind,
        Attachment.owner_id == owner_id,
        Attachment.removed_on.is_(None),
    )


def list_attachments(
    session: Session, actor: Actor, kind: OwnerKind, owner_id: UUID, page: PageRequest
) -> Page[Attachment]:
    """The oldest first."""
    query = visible_attachments(session, actor, kind, owner_id)
    return fetch_page(session, query, page, order=(Attachment.added_at, Attachment.id))


def get_attachment(
    session: Session, actor: Actor, attachment_id: UUID, *, for_update: bool = False
) -> Attachment:
    """Raises NotFoundError: for one that is not there, was removed, or has a hidden owner."""
    query = select(Attachment).where(
        Attachment.id == attachment_id, Attachment.removed_on.is_(None)
    )
    found = session.scalar(query.with_for_update() if for_update else query)
    if found is None:
        raise NotFoundError
    owners.require_seen(session, actor, found.owner_kind, found.owner_id)
    return found


def count_of(session: Session, kind: OwnerKind, owner_id: UUID) -> int:
    return session.scalars(
        select(func.count()).where(
            Attachment.owner_kind == kind,
            Attachment.owner_id == owner_id,
            Attachment.removed_on.is_(None),
        )
    ).one()


def stored_among(session: Session, storage_ids: Collection[UUID]) -> Collection[UUID]:
    """Of these files those that an attachment names."""
    wanted = list(storage_ids)
    found: set[UUID] = set()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        named = session.scalars(
            select(Attachment.storage_id).where(Attachment.storage_id.in_(some))
        )
        found |= {storage_id for storage_id in named if storage_id is not None}
    return found
