"""Deciding what becomes of a report; grouping the reports of one event."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import FieldError, InvalidInputError, invalid
from app.intake import queries
from app.intake.domain import ReportStatus, TriageDecision, status_after
from app.intake.models import MassEvent, Report, Triage
from app.partners import service as partners


def triage(
    session: Session,
    actor: Actor,
    report_id: UUID,
    *,
    decision: TriageDecision,
    reason: str,
    duplicate_of: UUID | None,
    partner_id: UUID | None,
    expected_version: int | None,
    at: datetime,
) -> Report:
    """Take a decision. It also is the first answer, and acknowledges what was not yet."""
    actor.require(Permission.REPORT_HANDLE)
    report = queries.get_report(session, actor, report_id, for_update=True)
    report.require_version(expected_version)
    new_status = status_after(report.status, decision)
    _require_fitting(decision, duplicate_of=duplicate_of, partner_id=partner_id)
    if partner_id is not None:
        partners.require_active_on(session, actor, partner_id, "/partner_id", on=local_date(at))
    if duplicate_of is not None:
        _require_original(session, actor, report, duplicate_of)
    session.add(
        Triage(
            report_id=report.id,
            decision=decision,
            reason=reason,
            decided_at=at,
            decided_by_id=actor.id,
            partner_id=partner_id,
            duplicate_of_id=duplicate_of,
        )
    )
    report.status = new_status
    report.duplicate_of_id = duplicate_of
    report.partner_id = partner_id
    today = local_date(at)
    report.acknowledged_on = report.acknowledged_on or today
    report.answered_on = report.answered_on or today
    report.touch()
    session.flush()  # the answer shows the decision
    audit.record(
        session, actor, Event.REPORT_TRIAGED, "report", report.id, at=at, decision=decision.value
    )
    return report


def note_case(actor: Actor, report: Report, *, at: datetime) -> None:
    """Called by `cases`: the report is now part of a case, whether or not it was triaged before."""
    report.is_in_case = True
    if report.status is not ReportStatus.CASE_OPENED:
        report.status = status_after(report.status, TriageDecision.OPEN_CASE)
        report.duplicate_of_id = None
    today = local_date(at)
    report.acknowledged_on = report.acknowledged_on or today
    report.answered_on = report.answered_on or today
    report.handler_id = report.handler_id or actor.id
    report.touch()


def group_event(
    session: Session,
    actor: Actor,
    *,
    title: str,
    occurred_on: date | None,
    report_ids: Collection[UUID],
    at: datetime,
) -> MassEvent:
    """Group many reports of one happening. Nothing is merged: each stays a report."""
    actor.require(Permission.REPORT_HANDLE)
    if occurred_on is not None and occurred_on > local_date(at):
        raise invalid("/occurred_on", "lies in the future", "in_future")
    event = MassEvent(title=title, occurred_on=occurred_on, created_on=local_date(at))
    session.add(event)
    session.flush()  # gives the id
    _join(session, actor, event, report_ids)
    audit.record(session, actor, Event.EVENT_GROUPED, "event", event.id, at=at)
    return event


def add_to_event(
    session: Session, actor: Actor, event_id: UUID, *, report_ids: Collection[UUID], at: datetime
) -> MassEvent:
    actor.require(Permission.REPORT_HANDLE)
    event = queries.get_event(session, actor, event_id)
    _join(session, actor, event, report_ids)
    event.touch()
    audit.record(session, actor, Event.EVENT_GROUPED, "event", event.id, at=at)
    return event


def _join(session: Session, actor: Actor, event: MassEvent, report_ids: Collection[UUID]) -> None:
    wanted = list(dict.fromkeys(report_ids))
    rows = session.scalars(
        # In the order of the ids, so that two groupings at once cannot wait for each other.
        queries.visible_reports(actor)
        .where(Report.id.in_(wanted))
        .order_by(Report.id)
        .with_for_update()
    ).all()
    found = {row.id: row for row in rows}
    errors = [
        FieldError(f"/report_ids/{position}", "no such report", "unknown_report")
        for position, report_id in enumerate(wanted)
        if report_id not in found
    ]
    errors += [
        FieldError(f"/report_ids/{position}", "belongs to another event", "other_event")
        for position, report_id in enumerate(wanted)
        if report_id in found and found[report_id].event_id not in (None, event.id)
    ]
    if errors:
        raise InvalidInputError(*errors)
    queries.require_unrestricted(*rows)
    for row in rows:
        row.event_id = event.id
        row.touch()
    session.flush()  # the answer lists them


def _require_fitting(
    decision: TriageDecision, *, duplicate_of: UUID | None, partner_id: UUID | None
) -> None:
    errors = []
    for field, value, belongs_to in (
        ("duplicate_of", duplicate_of, TriageDecision.DUPLICATE),
        ("partner_id", partner_id, TriageDecision.REFER),
    ):
        if decision is belongs_to and value is None:
            errors.append(FieldError(f"/{field}", f"{decision} needs it", "missing"))
        if decision is not belongs_to and value is not None:
            errors.append(
                FieldError(f"/{field}", f"goes with the decision {belongs_to} only", "unfitting")
            )
    if errors:
        raise InvalidInputError(*errors)


def _require_original(session: Session, actor: Actor, report: Report, original_id: UUID) -> None:
    original = session.scalar(queries.visible_reports(actor).where(Report.id == original_id))
    if original is None:
        raise invalid("/duplicate_of", "no such report", "unknown_report")
    if original.id == report.id or original.status is ReportStatus.DUPLICATE:
        raise invalid("/duplicate_of", "name the report that stands", "not_an_original")
    has_followers = session.scalar(select(Report.id).where(Report.duplicate_of_id == report.id))
    if has_followers is not None:
        raise invalid("/duplicate_of", "other reports name this one as theirs", "is_an_original")
