"""Reading signals, and what is counted for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.activities.models import Activity
from app.core.access import Actor, Permission
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.intake.domain import ReportStatus
from app.intake.models import Report
from app.intake.queries import is_visible_to, visible_reports
from app.signals.domain import CountedBy, CountedReport, EventCounting, Origin, SignalStatus
from app.signals.models import DetectionRun, Signal, SignalDecision, SignalReport


@dataclass(frozen=True)
class SignalFilter:
    """Each None does not filter. month: of those whose period holds it."""

    status: SignalStatus | None = None
    origin: Origin | None = None
    ground: str | None = None
    domain: str | None = None
    year: int | None = None


def visible_signals(actor: Actor) -> Select[Signal]:
    """Without those that count a report which the actor may not know of: the count beside the list
    would tell of it. What was disposed of is shown to nobody, and hides nothing."""
    actor.require(Permission.SIGNAL_READ)
    may_be_known = (
        select(Report.id)
        .where(
            Report.id == SignalReport.report_id,
            or_(Report.disposed_on.is_not(None), is_visible_to(actor)),
        )
        .correlate(SignalReport)
        .exists()
    )
    tells_of_hidden = exists().where(SignalReport.signal_id == Signal.id, ~may_be_known)
    return select(Signal).where(~tells_of_hidden)


def list_signals(
    session: Session, actor: Actor, wanted: SignalFilter, page: PageRequest
) -> Page[Signal]:
    """The last found first."""
    query = visible_signals(actor)
    for column, value in (
        (Signal.status, wanted.status),
        (Signal.origin, wanted.origin),
        (Signal.ground, wanted.ground),
        (Signal.domain, wanted.domain),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.year is not None:
        query = query.where(Signal.last_month.between(f"{wanted.year}-01", f"{wanted.year}-12"))
    return fetch_page(session, query, page, order=(Signal.found_on, Signal.id), descending=True)


def get_signal(
    session: Session, actor: Actor, signal_id: UUID, *, for_update: bool = False
) -> Signal:
    query = visible_signals(actor).where(Signal.id == signal_id)
    if for_update:
        query = query.with_for_update()
    signal = session.scalar(query)
    if signal is None:
        raise NotFoundError
    return signal


def reports_of(session: Session, actor: Actor, signal_id: UUID, page: PageRequest) -> Page[Report]:
    """Exactly those that are counted, without what was disposed of; the newest first."""
    query = visible_reports(actor).where(
        Report.id.in_(select(SignalReport.report_id).where(SignalReport.signal_id == signal_id))
    )
    return fetch_page(session, query, page, order=(Report.received_on, Report.id), descending=True)


def counted_by_signal(session: Session, signal_id: UUID) -> set[UUID]:
    query = select(SignalReport.report_id).where(SignalReport.signal_id == signal_id)
    return set(session.scalars(query))


def ids_of_run(session: Session, actor: Actor, run_id: UUID) -> list[UUID]:
    """Those that the run found or renewed last, of those that the actor may know of."""
    query = visible_signals(actor).where(Signal.run_id == run_id)
    return list(session.scalars(query.with_only_columns(Signal.id).order_by(Signal.reference)))


def decisions_of(session: Session, signal_id: UUID) -> list[SignalDecision]:
    return list(
        session.scalars(
            select(SignalDecision)
            .where(SignalDecision.signal_id == signal_id)
            .order_by(SignalDecision.position)
        )
    )


def list_runs(session: Session, actor: Actor, page: PageRequest) -> Page[DetectionRun]:
    """The last one first."""
    actor.require(Permission.DETECTION_RUN)
    return fetch_page(
        session,
        select(DetectionRun),
        page,
        order=(DetectionRun.detected_at, DetectionRun.id),
        descending=True,
    )


def get_run(session: Session, actor: Actor, run_id: UUID) -> DetectionRun:
    actor.require(Permission.DETECTION_RUN)
    run = session.get(DetectionRun, run_id)
    if run is None:
        raise NotFoundError
    return run


def run_with(session: Session, fingerprint: str) -> DetectionRun | None:
    return session.scalar(select(DetectionRun).where(DetectionRun.fingerprint == fingerprint))


def latest_of_cell(session: Session, signal: Signal) -> Signal | None:
    """The last detected signal of the same series, counted in the same way, whose period meets."""
    same = [
        _same(column, getattr(signal, column.key))
        for column in (Signal.ground, Signal.domain, Signal.municipality, Signal.district)
    ]
    return session.scalar(
        select(Signal)
        .where(
            Signal.origin == Origin.DETECTED,
            Signal.counted_by == signal.counted_by,
            Signal.event_counting == signal.event_counting,
            Signal.last_month >= signal.first_month,
            Signal.first_month <= signal.last_month,
            *same,
        )
        .order_by(Signal.last_month.desc(), Signal.id)
        .limit(1)
        .with_for_update()
    )


def _same(column: InstrumentedAttribute[str | None], value: str | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def counted_reports(
    session: Session, *, counted_by: CountedBy, event_counting: EventCounting, until: date
) -> list[tuple[UUID, CountedReport]]:
    """What is counted, received by the end of `until`, in an order that is always the same.

    Counted: whose reporter agreed to statistics, no duplicates, none of a restricted case: a count
    beside a list of reports would tell of it.
    """
    is_counted = and_(
        Report.consent_statistics.is_(True),
        Report.status != ReportStatus.DUPLICATE,
        Report.is_restricted.is_(False),
        Report.received_on <= until,
    )
    if event_counting is EventCounting.ONCE:
        place = func.row_number().over(
            partition_by=Report.event_id, order_by=(Report.received_on, Report.id)
        )
        firsts = (
            select(Report.id, place.label("place"))
            .where(is_counted, Report.event_id.is_not(None))
            .subquery()
        )
        is_first = Report.id.in_(select(firsts.c.id).where(firsts.c.place == 1))
        is_counted = and_(is_counted, or_(Report.event_id.is_(None), is_first))
    day: ColumnElement[date] = type_coerce(Report.received_on, Date)
    if counted_by is CountedBy.INCIDENT:
        day = func.coalesce(Report.occurred_from, Report.received_on)
    rows = session.execute(
        select(
            Report.id,
            Report.ground_codes,
            Report.domain,
            Report.incident_municipality,
            Report.incident_district,
            func.substr(cast(day, Text), 1, 7),
            Report.channel,
            Report.event_id,
        )
        .where(is_counted)
        .order_by(Report.received_on, Report.id)
    )
    return [
        (
            report_id,
            CountedReport(
                grounds=tuple(grounds.split(",")) if grounds else (),
                domain=domain,
                municipality=municipality,
                district=district if municipality else None,
                month=month,
                channel=channel,
                event=event.hex if event else None,
            ),
        )
        for report_id, grounds, domain, municipality, district, month, channel, event in rows
    ]


def lags_in_months(session: Session, *, until: date) -> list[tuple[str, str]]:
    """Month of the incident and month of receipt of each report that names a day."""
    month = [
        func.substr(cast(day, Text), 1, 7) for day in (Report.occurred_from, Report.received_on)
    ]
    rows = session.execute(
        select(*month).where(Report.occurred_from.is_not(None), Report.received_on <= until)
    )
    return [(str(happened), str(told)) for happened, told in rows]


def campaigns_between(
    session: Session, first: date, last: date, kinds: Sequence[str]
) -> list[Activity]:
    """Activities of these kinds that were held from `first` to `last`."""
    return list(
        session.scalars(
            select(Activity)
            .where(
                Activity.kind.in_(kinds),
                Activity.held_on.between(first, last),
                Activity.is_cancelled.is_(False),
            )
            .order_by(Activity.held_on, Activity.id)
        )
    )
