"""What the figures are counted from: a handful of statements, however many codes there are.

Aggregates only: nobody sees a row, so restricted cases count like all others. The coordinator and
the analyst hold the permission, not those from whom such a case is hidden.
"""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Text,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.annual_report.domain import SEPARATOR, CaseRow, EventCounting, ReportFacets
from app.cases.models import Case, CaseHold, CaseReport
from app.core.access import Actor, Permission
from app.intake.domain import ReportStatus
from app.intake.models import Report
from app.resolutions.models import Agreement, Commitment, Negotiation


def _facet(*parts: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """The parts as one text; see ReportFacets."""
    said = (
        func.coalesce(cast(part, Text), "") if part.property.columns[0].nullable else part
        for part in parts
    )
    return func.concat_ws(literal_column(f"'{SEPARATOR}'"), *said)


_FACETS = {
    "kinds": _facet(
        Report.request,
        Report.channel,
        Report.status,
        Report.respondent_kind,
        Report.multiplicity,
    ),
    "grounds": _facet(Report.ground_codes, Report.domain),
    "conducts": _facet(Report.conduct_codes),
    "places": _facet(
        Report.reporter_municipality, Report.incident_municipality, Report.incident_district
    ),
    "acknowledgement": _facet(Report.received_on, Report.acknowledged_on, Report.acknowledge_by),
    "answer": _facet(Report.received_on, Report.answered_on, Report.answer_by),
}


def require_permission(actor: Actor) -> None:
    actor.require(Permission.FIGURES_READ)


def report_facets(
    session: Session, *, first: date, last: date, events: EventCounting
) -> ReportFacets:
    """The counted reports received from `first` to `last`.

    Counted: those whose reporter agreed to statistics and that are no duplicates.
    """
    rows = _plain_rows(
        session,
        select(*_FACETS.values()).where(
            Report.received_on.between(first, last),
            Report.consent_statistics,
            Report.status != ReportStatus.DUPLICATE,
            *_event_condition(events),
        ),
    )
    columns = list(zip(*rows, strict=True)) or [()] * len(_FACETS)
    return ReportFacets(**dict(zip(_FACETS, columns, strict=True)))


def _plain_rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows as the driver gives them: for a hundred thousand of them, wrapping each row was
    measured to take twice as long as the scan. Only for columns of text and numbers."""
    connection = session.connection()
    statement = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(str(statement))
        return list(cursor.fetchall())


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
    query = select(*counts).where(Case.opened_on < max(days), _is_counted(Case.id))
    return [int(count) for count in session.execute(query).one()]


def case_rows(session: Session, *, first: date, last: date) -> list[CaseRow]:
    """The counted cases that were opened or closed from `first` to `last`."""
    is_meant = or_(Case.opened_on.between(first, last), Case.closed_on.between(first, last))
    cases: dict[str, tuple[str, str | None, str | None, str]] = {}
    grounds: dict[str, set[str]] = {}
    for case, opened_on, closed_on, outcome, assessment, codes in _plain_rows(
        session,
        select(
            Case.reference,
            cast(Case.opened_on, Text),
            cast(Case.closed_on, Text),
            Case.outcome,
            Case.assessment,
            Report.ground_codes,
        )
        .join(CaseReport, CaseReport.case_id == Case.id)
        .join(Report, Report.id == CaseReport.report_id)
        .where(is_meant, Report.consent_statistics),
    ):
        cases[case] = (opened_on, closed_on, outcome, assessment)
        grounds.setdefault(case, set()).update(codes.split(",") if codes else ())
    holds: dict[str, list[tuple[date, date | None]]] = defaultdict(list)
    for case, started_on, ended_on in session.connection().execute(
        select(Case.reference, CaseHold.started_on, CaseHold.ended_on)
        .join(Case, Case.id == CaseHold.case_id)
        .where(is_meant)
    ):
        holds[case].append((started_on, ended_on))
    return [
        CaseRow(
            date.fromisoformat(opened_on),
            date.fromisoformat(closed_on) if closed_on else None,
            outcome,
            assessment,
            grounds=grounds[case],
            holds=holds.get(case, ()),
        )
        for case, (opened_on, closed_on, outcome, assessment) in cases.items()
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
            _is_counted(Negotiation.case_id),
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
            _is_counted(Agreement.case_id),
        )
    )
    return [tuple(row) for row in rows]


def _is_counted(case_id: Any) -> ColumnElement[bool]:
    """At least one reporter of the case agreed to statistics."""
    return exists().where(
        CaseReport.case_id == case_id,
        Report.id == CaseReport.report_id,
        Report.consent_statistics,
    )


def _year(session: Session, day: Any) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime("%Y", day)
    return func.extract("year", day)
