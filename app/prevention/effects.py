"""Reports before and after an action: what the counts are, and how sure their difference is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scipy import stats

from app.prevention.domain import Verdict
from app.signals.domain import (
    Cell,
    CountedBy,
    EventCounting,
    month_before,
    month_of,
    months_between,
)

MOST_MONTHS = 12
LEAST_REPORTS = 10
"""Before and after together; with fewer nothing is said."""
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Series:
    """What is counted, as the signal counts it that the action rests on. is_of_peak: that signal is
    a rise, after which counts fall by themselves."""

    cell: Cell
    counted_by: CountedBy = CountedBy.RECEIVED
    event_counting: EventCounting = EventCounting.EACH
    is_of_peak: bool = False


@dataclass(frozen=True)
class Spans:
    """As many months, each "YYYY-MM", before the one in which the action began as after the one in
    which it ended; before: none where there is nothing to compare with."""

    before: Sequence[str]
    after: Sequence[str]


@dataclass(frozen=True)
class Effect:
    """before, after: reports in the months that the spans name. ratio, low, high: after against
    before, with its interval; None with too few, high is None where it has no end. is_complete:
    no report of these months is expected to come."""

    spans: Spans
    before: int
    after: int
    is_complete: bool
    ratio: float | None
    low: float | None
    high: float | None
    verdict: Verdict


def spans(began_on: date, ended_on: date, *, since: date | None, today: date) -> Spans:
    """Both empty while no month after the end is over; `before` alone where nothing was counted
    then. The months of beginning and end are in neither: part of them is of the action.

    since: the day of the first report; the month it lies in is not whole.
    """
    ended, over = month_of(ended_on), month_before(month_of(today))
    after = months_between(month_before(ended, -1), over)[:MOST_MONTHS]
    if not after:
        return Spans([], [])
    last = month_before(month_of(began_on))
    first = month_of(today) if since is None else month_before(month_of(since), -1)
    before = months_between(first, last)[-len(after) :]
    return Spans(before, after[: len(before)] if before else after)


def compare(
    counted: Spans,
    before: int,
    after: int,
    *,
    shares: tuple[float, float] = (1.0, 1.0),
    is_known: bool = True,
) -> Effect:
    """shares: of the reports of both spans that are in, above 0 to 1. is_known: whether anything at
    all was reported in both: a register that ends is no fall.

    Exact: given their sum, the reports of two Poisson counts fall in either span like coins
    (Przyborowski and Wilenski 1940, Biometrika 31:313), with the interval of Clopper and Pearson.
    Reports come in clumps, so the true interval is wider.
    """
    is_complete = min(shares) >= 1
    total = before + after
    if not counted.after:
        return Effect(counted, 0, 0, is_complete, None, None, None, Verdict.TOO_EARLY)
    if total < LEAST_REPORTS or not counted.before or not is_known:
        return Effect(counted, before, after, is_complete, None, None, None, Verdict.TOO_FEW)
    found = stats.binomtest(after, total).proportion_ci(CONFIDENCE, method="exact")
    scale = shares[0] / shares[1]
    low = _odds(float(found.low)) * scale
    high = _odds(float(found.high)) * scale if found.high < 1 else None
    ratio = after / before * scale if before else None
    verdict = Verdict.UNCLEAR
    if high is not None and high < 1:
        verdict = Verdict.FEWER
    elif low > 1:
        verdict = Verdict.MORE
    return Effect(
        counted, before, after, is_complete, _rounded(ratio), _rounded(low), _rounded(high), verdict
    )


def _odds(share: float) -> float:
    return share / (1 - share)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)


def share_in(months: Sequence[str], by_month: Mapping[str, float]) -> float:
    """Of the reports of these months, as many each month, the share that is in; 1 of no month."""
    if not months:
        return 1.0
    return sum(by_month[month] for month in months) / len(months)
