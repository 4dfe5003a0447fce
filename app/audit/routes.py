"""The trail, for the auditor."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView
from app.api.problems import problems
from app.audit import queries
from app.audit.domain import Event
from app.audit.schemas import AuditEntryView
from app.core.access import Permission

router = APIRouter(tags=["audit"])


@router.get(
    "/audit-entries",
    response_model=PageView[AuditEntryView],
    responses=problems(401, 403, 422, 503),
)
def list_audit_entries(
    page: PageQuery,
    act: Annotated[Act, acting(Permission.AUDIT_READ)],
    event: Annotated[Event | None, Query()] = None,
    object_id: Annotated[UUID | None, Query()] = None,
    actor_id: Annotated[UUID | None, Query()] = None,
) -> Response:
    """The trail, newest first."""
    return act.read(
        lambda session: PageView[AuditEntryView].model_validate(
            queries.list_entries(
                session, act.actor, page, event=event, object_id=object_id, actor_id=actor_id
            ),
            from_attributes=True,
        )
    )
