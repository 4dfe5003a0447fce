"""What changed in how reports come in while a series rose: it may be the whole of the rise."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.signals.domain import (
    Cell,
    CountedReport,
    Explanation,
    month_before,
    month_of,
)

IMPORT = "import"
"""The channel of reports that another register held."""

HALF = 0.5
MONTHS_BEFORE = 12
ENOUGH_HISTORY = 24
"""Months: with less, nothing can be said of the season."""


@dataclass(frozen=True)
class Change:
    """code: of a channel, ground or domain, or the reference of an activity or event. reports: of
    those counted, how many; None where nobody can say."""

    kind: Explanation
    code: str | None = None
    reports: int | None = None


def changes(
    reports: Sequence[CountedReport],
    cell: Cell,
    *,
    first: str,
    last: str,
    history: int,
    code_starts: Mapping[str, date],
    campaigns: Collection[str],
    completeness: float,
) -> list[Change]:
    """The possible explanations of what is counted in `cell` from `first` to `last`.

    reports: all that are counted, of the months before too. code_starts: first valid day of the
    codes of grounds and domains. campaigns: references of those shortly before or meanwhile.
    completeness: 0..1, the share of the last month's reports that is expected to be in already.
    """
    earliest = month_before(first, MONTHS_BEFORE)
    inside = [r for r in reports if first <= r.month <= last and r.is_in(cell)]
    known = {r.channel for r in reports if earliest <= r.month < first}
    found = [*_channels(inside, known), *_events(inside)]
    for code in (cell.ground, cell.domain):
        start = code_starts.get(code) if code else None
        if start is not None and earliest <= month_of(start) <= last:
            found.append(Change(Explanation.NEW_CODE, code, len(inside)))
    found += [Change(Explanation.CAMPAIGN, reference) for reference in sorted(campaigns)]
    if history < ENOUGH_HISTORY:
        found.append(Change(Explanation.SHORT_HISTORY))
    if completeness < 1:
        found.append(Change(Explanation.STILL_COMING))
    return found


def _channels(inside: Sequence[CountedReport], known: Collection[str]) -> list[Change]:
    """Half of the reports came by an import, or in a way in which none came before."""
    found = []
    for channel, number in sorted(Counter(r.channel for r in inside).items()):
        if number < HALF * len(inside):
            continue
        if channel == IMPORT:
            found.append(Change(Explanation.IMPORT, None, number))
        elif channel not in known:
            found.append(Change(Explanation.NEW_CHANNEL, channel, number))
    return found


def _events(inside: Sequence[CountedReport]) -> list[Change]:
    counted = Counter(r.event for r in inside if r.event)
    return [
        Change(Explanation.MASS_EVENT, event, number)
        for event, number in sorted(counted.items())
        if number >= HALF * len(inside)
    ]


def completeness_of_months(
    lags: Sequence[tuple[str, str]], months: Sequence[str], *, most: int = 24
) -> list[float]:
    """The share of each month's reports that is expected to be in by the last of `months`.

    lags: month of the incident and month of receipt. By the reverse-time hazard of the lags, so
    that recent months, of which only short lags can be known, do not bias it (Kalbfleisch and
    Lawless 1989, JASA 84:360). Lags of more than `most` months are left out. 1.0 everywhere
    without lags.
    """
    last = _number(months[-1])
    of_lag: Counter[int] = Counter()
    truncated: list[tuple[int, int]] = []
    for happened, told in lags:
        lag, known = _number(told) - _number(happened), last - _number(happened)
        if 0 <= lag <= min(most, known):
            of_lag[lag] += 1
            truncated.append((lag, known))
    share = [1.0] * (most + 1)
    for lag in range(most, 0, -1):
        at_risk = sum(1 for seen, known in truncated if seen <= lag <= known)
        arrived = sum(1 for seen, known in truncated if seen == lag <= known)
        hazard = arrived / at_risk if at_risk else 0.0
        share[lag - 1] = share[lag] * (1 - hazard)
    floor = 0.01
    return [max(floor, share[min(last - _number(month), most)]) for month in months]


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:])
