"""Case files."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import CodeQuery, Day, TextQuery
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.cases import holds, queries, service
from app.cases.domain import CaseStatus
from app.cases.models import Case
from app.cases.queries import CaseFilter
from app.cases.schemas import (
    CaseAssessment,
    CaseChange,
    CaseClosure,
    CaseHolding,
    CaseMove,
    CaseOpening,
    CaseReopening,
    CaseReports,
    CaseSummary,
    CaseView,
)
from app.cases.views import case_summary, case_view
from app.core.access import Permission
from app.core.clock import local_date
from app.intake.queries import ReportFilter

router = APIRouter(tags=["cases"])

Reading = Annotated[Act, acting(Permission.CASE_READ)]
Adding = Annotated[Act, acting(Permission.CASE_HANDLE, creates=True)]
Changing = Annotated[Act, acting(Permission.CASE_HANDLE, changes=True)]

CHANGE_PROBLEMS = problems(401, 403, 404, 409, 412, 413, 422, 428, 503)
ADD_PROBLEMS = problems(401, 403, 404, 409, 413, 422, 503)


def _filter(
    status: Annotated[CaseStatus | None, Query()] = None,
    outcome: CodeQuery = None,
    assessment: CodeQuery = None,
    handler: Annotated[UUID | None, Query()] = None,
    opened_from: Annotated[Day | None, Query()] = None,
    opened_to: Annotated[Day | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    q: TextQuery = None,
    request: CodeQuery = None,
    channel: CodeQuery = None,
    ground: CodeQuery = None,
    domain: CodeQuery = None,
    municipality: TextQuery = None,
    district: TextQuery = None,
    received_from: Annotated[Day | None, Query()] = None,
    received_to: Annotated[Day | None, Query()] = None,
) -> CaseFilter:
    return CaseFilter(
        status=status,
        outcome=outcome,
        assessment=assessment,
        handler=handler,
        opened_from=opened_from,
        opened_to=opened_to,
        overdue=overdue,
        q=q,
        reports=ReportFilter(
            request=request,
            channel=channel,
            ground=ground,
            domain=domain,
            municipality=municipality,
            district=district,
            received_from=received_from,
            received_to=received_to,
        ),
    )


@router.post(
    "/cases",
    status_code=201,
    response_model=CaseView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def open_case(
    body: CaseOpening, act: Annotated[Act, acting(Permission.CASE_OPEN, creates=True)]
) -> Response:
    """Open a case from one or more reports."""

    def work(session: Session) -> CaseView:
        case = service.open_case(
            session,
            act.actor,
            target_days=act.settings.case_target_days,
            at=act.at,
            **body.model_dump(),
        )
        return case_view(session, act.actor, case)

    return act.commit(work)


@router.get("/cases", response_model=PageView[CaseSummary], responses=problems(401, 403, 422, 503))
def list_cases(
    wanted: Annotated[CaseFilter, Depends(_filter)], page: PageQuery, act: Reading
) -> Response:
    """Cases, the newest first; no personal data."""
    return act.read(
        lambda session: page_view(
            queries.list_cases(session, act.actor, wanted, page, today=local_date(act.at)),
            case_summary,
        )
    )


@router.get(
    "/cases/{case_id}", response_model=CaseView, responses=problems(401, 403, 404, 422, 503)
)
def read_case(case_id: UUID, act: Reading) -> Response:
    """One case file. That it was read stands in the trail."""

    def work(session: Session) -> CaseView:
        case = queries.get_case(session, act.actor, case_id)
        audit.record(session, act.actor, Event.CASE_READ, "case", case.id, at=act.at)
        return case_view(session, act.actor, case)

    return act.commit(work)


@router.patch("/cases/{case_id}", response_model=CaseView, responses=CHANGE_PROBLEMS)
def change_case(case_id: UUID, body: CaseChange, act: Changing) -> Response:
    """Hand the case over, or restrict it."""

    def work(session: Session) -> CaseView:
        case = service.change_case(
            session,
            act.actor,
            case_id,
            changes=body.model_dump(exclude_unset=True),
            expected_version=act.expected_version,
            at=act.at,
        )
        return _shown(session, act, case)

    return act.commit(work)


@router.post("/cases/{case_id}/moves", response_model=CaseView, responses=CHANGE_PROBLEMS)
def move_case(case_id: UUID, body: CaseMove, act: Changing) -> Response:
    """Move the case along its workflow."""

    def work(session: Session) -> CaseView:
        case = service.move(
            session,
            act.actor,
            case_id,
            to=body.to,
            reason=body.reason,
            expected_version=act.expected_version,
            at=act.at,
        )
        return _shown(session, act, case)

    return act.commit(work)


@router.post("/cases/{case_id}/assessment", response_model=CaseView, responses=CHANGE_PROBLEMS)
def assess_case(case_id: UUID, body: CaseAssessment, act: Changing) -> Response:
    """Say whether it was discrimination; apart from how the case ends."""

    def work(session: Session) -> CaseView:
        case = service.assess(
            session,
            act.actor,
            case_id,
            assessment=body.assessment,
            reason=body.reason,
            expected_version=act.expected_version,
            at=act.at,
        )
        return _shown(session, act, case)

    return act.commit(work)


@router.post("/cases/{case_id}/closure", response_model=CaseView, responses=CHANGE_PROBLEMS)
def close_case(case_id: UUID, body: CaseClosure, act: Changing) -> Response:
    """Close the case with its outcome."""

    def work(session: Session) -> CaseView:
        case = service.close(
            session,
            act.actor,
            case_id,
            outcome=body.outcome,
            reason=body.reason,
            expected_version=act.expected_version,
            at=act.at,
        )
        return _shown(session, act, case)

    return act.commit(work)


@router.post("/cases/{case_id}/reopening", response_model=CaseView, responses=CHANGE_PROBLEMS)
def reopen_case(case_id: UUID, body: CaseReopening, act: Changing) -> Response:
    """Reopen a closed case."""

    def work(session: Session) -> CaseView:
        case = service.reopen(
            session,
            act.actor,
            case_id,
            reason=body.reason,
            expected_version=act.expected_version,
            at=act.at,
        )
        return _shown(session, act, case)

    return act.commit(work)


@router.post("/cases/{case_id}/holds", response_model=CaseView, responses=CHANGE_PROBLEMS)
def hold_case(case_id: UUID, body: CaseHolding, act: Changing) -> Response:
    """Let the case wait."""

    def work(session: Session) -> CaseView:
        case = holds.hold(
            session,
            act.actor,
            case_id,
            reason=body.reason,
            expected_until=body.expected_until,
            expected_version=act.expected_version,
            at=act.at,
        )
        return _shown(session, act, case)

    return act.commit(work)


@router.post("/cases/{case_id}/holds/end", response_model=CaseView, responses=CHANGE_PROBLEMS)
def resume_case(case_id: UUID, act: Changing) -> Response:
    """Go on with a case that waited."""

    def work(session: Session) -> CaseView:
        case = holds.resume(
            session, act.actor, case_id, expected_version=act.expected_version, at=act.at
        )
        return _shown(session, act, case)

    return act.commit(work)


@router.post("/cases/{case_id}/reports", response_model=CaseView, responses=ADD_PROBLEMS)
def add_reports(case_id: UUID, body: CaseReports, act: Adding) -> Response:
    """Add reports to a case."""

    def work(session: Session) -> CaseView:
        case = service.add_reports(
            session, act.actor, case_id, report_ids=body.report_ids, at=act.at
        )
        return _shown(session, act, case)

    return act.commit(work)


def _shown(session: Session, act: Act, case: Case) -> CaseView:
    session.flush()  # the answer carries the new version
    return case_view(session, act.actor, case)
