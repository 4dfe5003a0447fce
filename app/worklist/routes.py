"""What is due, the most overdue first."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.problems import problems
from app.core.access import Permission
from app.core.clock import local_date
from app.worklist import service
from app.worklist.schemas import DueItemView, WorklistView

router = APIRouter(tags=["worklist"])


@router.get("/worklist", response_model=WorklistView, responses=problems(401, 403, 422, 503))
def read_worklist(
    act: Annotated[Act, acting(Permission.WORKLIST_READ)],
    ahead_days: Annotated[int, Query(ge=0, le=365, description="how far to look ahead")] = 14,
    mine: Annotated[bool, Query(description="mine and what nobody has")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Deadlines of reports, tasks, cases and commitments; overdue first."""
    today = local_date(act.at)

    def work(session: Session) -> WorklistView:
        items = service.due_items(
            session, act.actor, today=today, ahead_days=ahead_days, is_mine=mine, most=limit
        )
        views = [DueItemView(is_overdue=item.due_on < today, **vars(item)) for item in items]
        return WorklistView(items=views, overdue=sum(view.is_overdue for view in views))

    return act.read(work)
