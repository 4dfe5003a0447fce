"""Reading what counted reports say over years: each question from one snapshot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.errors import invalid
from app.core.folding import fold_line
from app.signals import queries
from app.signals.crossings import Crossings, crossings
from app.signals.domain import CountedBy, CountedReport, EventCounting, month_of
from app.signals.yearly_trends import By, Life, Trends, trends
from app.vocabulary.domain import CodeList, Vocabulary

LIST_OF: Mapping[By, CodeList] = {By.GROUND: CodeList.GROUNDS, By.DOMAIN: CodeList.DOMAINS}
MOST_YEARS = 30


def trends_over_years(
    session: Session,
    actor: Actor,
    lists: Vocabulary,
    *,
    first: int,
    last: int,
    by: By,
    municipality: str | None,
    event_counting: EventCounting,
    today: date,
) -> Trends:
    """By year of receipt. municipality: of the incident, case and accents apart.

    Raises InvalidInputError naming the field: years that have not begun or are too many, a
    municipality that no counted report names.
    """
    actor.require(Permission.FIGURES_READ)
    if last > today.year:
        raise invalid("/query/to", "a year that has begun", "not_in_range")
    if first > last:
        raise invalid("/query/from", "not after `to`", "not_in_range")
    if first <= last - MOST_YEARS:
        raise invalid("/query/from", f"at most {MOST_YEARS} years", "not_in_range")
    rows = queries.counted_reports(
        session, counted_by=CountedBy.RECEIVED, event_counting=event_counting, until=today
    )
    reports = [report for _, report in rows]
    names = _names_like(municipality, reports) if municipality else []
    return trends(
        reports,
        first=first,
        last=last,
        by=by,
        lives={
            code: Life(entry.valid_from, entry.valid_to)
            for code, entry in lists.entries(LIST_OF[by]).items()
        },
        today=today,
        municipalities=names,
    )


def _names_like(municipality: str, reports: Sequence[CountedReport]) -> list[str]:
    """As reports spell it, the most frequent first."""
    place = fold_line(municipality)
    named = Counter(report.municipality for report in reports if report.municipality)
    found = [name for name, _ in named.most_common() if fold_line(name) == place]
    if not found:
        raise invalid("/query/municipality", "no counted report names it", "unknown_municipality")
    return found


def associations(
    session: Session, actor: Actor, *, first: str, last: str, today: date
) -> Crossings:
    """Of reports received from `first` to `last`, "YYYY-MM"; of a mass event the first alone.

    Raises InvalidInputError naming the field: months that have not begun, or in the wrong order.
    """
    actor.require(Permission.FIGURES_READ)
    if last > month_of(today):
        raise invalid("/query/to", "a month that has begun", "not_in_range")
    if first > last:
        raise invalid("/query/from", "not after `to`", "not_in_range")
    rows = queries.counted_reports(
        session,
        counted_by=CountedBy.RECEIVED,
        event_counting=EventCounting.ONCE,
        until=today,
    )
    return crossings([report for _, report in rows if first <= report.month <= last])
