"""From whom a report is hidden, for the coordinator."""

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
from app.core.access import Permission
from app.intake import barring, queries
from app.intake.answers import BarView
from app.intake.schemas import BarBody
from app.intake.views import bar_view

router = APIRouter(prefix="/reports/{report_id}/barred", tags=["intake"])

Barring = Annotated[Act, acting(Permission.CASE_BAR)]


@router.get("", response_model=PageView[BarView], responses=problems(401, 403, 404, 422, 503))
def list_barred_from_report(report_id: UUID, page: PageQuery, act: Barring) -> Response:
    """From whom the report is hidden, and why."""

    def work(session: Session) -> PageView[BarView]:
        report = queries.get_report(session, act.actor, report_id)
        audit.record(session, act.actor, Event.BARRED_READ, "report", report.id, at=act.at)
        return page_view(
            queries.list_bars(session, report.id, page),
            lambda row: bar_view(row, ["handler"] if report.handler_id == row.account_id else []),
        )

    return act.commit(work)


@router.post(
    "",
    status_code=201,
    response_model=BarView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def bar_from_report(
    report_id: UUID,
    body: BarBody,
    act: Annotated[Act, acting(Permission.CASE_BAR, creates=True)],
) -> Response:
    """Hide a report from a colleague, who is not told."""
    return act.commit(
        lambda session: bar_view(
            barring.bar(session, act.actor, report_id, at=act.at, **body.model_dump()), []
        )
    )


@router.delete("/{account_id}", status_code=204, responses=problems(401, 403, 404, 409, 422, 503))
def readmit_to_report(report_id: UUID, account_id: UUID, act: Barring) -> Response:
    """Show the report again to a colleague; the same name bars no second time."""
    return act.commit(
        lambda session: barring.lift(
            session, act.actor, report_id, account_id=account_id, at=act.at
        )
    )
