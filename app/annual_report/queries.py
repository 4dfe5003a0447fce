"""What the figures are counted from: a handful of statements, however many codes there are.

Aggregates only: nobody sees a row, so restricted cases count like all others. The coordinator and
the analyst hold the permission, not those from whom such a case is hidden.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app.annual_report.domain import CaseRow, EventCounting, ReportColumns
from app.cases.models import Case, CaseHold, CaseReport
from app.core.access import Actor, Permission
from app.intake.domain import ReportStatus
from app.intake.models import Report
from app.resolutions.models import Agreement, Commitment, Negotiation

_COLUMNS: tuple[Any, ...] = (
    Report.received_on,
    Report.request,
    Report.channel,
    Report.domain,
    type_coerce(Report.status, String),
    Report.respondent_kind,
    type_coerce(Report.multiplicity, String),
    Report.ground_codes,
    Report.conduct_codes,
    Report.reporter_municipality,
    Report.incident_municipality,
    Report.incident_district,
    Report.acknowledged_on,
    Report.answered_on,
    Report.acknowledge_by,
    Report.answer_by,
)
"""In the order of ReportColumns. Enums as plain text: making members was measured to cost more
than the scan."""


def require_permission(actor: Actor) -> None:
    actor.require(Permission.FIGURES_READ)


def report_months(
    session: Session, *, first: date, last: date, events: EventCounting
) -> dict[tuple[int, int], ReportColumns]:
    """The counted reports received from `first` to `last`, by (year, month).

    Counted: those whose reporter agreed to statistics and that are no duplicates.
    """
    rows = session.execute(
        select(*_COLUMNS)
        .where(
            Report.received_on.between(first, last),
            Report.consent_statistics,
            Report.status != ReportStatus.DUPLICATE,
            *_event_condition(events),
        )
        .order_by(Report.received_on)
    ).all()
    months: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in rows:
        day = row[0]
        months[day.year, day.month].append(row)
    return {month: ReportColumns(*zip(*found, strict=True)) for month, found in months.items()}


def _event_condition(events: EventCounting) -> list[ColumnElement[bool]]:
    if events is EventCounting.INCLUDE:
        return []
    if events is EventCounting.EXCLUDE:
        return [Report.event_id.is_(None)]
    place = func.row_number().over(
        partition_by=Report.event_id, order_by=(Report.received_on, Report.id)
    )
    first_of_events = (
        select(Report.id, place.label("place"))
        .where(
            Report.event_id.is_not(None),
            Report.consent_statistics,
            Report.status != ReportStatus.DUPLICATE,
        )
        .subquery()
    )
    firsts = select(first_of_events.c.id).where(first_of_events.c.place == 1)
    return [or_(Report.event_id.is_(None), Report.id.in_(firsts))]


def report_totals(session: Session, *, first: date, last: date) -> dict[int, dict[str, int]]:
    """By year: all reports received, duplicates, without consent, in events, events."""
    counted = Report.consent_statistics & (Report.status != ReportStatus.DUPLICATE)
    year = _year(session, Report.received_on)
    rows = session.execute(
        select(
            year.label("year"),
            func.count().label("total"),
            func.count().filter(Report.status == ReportStatus.DUPLICATE).label("duplicates"),
            func.count()
            .filter(~Report.consent_statistics, Report.status != ReportStatus.DUPLICATE)
            .label("without_consent"),
            func.count().filter(counted, Report.event_id.is_not(None)).label("in_events"),
            func.count(Report.event_id.distinct()).filter(counted).label("events"),
        )
        .where(Report.received_on.between(first, last))
        .group_by(year)
    )
    return {int(row.year): {k: int(v) for k, v in row._mapping.items()} for row in rows}


def unanswered_reports(session: Session, days: Sequence[date]) -> list[int]:
    """For each day, the reports received before it that were not answered before it."""
    counts = [
        func.count().filter(
            Report.received_on < day, or_(Report.answered_on.is_(None), Report.answered_on >= day)
        )
        for day in days
    ]
    query = select(*counts).where(
        Report.received_on < max(days),
        Report.consent_statistics,
        Report.status.not_in((ReportStatus.DUPLICATE, ReportStatus.WITHDRAWN)),
    )
    return [int(count) for count in session.execute(query).one()]


def open_cases(session: Session, days: Sequence[date]) -> list[int]:
    """For each day, the counted cases opened before it and not closed before it."""
    counts = [
        func.count().filter(
            Case.opened_on < day, or_(Case.closed_on.is_(None), Case.closed_on >= day)
        )
        for day in days
    ]
    query = select(*counts).where(Case.opened_on < max(days), Case.id.in_(_counted_cases()))
    return [int(count) for count in session.execute(query).one()]


def case_rows(session: Session, *, first: date, last: date) -> list[CaseRow]:
    """The counted cases that were opened or closed from `first` to `last`."""
    is_meant = or_(Case.opened_on.between(first, last), Case.closed_on.between(first, last))
    cases: dict[UUID, tuple[date, date | None, str | None, str]] = {}
    grounds: dict[UUID, set[str]] = {}
    for case_id, opened_on, closed_on, outcome, assessment, codes in session.execute(
        select(
            Case.id,
            Case.opened_on,
            Case.closed_on,
            Case.outcome,
            Case.assessment,
            Report.ground_codes,
        )
        .join(CaseReport, CaseReport.case_id == Case.id)
        .join(Report, Report.id == CaseReport.report_id)
        .where(is_meant, Report.consent_statistics)
    ):
        cases[case_id] = (opened_on, closed_on, outcome, assessment)
        grounds.setdefault(case_id, set()).update(codes.split(",") if codes else ())
    holds: dict[UUID, list[tuple[date, date | None]]] = defaultdict(list)
    for case_id, started_on, ended_on in session.execute(
        select(CaseHold.case_id, CaseHold.started_on, CaseHold.ended_on)
        .join(Case, Case.id == CaseHold.case_id)
        .where(is_meant)
    ):
        holds[case_id].append((started_on, ended_on))
    return [
        CaseRow(*columns, grounds=grounds[case_id], holds=holds.get(case_id, ()))
        for case_id, columns in cases.items()
    ]


def negotiations(session: Session, *, first: date, last: date) -> list[tuple[Any, ...]]:
    """(started_on, ended_on, status, end_reason) of those started or ended in the period."""
    rows = session.execute(
        select(
            Negotiation.started_on,
            Negotiation.ended_on,
            type_coerce(Negotiation.status, String),
            type_coerce(Negotiation.end_reason, String),
        ).where(
            or_(
                Negotiation.started_on.between(first, last),
                Negotiation.ended_on.between(first, last),
            ),
            Negotiation.case_id.in_(_counted_cases()),
        )
    )
    return [tuple(row) for row in rows]


def commitments(session: Session, *, first: date, last: date) -> list[tuple[Any, ...]]:
    """(agreement id, reached_on, due_on, status) of agreements reached, or due, in the period."""
    rows = session.execute(
        select(
            Commitment.agreement_id,
            Agreement.reached_on,
            Commitment.due_on,
            type_coerce(Commitment.status, String),
        )
        .join(Agreement, Agreement.id == Commitment.agreement_id)
        .where(
            or_(
                Agreement.reached_on.between(first, last),
                Commitment.due_on.between(first, last),
            ),
            Agreement.case_id.in_(_counted_cases()),
        )
    )
    return [tuple(row) for row in rows]


def _counted_cases() -> Any:
    """Cases of which at least one reporter agreed to statistics."""
    return (
        select(CaseReport.case_id)
        .join(Report, Report.id == CaseReport.report_id)
        .where(Report.consent_statistics)
    )


def _year(session: Session, day: Any) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime("%Y", day)
    return func.extract("year", day)


assert len(_COLUMNS) == len(fields(ReportColumns))  # noqa: S101  (the two lists are one)
