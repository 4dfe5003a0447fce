"""What a year's suggestions are found from.

One selection for every reader: nothing of restricted cases, and no report from which anybody is
barred. Signals are those that the reader may see.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, extract, false, func, or_, select
from sqlalchemy.orm import Session

from app.cases.models import Case, CaseReport
from app.core.access import Actor
from app.intake.domain import ReportStatus
from app.intake.models import Report, ReportBar
from app.intake.queries import is_visible_to
from app.prevention.finding import BreachFacts, ReportFacts
from app.resolutions.domain import CommitmentStatus
from app.resolutions.models import Commitment, FollowUp
from app.signals.domain import Cell, SignalStatus
from app.signals.models import Signal, SignalReport
from app.signals.queries import visible_signals

NOT_HELD_AGAINST = (ReportStatus.WITHDRAWN, ReportStatus.INADMISSIBLE)
"""Reports of which the bureau says nothing about the organisation they name."""

_FACTS = (
    Report.id,
    Report.event_id,
    Report.domain,
    Report.ground_codes,
    Report.conduct_codes,
    Report.incident_municipality,
    Report.incident_district,
)


def is_hidden_from(actor: Actor) -> ColumnElement[bool]:
    """Reports whose counts are hidden from this actor, without what was disposed of: that is shown
    to nobody. Who a restricted case is kept for can be nobody, and then `=` is neither."""
    may_be_known = or_(Report.disposed_on.is_not(None), is_visible_to(actor))
    return ~func.coalesce(may_be_known, false())


def _is_open() -> ColumnElement[bool]:
    barred = select(ReportBar.report_id).where(ReportBar.lifted_on.is_(None))
    return and_(
        Report.consent_statistics.is_(True),
        Report.status != ReportStatus.DUPLICATE,
        Report.is_restricted.is_(False),
        Report.id.not_in(barred),
    )


def reports_of_year(session: Session, year: int) -> list[ReportFacts]:
    """Received in the year."""
    rows = session.execute(
        select(
            *_FACTS,
            Report.respondent_organisation,
            Report.consent_approach_respondent,
            Report.status,
        )
        .where(_is_open(), Report.received_on.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(Report.id)
    )
    found = []
    for *facts, respondent, may_be_approached, status in rows:
        is_named = may_be_approached and status not in NOT_HELD_AGAINST
        found.append(_report_facts(facts, respondent if is_named else None))
    return found


def _report_facts(row: Sequence[Any], respondent: str | None = None) -> ReportFacts:
    report_id, event_id, domain, grounds, conducts, municipality, district = row
    return ReportFacts(
        id=report_id,
        happening=event_id or report_id,
        domain=domain,
        grounds=tuple(grounds.split(",")) if grounds else (),
        conducts=tuple(conducts.split(",")) if conducts else (),
        municipality=municipality,
        district=district if municipality else None,
        respondent=respondent,
    )


def first_day(session: Session) -> date | None:
    """On which the first report that is counted was received."""
    return session.scalar(select(func.min(Report.received_on)).where(_is_open()))


def first_days(session: Session, first: int, last: int) -> dict[int, date]:
    """Year -> the day of its first report that is counted, of the years that have one."""
    year = extract("year", Report.received_on)
    rows = session.execute(
        select(year, func.min(Report.received_on))
        .where(_is_open(), Report.received_on.between(date(first, 1, 1), date(last, 12, 31)))
        .group_by(year)
    )
    return {int(of_year): day for of_year, day in rows}


def happenings_by_year(session: Session, first: int, last: int) -> dict[Cell, dict[int, int]]:
    """Ground or domain -> year -> happenings; a mass event is one in each year that tells of it."""
    year = extract("year", Report.received_on)
    is_meant = and_(_is_open(), Report.received_on.between(date(first, 1, 1), date(last, 12, 31)))
    alone = session.execute(
        select(year, Report.domain, Report.ground_codes, func.count())
        .where(is_meant, Report.event_id.is_(None))
        .group_by(year, Report.domain, Report.ground_codes)
    )
    found: dict[Cell, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for of_year, domain, grounds, number in alone:
        for cell in _cells(domain, grounds):
            found[cell][int(of_year)] += number
    together = session.execute(
        select(year, Report.domain, Report.ground_codes, Report.event_id)
        .where(is_meant, Report.event_id.is_not(None))
        .distinct()
    )
    events = {
        (cell, int(of_year), event_id)
        for of_year, domain, grounds, event_id in together
        for cell in _cells(domain, grounds)
    }
    for cell, of_year, _ in events:
        found[cell][of_year] += 1
    return found


def _cells(domain: str, grounds: str) -> list[Cell]:
    named = {ground for ground in grounds.split(",") if ground}
    return [Cell(domain=domain), *(Cell(ground=ground) for ground in sorted(named))]


def breaches_of_year(session: Session, year: int) -> list[BreachFacts]:
    """Commitments found broken in the year and still so, of cases that are open to all."""
    found_broken = exists().where(
        FollowUp.commitment_id == Commitment.id,
        FollowUp.status == CommitmentStatus.BREACHED,
        FollowUp.followed_on.between(date(year, 1, 1), date(year, 12, 31)),
    )
    has_closed = exists().where(
        CaseReport.case_id == Case.id, CaseReport.report_id == Report.id, ~_is_open()
    )
    rows = session.execute(
        select(Commitment.id, Commitment.case_id, *_FACTS)
        .join(Case, Case.id == Commitment.case_id)
        .join(CaseReport, CaseReport.case_id == Case.id)
        .join(Report, Report.id == CaseReport.report_id)
        .where(
            Commitment.status == CommitmentStatus.BREACHED,
            found_broken,
            Case.is_restricted.is_(False),
            Case.disposed_on.is_(None),
            ~has_closed.correlate(Case),
        )
        .order_by(Commitment.id, Report.id)
    )
    reports: dict[tuple[UUID, UUID], list[ReportFacts]] = defaultdict(list)
    for commitment_id, case_id, *facts in rows:
        reports[commitment_id, case_id].append(_report_facts(facts))
    return [
        BreachFacts(commitment_id, case_id, of_case)
        for (commitment_id, case_id), of_case in reports.items()
    ]


def signals_of_year(session: Session, actor: Actor, year: int) -> list[Signal]:
    """Confirmed and watched ones that end in the year, as the list of signals takes a year."""
    return list(
        session.scalars(
            visible_signals(actor)
            .where(
                Signal.status.in_((SignalStatus.CONFIRMED, SignalStatus.WATCHED)),
                Signal.last_month.between(f"{year}-01", f"{year}-12"),
            )
            .order_by(Signal.reference)
        )
    )


def reports_of_signals(
    session: Session, signal_ids: Sequence[UUID]
) -> dict[UUID, list[ReportFacts]]:
    rows = session.execute(
        select(SignalReport.signal_id, *_FACTS)
        .join(Report, Report.id == SignalReport.report_id)
        .where(SignalReport.signal_id.in_(signal_ids))
        .order_by(Report.id)
    )
    found: dict[UUID, list[ReportFacts]] = {signal_id: [] for signal_id in signal_ids}
    for signal_id, *facts in rows:
        found[signal_id].append(_report_facts(facts))
    return found
