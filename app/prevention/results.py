"""What came of an action: what people tell, and counts before and after it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.rows import insert_rows
from app.prevention import queries
from app.prevention.domain import EVERYTHING, Verdict, require_result
from app.prevention.effects import Effect, Series, Spans, compare, share_in, spans
from app.prevention.evidence_queries import first_day
from app.prevention.models import PreventionAction, PreventionResult, PreventionResultReport
from app.signals.domain import Cell, CountedBy, EventCounting, Origin, month_of
from app.signals.explaining import completeness_of_months
from app.signals.models import Signal
from app.signals.queries import counted_reports, lags_in_months


@dataclass(frozen=True)
class Measured:
    series: Series
    effect: Effect
    report_ids: list[UUID]


def record_result(
    session: Session,
    actor: Actor,
    action_id: UUID,
    *,
    text: str,
    participants: int | None,
    at: datetime,
) -> PreventionResult:
    """Of an action that began. Counts before and after are made here, of one that has ended, and
    kept as they are known today.

    Raises MoveError before it began, or when it was called off.
    """
    actor.require(Permission.PREVENTION_CARRY_OUT)
    action = queries.get_action(session, actor, action_id, for_update=True)
    require_result(action.status)
    measured = measure(session, actor, action, today=local_date(at))
    result = PreventionResult(
        id=uuid4(),
        action_id=action.id,
        position=len(action.results),
        text=text,
        participants=participants,
        measured=as_row(measured) if measured else None,
        verdict=measured.effect.verdict if measured else None,
        recorded_on=local_date(at),
        recorded_at=at,
        recorded_by_id=actor.id,
    )
    action.results.append(result)
    action.touch()
    session.flush()  # its reports name it
    if measured:
        insert_rows(
            session,
            PreventionResultReport,
            [{"result_id": result.id, "report_id": one} for one in measured.report_ids],
        )
    audit.record(
        session,
        actor,
        Event.PREVENTION_RESULT_RECORDED,
        "prevention_action",
        action.id,
        at=at,
        verdict=measured.effect.verdict.value if measured else None,
    )
    return result


def measure(
    session: Session, actor: Actor, action: PreventionAction, *, today: date
) -> Measured | None:
    """Reports of the same series before and after; None while it has not ended, or where it is
    aimed at nothing that is counted."""
    if action.began_on is None or action.ended_on is None:
        return None
    series = _series_of(session, actor, action)
    if series.cell == EVERYTHING:
        return None
    wanted = spans(action.began_on, action.ended_on, since=first_day(session), today=today)
    rows = counted_reports(
        session, counted_by=series.counted_by, event_counting=series.event_counting, until=today
    )
    before, after = (
        [one for one, report in rows if report.month in months and report.is_in(series.cell)]
        for months in (set(wanted.before), set(wanted.after))
    )
    shares = (1.0, 1.0)
    if series.counted_by is CountedBy.INCIDENT:
        shares = _shares(session, wanted, today=today)
    told = {report.month for _, report in rows}
    is_known = not (told.isdisjoint(wanted.before) or told.isdisjoint(wanted.after))
    effect = compare(wanted, len(before), len(after), shares=shares, is_known=is_known)
    return Measured(series, effect, sorted([*before, *after]))


def _series_of(session: Session, actor: Actor, action: PreventionAction) -> Series:
    """That of the signal which was linked first and still is; else what the action is aimed at."""
    found = signal_ids_of(session, action)
    seen = queries.seen_signals(session, actor, found)
    for signal_id in found:
        signal = seen.get(signal_id)
        if signal is not None and signal.origin is Origin.DETECTED:
            return _series(signal)
    return Series(queries.cell_of(action))


def _series(signal: Signal) -> Series:
    assert signal.counted_by and signal.event_counting  # noqa: S101, PT018  (of what is detected)
    return Series(
        Cell(signal.ground, signal.domain, signal.municipality, signal.district),
        signal.counted_by,
        signal.event_counting,
        is_of_peak=True,
    )


def signal_ids_of(session: Session, action: PreventionAction) -> list[UUID]:
    """Of the links that stand, straight or through a suggestion, the first made first."""
    standing = [link for link in action.links if link.undone_on is None]
    asked = [link.suggestion_id for link in standing if link.suggestion_id]
    suggestions = queries.suggestions_of(session, asked)
    found = []
    for link in standing:
        suggestion = suggestions[link.suggestion_id] if link.suggestion_id else None
        signal_id = suggestion.signal_id if suggestion else link.signal_id
        if signal_id is not None:
            found.append(signal_id)
    return found


def _shares(session: Session, wanted: Spans, *, today: date) -> tuple[float, float]:
    """How much of what happened in both spans has been told by today."""
    months = sorted({*wanted.before, *wanted.after, month_of(today)})
    known = completeness_of_months(lags_in_months(session, until=today), months)
    by_month = dict(zip(months, known, strict=True))
    return share_in(wanted.before, by_month), share_in(wanted.after, by_month)


def as_row(measured: Measured) -> dict[str, Any]:
    effect, series = measured.effect, measured.series
    return {
        "cell": asdict(series.cell),
        "counted_by": series.counted_by.value,
        "event_counting": series.event_counting.value,
        "is_of_peak": series.is_of_peak,
        "before_months": list(effect.spans.before),
        "after_months": list(effect.spans.after),
        "before": effect.before,
        "after": effect.after,
        "is_complete": effect.is_complete,
        "ratio": effect.ratio,
        "low": effect.low,
        "high": effect.high,
    }


def of_row(row: Mapping[str, Any], verdict: Verdict) -> tuple[Series, Effect]:
    series = Series(
        Cell(**row["cell"]),
        CountedBy(row["counted_by"]),
        EventCounting(row["event_counting"]),
        row["is_of_peak"],
    )
    effect = Effect(
        spans=Spans(row["before_months"], row["after_months"]),
        before=row["before"],
        after=row["after"],
        is_complete=row["is_complete"],
        ratio=row["ratio"],
        low=row["low"],
        high=row["high"],
        verdict=verdict,
    )
    return series, effect
