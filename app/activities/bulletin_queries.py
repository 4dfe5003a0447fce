"""Reading bulletins: the bureau its own, a partner those addressed to it."""

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.activities.bulletin_models import Bulletin, BulletinRecipient
from app.core.access import Actor, Permission
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page


def visible_bulletins(actor: Actor) -> Select[Bulletin]:
    """A draft exists only for those who may send one."""
    actor.require(Permission.BULLETIN_READ)
    if actor.may(Permission.BULLETIN_SEND):
        return select(Bulletin)
    return select(Bulletin).where(Bulletin.sent_at.is_not(None))


def get_bulletin(
    session: Session, actor: Actor, bulletin_id: UUID, *, for_update: bool = False
) -> Bulletin:
    query = visible_bulletins(actor).where(Bulletin.id == bulletin_id)
    if for_update:
        query = query.with_for_update()
    bulletin = session.scalar(query)
    if bulletin is None:
        raise NotFoundError
    return bulletin


def list_bulletins(session: Session, actor: Actor, page: PageRequest) -> Page[Bulletin]:
    """The newest first."""
    return fetch_page(
        session,
        visible_bulletins(actor),
        page,
        order=(Bulletin.written_at, Bulletin.id),
        descending=True,
    )


def count_recipients(session: Session, bulletin_id: UUID) -> tuple[int, int]:
    """(addressed, read)."""
    row = session.execute(
        select(func.count(), func.count(BulletinRecipient.read_at)).where(
            BulletinRecipient.bulletin_id == bulletin_id
        )
    ).one()
    return row[0], row[1]


def received_bulletins(actor: Actor) -> Select[BulletinRecipient]:
    actor.require(Permission.BULLETIN_RECEIVE)
    return select(BulletinRecipient).where(BulletinRecipient.partner_id == actor.partner_id)


def list_received(session: Session, actor: Actor, page: PageRequest) -> Page[BulletinRecipient]:
    """The newest first."""
    return fetch_page(
        session,
        received_bulletins(actor),
        page,
        order=(BulletinRecipient.sent_at, BulletinRecipient.bulletin_id),
        descending=True,
    )


def get_received(session: Session, actor: Actor, bulletin_id: UUID) -> BulletinRecipient:
    """Locked, so that two readers at once note one first reading."""
    row = session.scalar(
        received_bulletins(actor)
        .where(BulletinRecipient.bulletin_id == bulletin_id)
        .with_for_update(of=BulletinRecipient)
    )
    if row is None:
        raise NotFoundError
    return row
