"""What was sent, what waits, what was given up."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.core.access import Permission
from app.notifications import queries, service
from app.notifications.domain import MessageState
from app.notifications.models import OutboxMessage
from app.notifications.schemas import DeliveryView

router = APIRouter(prefix="/deliveries", tags=["deliveries"])

Managing = Annotated[Act, acting(Permission.DELIVERY_MANAGE)]


@router.get("", response_model=PageView[DeliveryView], responses=problems(401, 403, 422, 503))
def list_deliveries(
    page: PageQuery,
    act: Managing,
    state: Annotated[MessageState | None, Query()] = None,
) -> Response:
    """Mails and webhooks, the newest first; no personal data."""
    return act.read(
        lambda session: page_view(
            queries.list_deliveries(session, act.actor, page, state=state), _view
        )
    )


@router.post(
    "/{delivery_id}/resending",
    response_model=DeliveryView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def resend_delivery(delivery_id: UUID, act: Managing) -> Response:
    """Try a dead letter again, for another three days."""
    return act.commit(
        lambda session: _view(service.resend(session, act.actor, delivery_id, at=act.at))
    )


def _view(row: OutboxMessage) -> DeliveryView:
    return DeliveryView(
        id=row.id,
        kind=row.kind,
        state=row.state,
        event=row.event,
        object_id=row.object_id,
        webhook_id=row.endpoint_id,
        created_at=row.created_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at if row.state is MessageState.PENDING else None,
        sent_at=row.sent_at,
        last_error=row.last_error,
    )
