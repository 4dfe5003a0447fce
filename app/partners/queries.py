"""Reading the partner register."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.partners.models import Partner


def visible_partners(actor: Actor) -> Select[Partner]:
    actor.require(Permission.PARTNER_READ)
    return select(Partner)


def list_partners(session: Session, actor: Actor, page: PageRequest) -> Page[Partner]:
    return fetch_page(session, visible_partners(actor), page, order=(Partner.organisation,))


def get_partner(session: Session, actor: Actor, partner_id: UUID) -> Partner:
    partner = session.scalar(visible_partners(actor).where(Partner.id == partner_id))
    if partner is None:
        raise NotFoundError
    return partner
