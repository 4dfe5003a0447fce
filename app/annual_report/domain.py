"""Figures that add up: what one month holds, and what a year makes of its months.

A month is counters, so a year is the sum of its months, and months can be kept and added later.
Durations are exact histograms (days -> reports), so that medians and percentiles of a sum are exact
too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from math import ceil

from app.cases.domain import active_days

Histogram = Counter[int]


class EventCounting(StrEnum):
    """How the reports of one mass event count in the tables."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    AS_ONE = "as_one"


SEPARATOR = "\x1f"
"""Between the parts of a facet: no field of a report can hold it."""


@dataclass(frozen=True)
class ReportFacets:
    """Received reports as columns of text, all of one length; a part that nobody gave is empty.

    Each column joins the parts that are counted together, and columns are counted whole: that is
    the speed of C, and only the few distinct values are taken apart in Python.
    """

    kinds: Sequence[str]
    """request, channel, status, respondent kind, multiplicity"""
    grounds: Sequence[str]
    """ground codes (comma between), domain"""
    conducts: Sequence[str]
    """conduct codes, comma between"""
    places: Sequence[str]
    """municipality of the reporter, of the incident, district of the incident"""
    acknowledgement: Sequence[str]
    """received on, acknowledged on, promised by (ISO dates)"""
    answer: Sequence[str]
    """received on, answered on, promised by (ISO dates)"""


@dataclass(frozen=True)
class CaseRow:
    """One case. grounds: codes of its reports, each once. holds: (first day, end or None)."""

    opened_on: date
    closed_on: date | None
    outcome: str | None
    assessment: str
    grounds: Set[str]
    holds: Sequence[tuple[date, date | None]]


@dataclass
class ReportFigures:
    """Counters over reports; the sum of two is over both."""

    reports: int = 0
    month: Counter[int] = field(default_factory=Counter)
    request: Counter[str] = field(default_factory=Counter)
    channel: Counter[str] = field(default_factory=Counter)
    status: Counter[str] = field(default_factory=Counter)
    domain: Counter[str] = field(default_factory=Counter)
    ground: Counter[str] = field(default_factory=Counter)
    number_of_grounds: Counter[int] = field(default_factory=Counter)
    multiplicity: Counter[str | None] = field(default_factory=Counter)
    conduct: Counter[str] = field(default_factory=Counter)
    respondent_kind: Counter[str | None] = field(default_factory=Counter)
    reporter_municipality: Counter[str | None] = field(default_factory=Counter)
    incident_municipality: Counter[str | None] = field(default_factory=Counter)
    incident_district: Counter[str | None] = field(default_factory=Counter)
    ground_by_domain: Counter[tuple[str, str]] = field(default_factory=Counter)
    residence_by_place: Counter[tuple[str, str]] = field(default_factory=Counter)
    days_to_acknowledgement: Histogram = field(default_factory=Counter)
    days_to_answer: Histogram = field(default_factory=Counter)
    acknowledged_in_time: int = 0
    answered_in_time: int = 0

    def __add__(self, other: "ReportFigures") -> "ReportFigures":
        return ReportFigures(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )


@dataclass
class CaseFigures:
    """Counters over cases, of those opened and those closed in a period."""

    opened: int = 0
    closed: int = 0
    outcome: Counter[str] = field(default_factory=Counter)
    assessment: Counter[str] = field(default_factory=Counter)
    ground_by_outcome: Counter[tuple[str, str]] = field(default_factory=Counter)
    days_to_closure: Histogram = field(default_factory=Counter)
    active_days_to_closure: Histogram = field(default_factory=Counter)

    def __add__(self, other: "CaseFigures") -> "CaseFigures":
        return CaseFigures(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )


@dataclass(frozen=True)
class Durations:
    """count: how many are known. median_days, p90_days: None when nothing is known."""

    count: int
    median_days: Decimal | None
    p90_days: int | None


def count_reports(facets: ReportFacets, *, home: str) -> ReportFigures:
    """The figures of some received reports. home: the bureau's municipality, casefolded."""
    found = ReportFigures(reports=len(facets.kinds))
    _count_kinds(found, facets)
    _count_grounds(found, facets)
    _count_places(found, facets, home)
    _count_days(found, facets)
    return found


def _count_kinds(found: ReportFigures, facets: ReportFacets) -> None:
    for (request, channel, status, kind, multiplicity), reports in _distinct(facets.kinds):
        found.request[request] += reports
        found.channel[channel] += reports
        found.status[status] += reports
        found.respondent_kind[kind or None] += reports
        found.multiplicity[multiplicity or None] += reports
    for (codes,), reports in _distinct(facets.conducts):
        for code in codes.split(",") if codes else ():
            found.conduct[code] += reports


def _count_grounds(found: ReportFigures, facets: ReportFacets) -> None:
    for (codes, domain), reports in _distinct(facets.grounds):
        split = codes.split(",") if codes else []
        found.domain[domain] += reports
        found.number_of_grounds[len(split)] += reports
        for code in split:
            found.ground[code] += reports
            found.ground_by_domain[code, domain] += reports


def _count_places(found: ReportFigures, facets: ReportFacets, home: str) -> None:
    for (residence, place, district), reports in _distinct(facets.places):
        found.reporter_municipality[residence or None] += reports
        found.incident_municipality[place or None] += reports
        found.incident_district[district or None] += reports
        lives = _compare(residence, home, "resident", "non_resident")
        found.residence_by_place[lives, _compare(place, home, "in_town", "elsewhere")] += reports


def _count_days(found: ReportFigures, facets: ReportFacets) -> None:
    for (received, done, promised), reports in _distinct(facets.acknowledgement):
        found.month[int(received[5:7])] += reports
        if done:
            found.days_to_acknowledgement[_days(received, done)] += reports
            found.acknowledged_in_time += reports * (done <= promised)
    for (received, done, promised), reports in _distinct(facets.answer):
        if done:
            found.days_to_answer[_days(received, done)] += reports
            found.answered_in_time += reports * (done <= promised)


def count_cases(rows: Iterable[CaseRow], *, first: date, last: date) -> CaseFigures:
    """The figures of the cases opened and those closed from `first` to `last`, both included."""
    found = CaseFigures()
    for row in rows:
        if first <= row.opened_on <= last:
            found.opened += 1
        if row.closed_on is None or row.outcome is None or not first <= row.closed_on <= last:
            continue
        found.closed += 1
        found.outcome[row.outcome] += 1
        found.assessment[row.assessment] += 1
        for code in row.grounds:
            found.ground_by_outcome[code, row.outcome] += 1
        found.days_to_closure[(row.closed_on - row.opened_on).days] += 1
        active = active_days(row.opened_on, row.closed_on, row.holds)
        found.active_days_to_closure[active] += 1
    return found


def durations(histogram: Mapping[int, int]) -> Durations:
    """Median: the middle, or halfway between the two in the middle. p90: the least number of days
    within which at least nine in ten were done (nearest rank)."""
    count = sum(histogram.values())
    if count == 0:
        return Durations(0, None, None)
    low, high = _nth(histogram, (count + 1) // 2), _nth(histogram, count // 2 + 1)
    return Durations(count, Decimal(low + high) / 2, _nth(histogram, ceil(count * 9 / 10)))


def share(part: int, whole: int) -> Decimal | None:
    """part / whole, four decimals. None when there is no whole: a missing figure, not zero."""
    return None if whole == 0 else (Decimal(part) / whole).quantize(Decimal("0.0001"))


def kept_state(statuses: Iterable[str]) -> str:
    """How an agreement stands by its commitments: kept, partly_kept, breached or running."""
    found = set(statuses)
    if found & {"pending"}:
        return "running"
    if found <= {"fulfilled", "waived"}:
        return "kept"
    return "breached" if found <= {"breached"} else "partly_kept"


def _distinct(facet: Sequence[str]) -> Iterable[tuple[list[str], int]]:
    """(parts, how often) for each distinct value of a column."""
    return ((value.split(SEPARATOR), reports) for value, reports in Counter(facet).items())


def _days(start: str, end: str) -> int:
    return max(0, _ordinal(end) - _ordinal(start))


@lru_cache(maxsize=10_000)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _compare(municipality: str, home: str, same: str, other: str) -> str:
    if not municipality:
        return "unknown"
    return same if municipality.casefold() == home else other


def _nth(histogram: Mapping[int, int], rank: int) -> int:
    """The value at this rank, counted from 1 upwards."""
    seen = 0
    for value in sorted(histogram):
        seen += histogram[value]
        if seen >= rank:
            return value
    raise ValueError("rank beyond the histogram")
