"""Carrying out what was granted."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit.domain import Event
from app.intake.rectifying import list_rectifications
from app.retention import schedule
from app.retention.domain import SubjectKind
from app.rights import effects, queries, service
from app.rights.routes import CHANGE_PROBLEMS, READ_PROBLEMS, Adding, Changing, Reading
from app.rights.schemas import (
    ErasureBody,
    LiftingBody,
    RectificationBody,
    RectificationView,
    RequestView,
    RestrictionBody,
)
from app.rights.views import request_view

router = APIRouter(prefix="/person-requests/{request_id}", tags=["rights of people"])


@router.post(
    "/rectifications",
    status_code=201,
    response_model=RectificationView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def rectify_reporter(request_id: UUID, body: RectificationBody, act: Adding) -> Response:
    """Put right what a report says of its reporter; what it said before is kept, sealed."""
    value = body.checked_value()
    return act.commit(
        lambda session: RectificationView.model_validate(
            effects.rectify(
                session,
                act.actor,
                request_id,
                report_id=body.report_id,
                field=body.field,
                value=value,
                reason=body.reason,
                at=act.at,
            )
        )
    )


@router.get("/rectifications", response_model=PageView[RectificationView], responses=READ_PROBLEMS)
def list_reporter_rectifications(request_id: UUID, page: PageQuery, act: Reading) -> Response:
    """What was rectified in the linked reports, also by other requests."""

    def work(session: Session) -> PageView[RectificationView]:
        request = queries.get_request(session, act.actor, request_id)
        service.record(session, act.actor, Event.PERSON_REQUEST_READ, request, at=act.at)
        report_ids = queries.ids_of(request, SubjectKind.REPORT)
        found = list_rectifications(session, act.actor, report_ids, page)
        return page_view(found, RectificationView.model_validate)

    return act.commit(work)


@router.post("/disposal", response_model=RequestView, responses=CHANGE_PROBLEMS)
def propose_person_erasure(request_id: UUID, body: ErasureBody, act: Changing) -> Response:
    """Propose that what is linked is disposed of; another colleague decides on the disposal."""
    rules = schedule.load(act.settings.retention_schedule)
    return act.commit(
        lambda session: request_view(
            effects.propose_erasure(
                session,
                act.actor,
                request_id,
                rules,
                reason=body.reason,
                expected_version=act.expected_version,
                at=act.at,
            )
        )
    )


@router.post("/restriction", response_model=RequestView, responses=CHANGE_PROBLEMS)
def restrict_processing(request_id: UUID, body: RestrictionBody, act: Changing) -> Response:
    """From now on the linked reports are read and kept, neither changed nor shared."""
    return act.commit(
        lambda session: request_view(
            effects.restrict(
                session,
                act.actor,
                request_id,
                expected_version=act.expected_version,
                at=act.at,
                **body.model_dump(),
            )
        )
    )


@router.post("/restriction/lifting", response_model=RequestView, responses=CHANGE_PROBLEMS)
def lift_processing_restriction(request_id: UUID, body: LiftingBody, act: Changing) -> Response:
    """Work goes on. Tell the person before."""
    return act.commit(
        lambda session: request_view(
            effects.lift_restriction(
                session,
                act.actor,
                request_id,
                reason=body.reason,
                expected_version=act.expected_version,
                at=act.at,
            )
        )
    )
