"""Where a partner's own systems are told that something happened."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.core.access import Permission
from app.notifications import addresses
from app.notifications import queries as notification_queries
from app.notifications import service as notifications
from app.notifications.schemas import RegisteredWebhookView, WebhookRegistration, WebhookView
from app.partners import queries

router = APIRouter(tags=["partners"])

Managing = Annotated[Act, acting(Permission.PARTNER_ACCESS_MANAGE)]


@router.post(
    "/partners/{partner_id}/webhooks",
    status_code=201,
    response_model=RegisteredWebhookView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def register_webhook(
    partner_id: UUID,
    body: WebhookRegistration,
    act: Annotated[Act, acting(Permission.PARTNER_ACCESS_MANAGE, creates=True)],
) -> Response:
    """An https address that is told of what concerns this partner; the secret is shown once."""
    url = addresses.check_url(
        body.url,
        allow_private=act.settings.webhook_allow_private,
        ports=act.settings.webhook_ports,
    )

    def work(session: Session) -> RegisteredWebhookView:
        partner = queries.get_partner(session, act.actor, partner_id)
        endpoint = notifications.register_endpoint(
            session, act.actor, partner_id=partner.id, url=url, at=act.at
        )
        return RegisteredWebhookView.model_validate(endpoint)

    return act.commit(work)


@router.get(
    "/partners/{partner_id}/webhooks",
    response_model=PageView[WebhookView],
    responses=problems(401, 403, 404, 422, 503),
)
def list_webhooks(partner_id: UUID, page: PageQuery, act: Managing) -> Response:
    """The webhooks of a partner, the oldest first; without their secrets."""

    def work(session: Session) -> PageView[WebhookView]:
        partner = queries.get_partner(session, act.actor, partner_id)
        return page_view(
            notification_queries.list_endpoints(session, act.actor, partner.id, page),
            WebhookView.model_validate,
        )

    return act.read(work)


@router.delete(
    "/webhooks/{webhook_id}",
    status_code=204,
    responses=problems(401, 403, 404, 422, 503),
)
def remove_webhook(webhook_id: UUID, act: Managing) -> Response:
    """Send nothing more there; what waited is given up."""
    return act.commit(
        lambda session: notifications.remove_endpoint(session, act.actor, webhook_id, at=act.at)
    )
