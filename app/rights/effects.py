"""Carrying out what was granted: rectifying, proposing the erasure, restricting the processing."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases.models import Case, CaseReport
from app.cases.queries import report_ids_of
from app.core.access import Actor
from app.core.clock import day_only, local_date
from app.core.errors import ConflictError, InvalidInputError, invalid
from app.intake import rectifying
from app.intake.domain import ReporterField
from app.intake.models import Report, ReportRectification
from app.intake.queries import get_report
from app.referrals.queries import locked_running_of
from app.retention import service as retention
from app.retention.domain import Basis, Schedule, SubjectKind
from app.retention.models import RetentionHold
from app.rights import queries
from app.rights.domain import RequestKind
from app.rights.models import PersonRequest, RequestSubject
from app.rights.service import granted


def rectify(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    report_id: UUID,
    field: ReporterField,
    value: str | None,
    reason: str,
    at: datetime,
) -> ReportRectification:
    request = granted(session, actor, request_id, RequestKind.RECTIFICATION, None)
    if report_id not in queries.ids_of(request, SubjectKind.REPORT):
        raise invalid("/report_id", "no report of this request", "unknown")
    return rectifying.rectify(
        session,
        actor,
        report_id,
        field=field,
        value=value,
        reason=reason,
        request_id=request.id,
        at=at,
    )


def propose_erasure(
    session: Session,
    actor: Actor,
    request_id: UUID,
    schedule: Schedule,
    *,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> PersonRequest:
    """Propose that what is linked goes; two people decide there. A report goes with its case.

    Raises ConflictError when a case holds reports of others, or something cannot go now.
    """
    request = granted(session, actor, request_id, RequestKind.ERASURE, expected_version)
    case_ids = queries.ids_of(request, SubjectKind.CASE)
    report_ids = queries.ids_of(request, SubjectKind.REPORT)
    with_cases = {one for case_id in case_ids for one in report_ids_of(session, case_id)}
    if with_cases - set(report_ids):
        raise ConflictError(
            "A case holds reports that are not linked: erase the reports of others with it only"
            " when they asked too.",
            code="reports_of_others",
        )
    alone = [one for one in report_ids if one not in with_cases]
    if not case_ids and not alone:
        raise ConflictError("Nothing is linked.", code="nothing_linked")
    for kind, ids in ((SubjectKind.CASE, case_ids), (SubjectKind.REPORT, alone)):
        if ids:
            _propose(session, actor, schedule, request, kind, ids, reason, at)
    request.touch()
    return request


def _propose(
    session: Session,
    actor: Actor,
    schedule: Schedule,
    request: PersonRequest,
    kind: SubjectKind,
    ids: Sequence[UUID],
    reason: str,
    at: datetime,
) -> None:
    try:
        disposal = retention.propose(
            session,
            actor,
            schedule,
            kind=kind,
            basis=Basis.ERASURE,
            subject_ids=ids,
            reason=reason,
            at=at,
        )
    except InvalidInputError as refused:
        places = [int(error.pointer.rpartition("/")[2]) for error in refused.errors]
        wrong = {ids[place] for place in places}
        names = ", ".join(one.reference for one in request.subjects if one.subject_id in wrong)
        raise ConflictError(
            f"Held, under way, proposed already, or in a case that is not linked: {names}.",
            code="may_not_go",
        ) from None
    for one in request.subjects:
        if one.subject_id in ids:
            one.disposal_id = disposal.id


def restrict(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    reason: str,
    review_on: date,
    expected_version: int | None,
    at: datetime,
) -> PersonRequest:
    """The linked reports are read and kept, neither changed nor shared, until it is lifted.

    A hold stands with it. review_on: when to look whether it is still needed.
    """
    request = granted(session, actor, request_id, RequestKind.RESTRICTION, expected_version)
    linked = _reports_of(request)
    if not linked:
        raise ConflictError("No report is linked.", code="nothing_linked")
    if any(one.hold_id is not None for one in linked):
        raise ConflictError("It restricts the processing already.", code="restricted_before")
    if request.restriction_lifted_on is not None:
        raise ConflictError("It was lifted: register a new request.", code="restriction_lifted")
    _lock_cases(session, [one.subject_id for one in linked])
    for one in linked:
        hold = retention.place_hold(
            session,
            actor,
            kind=SubjectKind.REPORT,
            subject_id=one.subject_id,
            reason=reason,
            review_on=review_on,
            at=at,
        )
        session.flush()  # the subject names it
        one.hold_id = hold.id
        # Acts on a referral lock it and not the report: those that began before end first.
        locked_running_of(session, one.subject_id)
        report = get_report(session, actor, one.subject_id, for_update=True, even_restricted=True)
        report.processing_restricted_on = report.processing_restricted_on or local_date(at)
        _note(session, actor, Event.PROCESSING_RESTRICTED, report, at)
    request.touch()
    return request


def lift_restriction(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> PersonRequest:
    """The person is told before. A report that another request restricts too stays so."""
    request = granted(session, actor, request_id, RequestKind.RESTRICTION, expected_version)
    linked = [one for one in _reports_of(request) if one.hold_id is not None]
    if not linked:
        raise ConflictError("It restricts nothing.", code="not_restricted")
    _lock_cases(session, [one.subject_id for one in linked])
    for one in linked:
        report = get_report(session, actor, one.subject_id, for_update=True, even_restricted=True)
        hold_id, one.hold_id = one.hold_id, None
        session.flush()  # the next query does not count it
        hold = session.get_one(RetentionHold, hold_id)
        if hold.lifted_on is None:
            retention.lift_hold(session, actor, hold.id, at=at)
        if not queries.restrictions_of(session, [report.id]):
            report.processing_restricted_on = None
            _note(session, actor, Event.PROCESSING_RELEASED, report, at)
    request.restriction_lifted_on, request.lifting_reason = local_date(at), reason
    request.touch()
    return request


def _reports_of(request: PersonRequest) -> list[RequestSubject]:
    """In the order in which they are locked."""
    found = [one for one in request.subjects if one.kind is SubjectKind.REPORT]
    return sorted(found, key=lambda one: one.subject_id)


def _lock_cases(session: Session, report_ids: Sequence[UUID]) -> None:
    """Before the reports, as every act on a case does."""
    case_ids = select(CaseReport.case_id).where(CaseReport.report_id.in_(report_ids))
    session.scalars(
        select(Case.id).where(Case.id.in_(case_ids)).order_by(Case.id).with_for_update()
    ).all()


def _note(session: Session, actor: Actor, event: Event, report: Report, at: datetime) -> None:
    report.touch()
    noted_at = day_only(at) if report.is_anonymous else at
    audit.record(session, actor, event, "report", report.id, at=noted_at)
