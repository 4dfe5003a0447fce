"""What the figures are counted from: a handful of statements, however many codes there are.

Aggregates only: nobody sees a row, so restricted cases count like all others. The coordinator and
the analyst hold the permission, not those from whom such a case is hidden.
"""

from collections import Counter, defaultdict
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

from app.annual_report.domain import SEPARATOR, CaseRow, Counts, ReportFacets
from app.annual_report.models import FigureMonth, StaleMonth
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
    "languages": _facet(Report.language),
}


COUNTED: tuple[ColumnElement[bool], ...] = (
    Report.consent_statistics.is_(True),
    Report.status != ReportStatus.DUPLICATE,
)


def require_permission(actor: Actor) -> None:
    actor.require(Permission.FIGURES_READ)


def report_facets(session: Session, *, first: date, last: date, are_grouped: bool) -> ReportFacets:
    """The counted reports received from `first` to `last`, of mass events or of none.

    Counted: those whose reporter agreed to statistics and that are no duplicates.
    """
    in_event = Report.event_id.is_not(None) if are_grouped else Report.event_id.is_(None)
    return _facets(session, Report.received_on.between(first, last), *COUNTED, in_event)


def facets_of_first_reports(session: Session, *, first: date, last: date) -> ReportFacets:
    """Of each mass event the first counted report, if it was received from `first` to `last`."""
    place = func.row_number().over(
        partition_by=Report.event_id, order_by=(Report.received_on, Report.id)
    )
    events = (
        select(Report.id, place.label("place"))
        .where(Report.event_id.is_not(None), *COUNTED)
        .subquery()
    )
    firsts = select(events.c.id).where(events.c.place == 1)
    return _facets(session, Report.received_on.between(first, last), Report.id.in_(firsts))


def events_by_first_year(session: Session) -> Counter[int]:
    """Year -> mass events whose first counted report was received in it."""
    first_day = func.min(Report.received_on).label("first_day")
    firsts = (
        select(first_day).where(Report.event_id.is_not(None), *COUNTED).group_by(Report.event_id)
    )
    return Counter(day.year for day in session.scalars(firsts))


def _facets(session: Session, *conditions: ColumnElement[bool]) -> ReportFacets:
    rows = plain_rows(session, select(*_FACETS.values()).where(*conditions))
    columns = list(zip(*rows, strict=True)) or [()] * len(_FACETS)
    return ReportFacets(**dict(zip(_FACETS, columns, strict=True)))


def needs(session: Session, *, first: date, last: date) -> dict[str, int]:
    """What counted reports received in the period say is needed to talk with the bureau; a report
    can say several. Disposed reports do not tell it any more."""
    row = session.execute(
        select(
            func.count().filter(Report.interpreter_language.is_not(None)).label("interpreter"),
            func.count().filter(Report.needs_sign_language).label("sign_language"),
            func.count().filter(Report.needs_reading_help).label("reading_help"),
        ).where(Report.received_on.between(first, last), *COUNTED)
    ).one()
    return {name: int(count) for name, count in row._mapping.items()}


def plain_rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows as the driver gives them: for a hundred thousand of them, wrapping each row was
    measured to take twice as long as the scan. Only for columns of text and numbers."""
    connection = session.connection()
    statement = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(str(statement))
        return list(cursor.fetchall())


def report_totals(session: Session, *, first: date, last: date) -> Counts:
    """All reports received, duplicates among them, those without consent, those in events."""
    row = session.execute(
        select(
            func.count().label("total"),
            func.count().filter(Report.status == ReportStatus.DUPLICATE).label("duplicates"),
            func.count()
            .filter(~Report.consent_statistics, Report.status != ReportStatus.DUPLICATE)
            .label("without_consent"),
            func.count().filter(Report.event_id.is_not(None), *COUNTED).label("in_events"),
        ).where(Report.received_on.between(first, last))
    ).one()
    return Counter({name: int(count) for name, count in row._mapping.items()})


def reports_by_request(session: Session, *, first: date, last: date) -> Counts:
    """What was asked -> counted reports received from `first` to `last`."""
    rows = session.execute(
        select(Report.request, func.count())
        .where(Report.received_on.between(first, last), *COUNTED)
        .group_by(Report.request)
    )
    return Counter({request: int(count) for request, count in rows})


def case_totals(session: Session, *, first: date, last: date) -> tuple[int, int]:
    """The counted cases opened, and those closed, from `first` to `last`."""
    opened, closed = (
        session.scalar(
            select(func.count())
            .select_from(Case)
            .where(day.between(first, last), _is_counted(Case.id))
        )
        for day in (Case.opened_on, Case.closed_on)
    )
    return opened or 0, closed or 0


def reports_by_event(session: Session, *, first: date, last: date) -> Counts:
    """Mass event -> its counted reports received from `first` to `last`."""
    rows = session.execute(
        select(Report.event_id, func.count())
        .where(Report.received_on.between(first, last), Report.event_id.is_not(None), *COUNTED)
        .group_by(Report.event_id)
    )
    return Counter({str(event_id): int(count) for event_id, count in rows})


def reports_by_month_of_answer(session: Session, *, first: date, last: date) -> Counts:
    """Month of the answer ("" for none) -> reports received from `first` to `last`.

    Who took the report back waits for no answer.
    """
    month = func.coalesce(func.substr(cast(Report.answered_on, Text), 1, 7), "")
    rows = session.execute(
        select(month, func.count())
        .where(
            Report.received_on.between(first, last),
            Report.status != ReportStatus.WITHDRAWN,
            *COUNTED,
        )
        .group_by(month)
    )
    return Counter({str(answered): int(count) for answered, count in rows})


def case_rows(session: Session, *, first: date, last: date) -> list[CaseRow]:
    """The counted cases that were opened or closed from `first` to `last`."""
    is_meant = or_(Case.opened_on.between(first, last), Case.closed_on.between(first, last))
    cases: dict[str, tuple[str, str | None, str | None, str]] = {}
    grounds: dict[str, set[str]] = {}
    for case, opened_on, closed_on, outcome, assessment, codes in plain_rows(
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


def stale_months(session: Session) -> set[str]:
    """Months whose rows changed since they were counted, or that never were."""
    return set(session.scalars(select(StaleMonth.month).distinct()))


def kept_flows(session: Session, *, before: str, home: str, form: int) -> dict[str, Any]:
    """Month -> its flows, of the months before this one."""
    rows = session.execute(
        select(FigureMonth.month, FigureMonth.flows).where(
            FigureMonth.month < before, FigureMonth.home == home, FigureMonth.form == form
        )
    )
    return {row.month: row.flows for row in rows}


def kept_months(
    session: Session, *, first: str, last: str, home: str, form: int
) -> dict[str, FigureMonth]:
    """Month -> what is kept of it, from `first` to `last`, both included."""
    rows = session.scalars(
        select(FigureMonth).where(
            FigureMonth.month.between(first, last),
            FigureMonth.home == home,
            FigureMonth.form == form,
        )
    )
    return {row.month: row for row in rows}


def misfit_months(session: Session, *, home: str, form: int) -> set[str]:
    """Months kept for another municipality or in another form."""
    return set(
        session.scalars(
            select(FigureMonth.month).where(or_(FigureMonth.home != home, FigureMonth.form != form))
        )
    )
