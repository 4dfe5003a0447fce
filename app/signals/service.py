"""The acts on signals: keeping a run, registering an observation, deciding."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.code_version import code_version
from app.core.errors import NotFoundError, invalid
from app.core.rows import insert_rows
from app.partners.queries import get_partner
from app.signals import queries
from app.signals.counting import Counts, count, pack
from app.signals.detecting import (
    FORM,
    Asked,
    FoundAlarm,
    Scanned,
    as_rows,
    fingerprint,
)
from app.signals.domain import (
    Cell,
    CountedBy,
    CountedReport,
    Decision,
    ObservationSource,
    Origin,
    SignalStatus,
    month_before,
    month_of,
    status_after,
)
from app.signals.explaining import Change, changes, completeness_of_months
from app.signals.models import DetectionRun, Signal, SignalCounter, SignalDecision, SignalReport
from app.signals.second_opinion import MONTHS_OF_YEAR, second_opinion
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList

MOST_MONTHS = 120
CAMPAIGN_KINDS = ("information_campaign", "sensitisation_campaign")
CAMPAIGN_DAYS_BEFORE = 62
"""Reports that a campaign brings come for about two months."""
FIRST_MONTH = "1990-01"


@dataclass(frozen=True)
class Gathered:
    """What one snapshot gave: all that a scan needs. reports and ids stand side by side."""

    asked: Asked
    ids: Sequence[UUID]
    reports: Sequence[CountedReport]
    counts: Counts
    completeness: Sequence[float]
    fingerprint: str
    code_starts: dict[str, date]
    known_run: UUID | None


def gather(session: Session, actor: Actor, asked: Asked, *, at: datetime) -> Gathered:
    """Count what is known. The month must be over, so that it is not taken for a fall.

    Raises InvalidInputError for a month that is not over, or without any report by its end.
    """
    actor.require(Permission.DETECTION_RUN)
    if not FIRST_MONTH <= asked.through < month_of(local_date(at)):
        raise invalid("/through", "a month that is over", "not_in_range")
    by_incident = asked.counted_by is CountedBy.INCIDENT
    until = local_date(at) if by_incident else _last_day(asked.through)
    rows = queries.counted_reports(
        session, counted_by=asked.counted_by, event_counting=asked.event_counting, until=until
    )
    earliest = month_before(asked.through, MOST_MONTHS - 1)
    rows = [row for row in rows if earliest <= row[1].month <= asked.through]
    if not rows:
        raise invalid("/through", "no report is known of it or of the years before", "no_reports")
    first = min(report.month for _, report in rows)
    counts = count([report for _, report in rows], first=first, last=asked.through)
    completeness = [1.0] * len(counts.months)
    if by_incident:
        told_by = month_of(until)
        lags = queries.lags_in_months(session, until=until)
        beyond = [*counts.months, told_by] if told_by > asked.through else counts.months
        completeness = completeness_of_months(lags, beyond)[: len(counts.months)]
    mark = fingerprint(asked, counts, completeness)
    known = queries.run_with(session, mark)
    lists = vocabulary.current(session)
    starts = {
        entry.code: entry.valid_from
        for name in (CodeList.GROUNDS, CodeList.DOMAINS)
        for entry in lists.entries(name).values()
        if entry.valid_from is not None
    }
    return Gathered(
        asked=asked,
        ids=[report_id for report_id, _ in rows],
        reports=[report for _, report in rows],
        counts=counts,
        completeness=completeness,
        fingerprint=mark,
        code_starts=starts,
        known_run=known.id if known else None,
    )


def keep_run(
    session: Session, actor: Actor, gathered: Gathered, scanned: Scanned | None, *, at: datetime
) -> DetectionRun:
    """Keep what was found; the run that is there already when nothing changed."""
    actor.require(Permission.DETECTION_RUN)
    known = queries.run_with(session, gathered.fingerprint)
    if known is not None:
        return known
    assert scanned is not None  # noqa: S101  (no run is removed)
    asked = gathered.asked
    run = DetectionRun(
        id=uuid4(),
        fingerprint=gathered.fingerprint,
        month=asked.through,
        counted_by=asked.counted_by,
        event_counting=asked.event_counting,
        settings={
            "false_alarms_per_month": asked.false_alarms_per_month,
            "completeness": list(gathered.completeness),
            "threshold": scanned.threshold if isfinite(scanned.threshold) else None,
        },
        code_version=code_version(FORM),
        counts=pack(gathered.counts),
        months=len(gathered.counts.months),
        series=scanned.series,
        found=as_rows(scanned.alarms),
        detected_at=at,
        requested_by_id=actor.id,
    )
    session.add(run)
    session.flush()
    for alarm in scanned.alarms:
        _keep_alarm(session, gathered, run, alarm, at=at)
    audit.record(
        session, actor, Event.SIGNALS_DETECTED, "detection_run", run.id, at=at,
        series=run.series, alarms=len(run.found),
    )  # fmt: skip
    return run


def _keep_alarm(
    session: Session, gathered: Gathered, run: DetectionRun, alarm: FoundAlarm, *, at: datetime
) -> None:
    """A new signal, or the one of the same rise brought up to date: nobody decides twice on the
    same reports."""
    figures, cell = alarm.leading, alarm.leading.cell
    first, last = figures.first_month(run.month), run.month
    fresh = Signal(
        id=uuid4(),
        origin=Origin.DETECTED,
        status=SignalStatus.NEW,
        ground=cell.ground,
        domain=cell.domain,
        municipality=cell.municipality,
        district=cell.district,
        first_month=first,
        last_month=last,
        found_on=local_date(at),
        counted_by=run.counted_by,
        event_counting=run.event_counting,
        run_id=run.id,
        observed=figures.observed,
        evidence=_evidence(session, gathered, alarm, first=first, last=last),
    )
    counted = {
        report_id
        for report_id, report in zip(gathered.ids, gathered.reports, strict=True)
        if first <= report.month <= last and report.is_in(cell)
    }
    signal = queries.latest_of_cell(session, fresh)
    if signal is None:
        year = local_date(at).year
        fresh.reference = f"S-{year}-{_next_number(session, year):04}"
        session.add(fresh)
        signal = fresh
    elif signal.last_month > last:
        return  # an older month was looked at again: what is known of the newer one stays
    else:
        if signal.status is SignalStatus.DISMISSED:
            if counted <= queries.counted_by_signal(session, signal.id):
                return  # nothing that was not in it when it was dismissed
            signal.status = SignalStatus.NEW
        signal.first_month, signal.last_month = first, last
        signal.run_id, signal.observed = run.id, fresh.observed
        signal.evidence = fresh.evidence
        signal.touch()
        session.execute(delete(SignalReport).where(SignalReport.signal_id == signal.id))
    session.flush()
    insert_rows(
        session,
        SignalReport,
        [{"signal_id": signal.id, "report_id": report_id} for report_id in sorted(counted)],
    )


def _evidence(
    session: Session, gathered: Gathered, alarm: FoundAlarm, *, first: str, last: str
) -> dict[str, Any]:
    """The figures, what the rise shows in too, and what may explain it; shown by `views`."""
    start = date.fromisoformat(f"{first}-01") - timedelta(days=CAMPAIGN_DAYS_BEFORE)
    campaigns = queries.campaigns_between(session, start, _last_day(last), CAMPAIGN_KINDS)
    at_last = gathered.completeness[-1]
    found = changes(
        gathered.reports,
        alarm.leading.cell,
        first=first,
        last=last,
        history=len(gathered.counts.months),
        code_starts=gathered.code_starts,
        campaigns={activity.reference for activity in campaigns},
        completeness=at_last,
    )
    rows = as_rows([alarm])[0]
    leading = alarm.leading
    opinion = second_opinion(
        leading.counts,
        of_year=MONTHS_OF_YEAR,
        expected=leading.expected / leading.window,
        completeness=gathered.completeness,
    )
    return {
        **rows,
        "months": list(gathered.counts.months),
        "completeness": list(gathered.completeness),
        "second_opinion": asdict(opinion),
        "explanations": [_change(change) for change in found],
        "false_alarms_per_month": gathered.asked.false_alarms_per_month,
    }


def _change(change: Change) -> dict[str, Any]:
    return {name: value for name, value in asdict(change).items() if value is not None}


def observe(
    session: Session,
    actor: Actor,
    *,
    source: ObservationSource,
    description: str,
    first_month: str,
    last_month: str,
    cell: Cell,
    partner_id: UUID | None,
    at: datetime,
) -> Signal:
    """Register what somebody saw; it stands in the same list as what the counts show.

    Raises InvalidInputError naming the field: unknown codes, a period that ends before it begins or
    in the future, a partner that is not known.
    """
    actor.require(Permission.SIGNAL_OBSERVE)
    today = local_date(at)
    vocabulary.current(session).require_known(
        "", ground=(CodeList.GROUNDS, cell.ground), domain=(CodeList.DOMAINS, cell.domain)
    )
    if not FIRST_MONTH <= first_month <= last_month:
        raise invalid("/last_month", "not before the first month", "not_in_range")
    if last_month > month_of(today):
        raise invalid("/last_month", "not in the future", "not_in_range")
    if cell.district is not None and cell.municipality is None:
        raise invalid("/municipality", "a district is of a municipality", "missing")
    if partner_id is not None:
        try:
            get_partner(session, actor, partner_id)
        except NotFoundError:
            raise invalid("/partner_id", "no partner", "unknown_partner") from None
    signal = Signal(
        id=uuid4(),
        reference=f"S-{today.year}-{_next_number(session, today.year):04}",
        origin=Origin.OBSERVED,
        status=SignalStatus.NEW,
        **asdict(cell),
        first_month=first_month,
        last_month=last_month,
        found_on=today,
        source=source,
        description=description,
        partner_id=partner_id,
        recorded_by_id=actor.account_id,
    )
    session.add(signal)
    session.flush()
    audit.record(session, actor, Event.SIGNAL_OBSERVED, "signal", signal.id, at=at)
    return signal


def decide(
    session: Session,
    actor: Actor,
    signal_id: UUID,
    *,
    decision: Decision,
    reason: str | None,
    expected_version: int | None,
    at: datetime,
) -> Signal:
    """Confirm, dismiss with a reason, or watch. A dismissed signal comes back only with reports
    that were not in it.

    Raises NothingChangesError; InvalidInputError for a dismissal without a reason.
    """
    actor.require(Permission.SIGNAL_DECIDE)
    signal = queries.get_signal(session, actor, signal_id, for_update=True)
    signal.require_version(expected_version)
    if decision is Decision.DISMISS and reason is None:
        raise invalid("/reason", "why it is dismissed", "missing")
    signal.status = status_after(signal.status, decision)
    signal.touch()
    session.add(
        SignalDecision(
            id=uuid4(),
            signal_id=signal.id,
            position=len(queries.decisions_of(session, signal.id)),
            decision=decision,
            reason=reason,
            observed=signal.observed,
            decided_on=local_date(at),
            decided_by_id=actor.account_id,
        )
    )
    audit.record(
        session, actor, Event.SIGNAL_DECIDED, "signal", signal.id, at=at, decision=decision.value
    )
    return signal


def _last_day(month: str) -> date:
    following = month_before(month, -1)
    return date.fromisoformat(f"{following}-01") - timedelta(days=1)


def _next_number(session: Session, year: int) -> int:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(SignalCounter)
        .values(year=year, last_number=1)
        .on_conflict_do_update(
            index_elements=[SignalCounter.year],
            set_={"last_number": SignalCounter.last_number + 1},
        )
        .returning(SignalCounter.last_number)
    )
    number: int = session.execute(statement).scalar_one()
    return number
