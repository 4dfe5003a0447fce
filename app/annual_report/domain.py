"""Figures that add up: what one month holds, and what a year makes of its months.

A month is counters, so a year is the sum of its months, and months can be kept and added. Every key
is text, so that a kept month is added as it was read: "" stands for what nobody said, numbers are
written out, and the two parts of a crossing are joined by SEPARATOR. Durations are exact histograms
(days -> reports), so that medians and percentiles of a sum are exact too.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from math import ceil
from typing import Any
from uuid import UUID

from app.cases.domain import active_days
from app.intake.domain import place_of


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
    languages: Sequence[str]


@dataclass(frozen=True)
class CaseRow:
    """One case. grounds: codes of its reports, each once. holds: (first day, end or None)."""

    opened_on: date
    closed_on: date | None
    outcome: str | None
    assessment: str
    grounds: Set[str]
    holds: Sequence[tuple[date, date | None]]


Counts = Counter[str]


def _counts() -> Counts:
    return Counter()


@dataclass
class ReportFigures:
    """Counters over received reports."""

    reports: int = 0
    month: Counts = field(default_factory=_counts)
    request: Counts = field(default_factory=_counts)
    channel: Counts = field(default_factory=_counts)
    status: Counts = field(default_factory=_counts)
    domain: Counts = field(default_factory=_counts)
    ground: Counts = field(default_factory=_counts)
    number_of_grounds: Counts = field(default_factory=_counts)
    crossing: Counts = field(default_factory=_counts)
    """Two grounds named by one report, in the order of their codes."""
    multiplicity: Counts = field(default_factory=_counts)
    conduct: Counts = field(default_factory=_counts)
    respondent_kind: Counts = field(default_factory=_counts)
    reporter_municipality: Counts = field(default_factory=_counts)
    incident_municipality: Counts = field(default_factory=_counts)
    incident_district: Counts = field(default_factory=_counts)
    ground_by_domain: Counts = field(default_factory=_counts)
    grounds_by_domain: Counts = field(default_factory=_counts)
    """All grounds of a report together (codes, comma between), by domain: each report once."""
    language: Counts = field(default_factory=_counts)
    residence_by_place: Counts = field(default_factory=_counts)
    place: Counts = field(default_factory=_counts)
    """Where a report lies for the service area, see `intake.domain.place_of`."""
    days_to_acknowledgement: Counts = field(default_factory=_counts)
    days_to_answer: Counts = field(default_factory=_counts)
    acknowledged_in_time: int = 0
    answered_in_time: int = 0


@dataclass
class CaseFigures:
    """Counters over cases: those opened and those closed in a period."""

    opened: int = 0
    closed: int = 0
    outcome: Counts = field(default_factory=_counts)
    assessment: Counts = field(default_factory=_counts)
    ground_by_outcome: Counts = field(default_factory=_counts)
    days_to_closure: Counts = field(default_factory=_counts)
    active_days_to_closure: Counts = field(default_factory=_counts)


@dataclass
class ResolutionFigures:
    """started: negotiations begun. ended: reason -> negotiations. agreements: state -> agreements
    reached in the period. due: status -> commitments due in it."""

    started: int = 0
    ended: Counts = field(default_factory=_counts)
    agreements: Counts = field(default_factory=_counts)
    due: Counts = field(default_factory=_counts)


@dataclass
class Flows:
    """What later years need of a month: who came in, and who was answered or left when.

    received: month of the answer ("" for none yet) -> counted reports. opened, closed: cases.
    """

    received: Counts = field(default_factory=_counts)
    opened: int = 0
    closed: int = 0


@dataclass
class MonthFigures:
    """totals: all reports received, whatever they are. events: mass event -> its counted reports.
    alone, grouped: the counted reports outside and inside of mass events."""

    totals: Counts = field(default_factory=_counts)
    events: Counts = field(default_factory=_counts)
    alone: ReportFigures = field(default_factory=ReportFigures)
    grouped: ReportFigures = field(default_factory=ReportFigures)
    cases: CaseFigures = field(default_factory=CaseFigures)
    resolutions: ResolutionFigures = field(default_factory=ResolutionFigures)


def add(total: Any, part: Any) -> None:
    """Add figures of one kind to others, in place."""
    for name, value in vars(part).items():
        standing = getattr(total, name)
        if isinstance(value, int):
            setattr(total, name, standing + value)
        elif isinstance(value, Counter):
            standing.update(value)
        else:
            add(standing, value)


def by_year(facets: ReportFacets) -> dict[int, ReportFacets]:
    """The reports of each year in which some were received."""
    rows: dict[int, list[tuple[str, ...]]] = {}
    every = zip(*vars(facets).values(), strict=True)
    for answer, row in zip(facets.answer, every, strict=True):
        rows.setdefault(int(answer[:4]), []).append(row)
    return {year: ReportFacets(*zip(*found, strict=True)) for year, found in rows.items()}


def days_of(month: str) -> tuple[date, date]:
    """The first and the last day. month: YYYY-MM."""
    first = date(int(month[:4]), int(month[5:]), 1)
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def pairs(counts: Counts) -> list[tuple[str, str, int]]:
    """A table of crossings as (row, column, number), sorted."""
    return [(*_two(key), number) for key, number in sorted(counts.items())]


def _two(key: str) -> tuple[str, str]:
    first, _, second = key.partition(SEPARATOR)
    return first, second


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
    found.language.update(facets.languages)
    return found


def _count_kinds(found: ReportFigures, facets: ReportFacets) -> None:
    for (request, channel, status, kind, multiplicity), reports in _distinct(facets.kinds):
        found.request[request] += reports
        found.channel[channel] += reports
        found.status[status] += reports
        found.respondent_kind[kind] += reports
        found.multiplicity[multiplicity] += reports
    for (codes,), reports in _distinct(facets.conducts):
        for code in codes.split(",") if codes else ():
            found.conduct[code] += reports


def _count_grounds(found: ReportFigures, facets: ReportFacets) -> None:
    for (codes, domain), reports in _distinct(facets.grounds):
        split = codes.split(",") if codes else []
        found.domain[domain] += reports
        found.grounds_by_domain[codes + SEPARATOR + domain] += reports
        found.number_of_grounds[str(len(split))] += reports
        for code in split:
            found.ground[code] += reports
            found.ground_by_domain[code + SEPARATOR + domain] += reports
        for pair in combinations(split, 2):
            found.crossing[SEPARATOR.join(pair)] += reports


def _count_places(found: ReportFigures, facets: ReportFacets, home: str) -> None:
    for (residence, place, district), reports in _distinct(facets.places):
        found.reporter_municipality[residence] += reports
        found.incident_municipality[place] += reports
        found.incident_district[district] += reports
        lives = _compare(residence, home, "resident", "non_resident")
        where = _compare(place, home, "in_town", "elsewhere")
        found.residence_by_place[lives + SEPARATOR + where] += reports
        found.place[place_of(place, residence) or ""] += reports


def _count_days(found: ReportFigures, facets: ReportFacets) -> None:
    for (received, done, promised), reports in _distinct(facets.acknowledgement):
        found.month[received[5:7]] += reports
        if done:
            found.days_to_acknowledgement[str(days_between(received, done))] += reports
            found.acknowledged_in_time += reports * (done <= promised)
    for (received, done, promised), reports in _distinct(facets.answer):
        if done:
            found.days_to_answer[str(days_between(received, done))] += reports
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
            found.ground_by_outcome[code + SEPARATOR + row.outcome] += 1
        found.days_to_closure[str((row.closed_on - row.opened_on).days)] += 1
        active = active_days(row.opened_on, row.closed_on, row.holds)
        found.active_days_to_closure[str(active)] += 1
    return found


def count_resolutions(
    negotiations: Iterable[tuple[date, date | None, str, str | None]],
    commitments: Iterable[tuple[UUID, date, date, str]],
    *,
    first: date,
    last: date,
) -> ResolutionFigures:
    """negotiations: (started on, ended on, status, reason). commitments: (agreement, reached on,
    due on, status), all of an agreement that was reached in the period."""
    found = ResolutionFigures()
    for started_on, ended_on, status, reason in negotiations:
        found.started += first <= started_on <= last
        if status == "ended" and reason and ended_on and first <= ended_on <= last:
            found.ended[reason] += 1
    statuses: dict[UUID, list[str]] = {}
    for agreement_id, reached_on, due_on, status in commitments:
        if first <= reached_on <= last:
            statuses.setdefault(agreement_id, []).append(status)
        if first <= due_on <= last:
            found.due[status] += 1
    found.agreements.update(kept_state(of_one) for of_one in statuses.values())
    return found


def durations(histogram: Mapping[str, int]) -> Durations:
    """histogram: days -> how many. Median: the middle, or halfway between the two in the middle.
    p90: the least number of days within which at least nine in ten were done (nearest rank)."""
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


def days_between(start: str, end: str) -> int:
    """Of two ISO dates; not less than 0."""
    return max(0, _ordinal(end) - _ordinal(start))


@lru_cache(maxsize=10_000)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _compare(municipality: str, home: str, same: str, other: str) -> str:
    if not municipality:
        return "unknown"
    return same if municipality.casefold() == home else other


def _nth(histogram: Mapping[str, int], rank: int) -> int:
    """The value at this rank, counted from 1 upwards."""
    seen = 0
    for value in sorted(histogram, key=int):
        seen += histogram[value]
        if seen >= rank:
            return int(value)
    raise ValueError("rank beyond the histogram")
