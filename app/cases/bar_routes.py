"""From whom a case is hidden, for the coordinator."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.cases import barring, queries
from app.core.access import Permission
from app.intake import queries as intake_queries
from app.intake.answers import BarView
from app.intake.schemas import BarBody
from app.intake.views import bar_view

router = APIRouter(prefix="/cases/{case_id}/barred", tags=["cases"])

Barring = Annotated[Act, acting(Permission.CASE_BAR)]


@router.get("", response_model=PageView[BarView], responses=problems(401, 403, 404, 422, 503))
def list_barred_from_case(case_id: UUID, page: PageQuery, act: Barring) -> Response:
    """From whom the case is hidden, why, and what is still in their hands."""

    def work(session: Session) -> PageView[BarView]:
        case = queries.get_case(session, act.actor, case_id)
        audit.record(session, act.actor, Event.BARRED_READ, "case", case.id, at=act.at)
        # Its reports are hidden from the same colleagues, so one of them tells.
        report_id = queries.report_ids_of(session, case.id)[0]
        return page_view(
            intake_queries.list_bars(session, report_id, page),
            lambda row: bar_view(row, barring.work_of(session, case, row.account_id)),
        )

    return act.commit(work)


@router.post(
    "",
    status_code=201,
    response_model=BarView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def bar_from_case(
    case_id: UUID,
    body: BarBody,
    act: Annotated[Act, acting(Permission.CASE_BAR, creates=True)],
) -> Response:
    """Hide a case, and all that belongs to it, from a colleague, who is not told."""
    return act.commit(
        lambda session: bar_view(
            barring.bar(session, act.actor, case_id, at=act.at, **body.model_dump()), []
        )
    )


@router.delete("/{account_id}", status_code=204, responses=problems(401, 403, 404, 409, 422, 503))
def readmit_to_case(case_id: UUID, account_id: UUID, act: Barring) -> Response:
    """Show the case again to a colleague; the same name bars no second time."""
    return act.commit(
        lambda session: barring.lift(session, act.actor, case_id, account_id=account_id, at=act.at)
    )
