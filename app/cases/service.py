"""Opening cases, moving them, closing them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases import barring, guards, queries
from app.cases.domain import (
    DEFAULT_ASSESSMENT,
    TOWARDS_RESPONDENT,
    CaseStatus,
    TimelineKind,
    case_reference,
    require_move,
    require_open,
)
from app.cases.holds import require_not_on_hold
from app.cases.models import Case, CaseCounter, CaseReport
from app.cases.timeline import note
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, FieldError, InvalidInputError, invalid
from app.identity import service as identity
from app.intake import queries as intake_queries
from app.intake import service as intake
from app.intake import triage
from app.intake.domain import ReportStatus
from app.intake.models import Report
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Use


def open_case(
    session: Session,
    actor: Actor,
    *,
    report_ids: Collection[UUID],
    handler_id: UUID | None,
    is_restricted: bool,
    target_days: int,
    at: datetime,
) -> Case:
    """A case from one or more reports. Of a restricted case without a handler, who opens it is.

    The reference has no gap: the year's counter stays locked until this transaction ends, so it
    is taken last.
    """
    actor.require(Permission.CASE_OPEN)
    if handler_id is not None:
        identity.require_assignable(session, handler_id, "/handler_id", Permission.CASE_HANDLE)
    elif is_restricted or actor.may(Permission.CASE_HANDLE):
        handler_id = actor.id
    reports = _reports_for_case(session, actor, report_ids)
    opened_on = local_date(at)
    number = next_number(session, opened_on.year)
    case = Case(
        year=opened_on.year,
        number=number,
        reference=case_reference(opened_on.year, number),
        opened_at=at,
        opened_on=opened_on,
        target_on=opened_on + timedelta(days=target_days),
        handler_id=handler_id,
        is_restricted=is_restricted,
        assessment=DEFAULT_ASSESSMENT,
    )
    session.add(case)
    session.flush()  # gives the id
    note(session, actor, case.id, TimelineKind.OPENED, at=at)
    _attach(session, actor, case, reports, at=at)
    audit.record(session, actor, Event.CASE_OPENED, "case", case.id, at=at, reports=len(reports))
    return case


def add_reports(
    session: Session, actor: Actor, case_id: UUID, *, report_ids: Collection[UUID], at: datetime
) -> Case:
    actor.require(Permission.CASE_HANDLE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    require_open(case.status)
    reports = _reports_for_case(session, actor, report_ids)
    _attach(session, actor, case, reports, at=at)
    for report in reports:
        note(session, actor, case.id, TimelineKind.REPORT_ADDED, at=at, object_id=report.id)
    case.touch()
    audit.record(
        session, actor, Event.CASE_REPORT_ADDED, "case", case.id, at=at, reports=len(reports)
    )
    return case


def change_case(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected_version: int | None,
    at: datetime,
) -> Case:
    """changes: any of handler_id, is_restricted."""
    actor.require(Permission.CASE_HANDLE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    case.require_version(expected_version)
    require_open(case.status)
    if changes.get("handler_id") is not None:
        identity.require_assignable(
            session, changes["handler_id"], "/handler_id", Permission.CASE_HANDLE
        )
        report_ids = queries.report_ids_of(session, case.id)
        if intake_queries.is_barred(session, changes["handler_id"], report_ids):
            raise invalid("/handler_id", "this colleague does not see the case", "cannot_see_case")
    handler_id = changes.get("handler_id", case.handler_id)
    is_restricted = changes.get("is_restricted", case.is_restricted)
    if is_restricted and handler_id is None:
        raise invalid("/handler_id", "a restricted case needs a handler", "missing")
    case.handler_id = handler_id
    case.is_restricted = is_restricted
    case.touch()
    _spread_restriction(session, case)
    note(
        session,
        actor,
        case.id,
        TimelineKind.CHANGED,
        at=at,
        details={"handler_id": str(handler_id), "is_restricted": is_restricted},
    )
    audit.record(
        session,
        actor,
        Event.CASE_CHANGED,
        "case",
        case.id,
        at=at,
        fields=" ".join(sorted(changes)),
    )
    return case


def move(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    to: CaseStatus,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> Case:
    actor.require(Permission.CASE_HANDLE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    case.require_version(expected_version)
    require_move(case.status, to)
    require_not_on_hold(session, case.id)
    if to in TOWARDS_RESPONDENT:
        require_consent(session, case.id)
    guards.check_move(session, case.id, to)
    _set_status(session, actor, case, to, reason=reason, at=at)
    return case


def note_negotiation_status(
    session: Session, actor: Actor, case_id: UUID, to: CaseStatus, *, at: datetime
) -> None:
    """Called by `resolutions`: talks began (negotiation) or an agreement stands (monitoring)."""
    case = session.get_one(Case, case_id, with_for_update=True)
    require_open(case.status)
    if case.status is not to:
        _set_status(session, actor, case, to, reason=None, at=at)


def assess(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    assessment: str,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> Case:
    """Say whether it was discrimination: apart from how the case ends."""
    actor.require(Permission.CASE_HANDLE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    case.require_version(expected_version)
    require_open(case.status)
    vocabulary.current(session).require(
        [Use(CodeList.ASSESSMENTS, assessment, "/assessment")], local_date(at)
    )
    details = {"from": case.assessment, "to": assessment}
    case.assessment = assessment
    case.touch()
    note(session, actor, case.id, TimelineKind.ASSESSED, at=at, details=details, remark=reason)
    audit.record(session, actor, Event.CASE_ASSESSED, "case", case.id, at=at, to=assessment)
    return case


def close(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    outcome: str,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> Case:
    """Close with an outcome. What still runs (talks, commitments) may refuse."""
    actor.require(Permission.CASE_HANDLE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    case.require_version(expected_version)
    require_open(case.status)
    vocabulary.current(session).require(
        [Use(CodeList.OUTCOMES, outcome, "/outcome")], local_date(at)
    )
    guards.check_closure(session, case.id, outcome)
    today = local_date(at)
    hold = queries.open_hold(session, case.id)
    if hold is not None:
        hold.ended_on = today
    details = {"from": case.status.value, "outcome": outcome}
    case.status = CaseStatus.CLOSED
    case.outcome = outcome
    case.closed_on = today
    case.closure_reason = reason
    case.touch()
    note(session, actor, case.id, TimelineKind.CLOSED, at=at, details=details, remark=reason)
    audit.record(session, actor, Event.CASE_CLOSED, "case", case.id, at=at, outcome=outcome)
    return case


def reopen(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> Case:
    """Back to analysis; the timeline keeps how it was closed."""
    actor.require(Permission.CASE_HANDLE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    case.require_version(expected_version)
    if case.status is not CaseStatus.CLOSED:
        raise ConflictError("Only a closed case can be reopened.", code="case_not_closed")
    details = {"outcome": case.outcome, "closed_on": str(case.closed_on)}
    case.status = CaseStatus.ANALYSIS
    case.outcome = None
    case.closed_on = None
    case.closure_reason = None
    case.touch()
    note(session, actor, case.id, TimelineKind.REOPENED, at=at, details=details, remark=reason)
    audit.record(session, actor, Event.CASE_REOPENED, "case", case.id, at=at)
    return case


def require_consent(session: Session, case_id: UUID) -> None:
    """Raises ConflictError unless every reporter of the case agreed to approach the respondent."""
    standing = [
        report
        for report in queries.reports_of(session, case_id)
        if report.status is not ReportStatus.WITHDRAWN
    ]
    if not standing or not all(r.consent_approach_respondent for r in standing):
        raise ConflictError(
            "A reporter has not agreed that the respondent is approached.",
            code="no_consent_to_approach_respondent",
        )


def require_involvable(
    session: Session, case: Case, account_id: UUID, pointer: str, permission: Permission
) -> None:
    """Raises InvalidInputError unless this colleague may do it and may know of the case."""
    colleague = identity.require_assignable(session, account_id, pointer, permission)
    is_hidden = case.is_restricted and case.handler_id != account_id
    is_hidden = is_hidden and not colleague.may(Permission.CASE_READ_RESTRICTED)
    report_ids = queries.report_ids_of(session, case.id)
    if is_hidden or intake_queries.is_barred(session, account_id, report_ids):
        raise invalid(pointer, "this colleague does not see the case", "cannot_see_case")


def next_number(session: Session, year: int) -> int:
    """The next case number of a year; the counter's row is locked until the transaction ends."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(CaseCounter)
        .values(year=year, last_number=1)
        .on_conflict_do_update(
            index_elements=[CaseCounter.year],
            set_={"last_number": CaseCounter.last_number + 1},
        )
        .returning(CaseCounter.last_number)
    )
    number: int = session.execute(statement).scalar_one()
    return number


def _reports_for_case(session: Session, actor: Actor, report_ids: Collection[UUID]) -> list[Report]:
    wanted = list(dict.fromkeys(report_ids))
    rows = session.scalars(
        # In the order of the ids, so that two openings at once cannot wait for each other.
        intake_queries.visible_reports(actor)
        .where(Report.id.in_(wanted))
        .order_by(Report.id)
        .with_for_update()
    ).all()
    found = {row.id for row in rows}
    missing = [
        FieldError(f"/report_ids/{position}", "no such report", "unknown_report")
        for position, report_id in enumerate(wanted)
        if report_id not in found
    ]
    if missing:
        raise InvalidInputError(*missing)
    intake_queries.require_unrestricted(*rows)
    if any(queries.case_of_report(session, report_id) for report_id in wanted):
        raise ConflictError("A report is in one case at most.", code="report_in_case")
    return list(rows)


def _attach(
    session: Session, actor: Actor, case: Case, reports: Collection[Report], *, at: datetime
) -> None:
    for report in reports:
        triage.note_case(actor, report, at=at)
        session.add(CaseReport(report_id=report.id, case_id=case.id, added_on=local_date(at)))
    session.flush()  # the next query sees them
    barring.join(session, case, at=at)
    if case.is_restricted:
        _spread_restriction(session, case)


def _spread_restriction(session: Session, case: Case) -> None:
    intake.mark_restricted(
        session,
        queries.report_ids_of(session, case.id),
        restricted_to_id=case.handler_id if case.is_restricted else None,
    )


def _set_status(
    session: Session,
    actor: Actor,
    case: Case,
    to: CaseStatus,
    *,
    reason: str | None,
    at: datetime,
) -> None:
    details = {"from": case.status.value, "to": to.value}
    case.status = to
    case.touch()
    note(session, actor, case.id, TimelineKind.MOVED, at=at, details=details, remark=reason)
    audit.record(session, actor, Event.CASE_MOVED, "case", case.id, at=at, to=to.value)
