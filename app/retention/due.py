"""What may go now: closed cases and decided reports whose time is over, and which nothing holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from app.cases.domain import CaseStatus
from app.cases.models import Case, CaseReport
from app.cases.queries import visible_cases
from app.core.access import Actor, Permission
from app.core.clock import day_start
from app.core.paging import Page, PageRequest, fetch_page
from app.intake.domain import AWAITING_TRIAGE, ReportStatus
from app.intake.models import Report, ReportMessage
from app.intake.queries import visible_reports
from app.referrals.domain import ReferralStatus
from app.referrals.models import Referral
from app.resolutions.domain import CommitmentStatus
from app.resolutions.models import Commitment
from app.retention.domain import Rule, Schedule, SubjectKind, due_on, last_counted_from
from app.retention.models import RetentionHold

WITH_A_PARTNER = (ReferralStatus.OFFERED, ReferralStatus.ACCEPTED)


@dataclass(frozen=True)
class Due:
    """A case or report whose time is over."""

    kind: SubjectKind
    id: UUID
    reference: str
    rule: str
    counted_from: date
    due_on: date
    is_anonymous: bool


def list_due(
    session: Session,
    actor: Actor,
    schedule: Schedule,
    kind: SubjectKind,
    page: PageRequest,
    *,
    today: date,
) -> Page[Due]:
    """Cases by the day they were closed, reports by that of receipt, the oldest first."""
    actor.require(Permission.RETENTION_MANAGE)
    if kind is SubjectKind.CASE:
        query = cases_that_may_go(actor, schedule, today)
        cases = fetch_page(session, query, page, order=(Case.closed_on, Case.id))
        return Page(due_cases(session, schedule, cases.items), cases.next, cases.total)
    query_of_reports = reports_that_may_go(actor, schedule, today)
    reports = fetch_page(session, query_of_reports, page, order=(Report.received_on, Report.id))
    return Page([due_report(schedule, one) for one in reports.items], reports.next, reports.total)


def cases_that_may_go(actor: Actor, schedule: Schedule | None, today: date) -> Select[Case]:
    """Of those that the actor may see. schedule: None where they need not be due."""
    query = visible_cases(actor).where(*case_may_go())
    return query if schedule is None else query.where(cases_due(schedule, today))


def reports_that_may_go(actor: Actor, schedule: Schedule | None, today: date) -> Select[Report]:
    """As `cases_that_may_go`."""
    query = visible_reports(actor).where(*report_may_go())
    return query if schedule is None else query.where(reports_due(schedule, today))


def due_cases(session: Session, schedule: Schedule, cases: Sequence[Case]) -> list[Due]:
    anonymous = _anonymous_cases(session, [case.id for case in cases])
    return [_due_case(schedule, case, case.id in anonymous) for case in cases]


def _due_case(schedule: Schedule, case: Case, is_anonymous: bool) -> Due:
    rule = schedule.rule_for(SubjectKind.CASE, case.outcome or "")
    counted_from = case.closed_on or case.opened_on
    return Due(
        SubjectKind.CASE,
        case.id,
        case.reference,
        rule.code,
        counted_from,
        due_on(rule, counted_from),
        is_anonymous,
    )


def due_report(schedule: Schedule, report: Report) -> Due:
    rule = schedule.rule_for(SubjectKind.REPORT, report.status)
    counted_from = max(report.received_on, report.answered_on or report.received_on)
    return Due(
        SubjectKind.REPORT,
        report.id,
        report.reference,
        rule.code,
        counted_from,
        due_on(rule, counted_from),
        report.is_anonymous,
    )


def cases_due(schedule: Schedule, today: date) -> ColumnElement[bool]:
    rules = schedule.of_kind(SubjectKind.CASE)
    return or_(*(_case_is_due(schedule, rule, today) for rule in rules))


def _case_is_due(schedule: Schedule, rule: Rule, today: date) -> ColumnElement[bool]:
    last = last_counted_from(rule, today)
    return and_(_applies(schedule, rule, Case.outcome), Case.closed_on <= last)


def reports_due(schedule: Schedule, today: date) -> ColumnElement[bool]:
    rules = schedule.of_kind(SubjectKind.REPORT)
    return or_(*(_report_is_due(schedule, rule, today) for rule in rules))


def _report_is_due(schedule: Schedule, rule: Rule, today: date) -> ColumnElement[bool]:
    """Counted from the last of receipt and answer; a message written later keeps it."""
    last = last_counted_from(rule, today)
    written_later = exists().where(
        ReportMessage.report_id == Report.id,
        ReportMessage.sent_at >= day_start(last + timedelta(days=1)),
    )
    return and_(
        _applies(schedule, rule, Report.status),
        Report.received_on <= last,
        func.coalesce(Report.answered_on, Report.received_on) <= last,
        ~written_later,
    )


def _applies(
    schedule: Schedule,
    rule: Rule,
    code: InstrumentedAttribute[ReportStatus] | InstrumentedAttribute[str | None],
) -> ColumnElement[bool]:
    if rule.codes:
        return code.in_(_known(rule.kind, rule.codes))
    named = [name for other in schedule.of_kind(rule.kind) for name in other.codes]
    return code.not_in(_known(rule.kind, named))


def _known(kind: SubjectKind, codes: Iterable[str]) -> list[str]:
    """A state that this version does not have has no rows."""
    if kind is SubjectKind.REPORT:
        return [status for status in ReportStatus if status.value in set(codes)]
    return sorted(codes)


def case_may_go() -> list[ColumnElement[bool]]:
    """Nothing of it is under way, and nothing holds it or a report of it."""
    reports = select(CaseReport.report_id).where(CaseReport.case_id == Case.id)
    return [
        Case.disposed_on.is_(None),
        Case.status == CaseStatus.CLOSED,
        ~exists().where(
            Commitment.case_id == Case.id, Commitment.status == CommitmentStatus.PENDING
        ),
        ~exists().where(Referral.report_id.in_(reports), Referral.status.in_(WITH_A_PARTNER)),
        ~exists().where(Report.id.in_(reports), Report.processing_restricted_on.is_not(None)),
        ~case_is_held(),
    ]


def report_may_go() -> list[ColumnElement[bool]]:
    return [
        Report.disposed_on.is_(None),
        Report.processing_restricted_on.is_(None),
        Report.is_in_case.is_(False),
        Report.status.not_in([*AWAITING_TRIAGE, ReportStatus.CASE_OPENED]),
        ~exists().where(Referral.report_id == Report.id, Referral.status.in_(WITH_A_PARTNER)),
        ~is_held(Report.id),
    ]


def case_is_held() -> ColumnElement[bool]:
    """Itself, or a report of it."""
    reports = select(CaseReport.report_id).where(CaseReport.case_id == Case.id)
    of_report = exists().where(
        RetentionHold.subject_id.in_(reports), RetentionHold.lifted_on.is_(None)
    )
    return or_(is_held(Case.id), of_report)


def is_held(subject: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    return exists().where(RetentionHold.subject_id == subject, RetentionHold.lifted_on.is_(None))


def _anonymous_cases(session: Session, case_ids: Sequence[UUID]) -> set[UUID]:
    """Those of whose reports none names a reporter."""
    named = (
        select(CaseReport.case_id)
        .join(Report, Report.id == CaseReport.report_id)
        .where(CaseReport.case_id.in_(case_ids), Report.is_anonymous.is_(False))
    )
    return set(case_ids) - set(session.scalars(named))


def count_due(session: Session, schedule: Schedule, *, today: date) -> dict[str, int]:
    """How many are due by rule, for the whole house."""
    counts = {}
    for rule in schedule.rules:
        if rule.kind is SubjectKind.CASE:
            cases = select(func.count()).select_from(Case)
            found = cases.where(_case_is_due(schedule, rule, today), *case_may_go())
        else:
            reports = select(func.count()).select_from(Report)
            found = reports.where(_report_is_due(schedule, rule, today), *report_may_go())
        counts[rule.code] = session.scalar(found) or 0
    return counts
