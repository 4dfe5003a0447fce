"""Reading the outbox and the webhooks of partners."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.notifications.domain import MessageState
from app.notifications.models import OutboxMessage, WebhookEndpoint


def visible_deliveries(actor: Actor) -> Select[OutboxMessage]:
    actor.require(Permission.DELIVERY_MANAGE)
    return select(OutboxMessage)


def list_deliveries(
    session: Session, actor: Actor, page: PageRequest, *, state: MessageState | None
) -> Page[OutboxMessage]:
    """The newest first."""
    query = visible_deliveries(actor)
    if state is not None:
        query = query.where(OutboxMessage.state == state)
    order = (OutboxMessage.created_at, OutboxMessage.id)
    return fetch_page(session, query, page, order=order, descending=True)


def get_delivery(
    session: Session, actor: Actor, message_id: UUID, *, for_update: bool = False
) -> OutboxMessage:
    query = visible_deliveries(actor).where(OutboxMessage.id == message_id)
    found = session.scalar(query.with_for_update() if for_update else query)
    if found is None:
        raise NotFoundError
    return found


def visible_endpoints(actor: Actor) -> Select[WebhookEndpoint]:
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    return select(WebhookEndpoint).where(WebhookEndpoint.removed_at.is_(None))


def list_endpoints(
    session: Session, actor: Actor, partner_id: UUID, page: PageRequest
) -> Page[WebhookEndpoint]:
    """Of one partner, the oldest first."""
    query = visible_endpoints(actor).where(WebhookEndpoint.partner_id == partner_id)
    return fetch_page(session, query, page, order=(WebhookEndpoint.created_at, WebhookEndpoint.id))


def get_endpoint(
    session: Session, actor: Actor, endpoint_id: UUID, *, for_update: bool = False
) -> WebhookEndpoint:
    query = visible_endpoints(actor).where(WebhookEndpoint.id == endpoint_id)
    found = session.scalar(query.with_for_update() if for_update else query)
    if found is None:
        raise NotFoundError
    return found


def endpoint_ids_of(session: Session, partner_id: UUID) -> Sequence[UUID]:
    """The active endpoints of a partner."""
    return session.scalars(
        select(WebhookEndpoint.id).where(
            WebhookEndpoint.partner_id == partner_id, WebhookEndpoint.removed_at.is_(None)
        )
    ).all()
