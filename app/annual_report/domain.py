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
from math import ceil

from app.cases.domain import active_days

Histogram = Counter[int]


class EventCounting(StrEnum):
    """How the reports of one mass event count in the tables."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    AS_ONE = "as_one"


@dataclass(frozen=True)
class ReportColumns:
    """Received reports column by column, all of one length. `grounds`, `conducts`: codes, comma
    between.

    Columns, because Python counts a column at the speed of C; a loop over rows was measured to be
    several times slower.
    """

    received_on: Sequence[date]
    request: Sequence[str]
    channel: Sequence[str]
    domain: Sequence[str]
    status: Sequence[str]
    respondent_kind: Sequence[str | None]
    multiplicity: Sequence[str | None]
    grounds: Sequence[str]
    conducts: Sequence[str]
    reporter_municipality: Sequence[str | None]
    incident_municipality: Sequence[str | None]
    incident_district: Sequence[str | None]
    acknowledged_on: Sequence[date | None]
    answered_on: Sequence[date | None]
    acknowledge_by: Sequence[date]
    answer_by: Sequence[date]


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


def count_reports(columns: ReportColumns, *, home: str) -> ReportFigures:
    """The figures of reports received in one month. home: the bureau's municipality, casefolded."""
    ground: Counter[str] = Counter()
    number: Counter[int] = Counter()
    ground_by_domain: Counter[tuple[str, str]] = Counter()
    for (codes, domain), reports in Counter(
        zip(columns.grounds, columns.domain, strict=True)
    ).items():
        split = _split(codes)
        number[len(split)] += reports
        for code in split:
            ground[code] += reports
            ground_by_domain[code, domain] += reports
    conduct: Counter[str] = Counter()
    for codes, reports in Counter(columns.conducts).items():
        for code in _split(codes):
            conduct[code] += reports
    return ReportFigures(
        reports=len(columns.received_on),
        month=_by_month(columns.received_on),
        request=Counter(columns.request),
        channel=Counter(columns.channel),
        status=Counter(columns.status),
        domain=Counter(columns.domain),
        ground=ground,
        number_of_grounds=number,
        multiplicity=Counter(columns.multiplicity),
        conduct=conduct,
        respondent_kind=Counter(columns.respondent_kind),
        reporter_municipality=Counter(columns.reporter_municipality),
        incident_municipality=Counter(columns.incident_municipality),
        incident_district=Counter(columns.incident_district),
        ground_by_domain=ground_by_domain,
        residence_by_place=_residence_by_place(columns, home),
        days_to_acknowledgement=_days(columns.received_on, columns.acknowledged_on),
        days_to_answer=_days(columns.received_on, columns.answered_on),
        acknowledged_in_time=_in_time(columns.acknowledged_on, columns.acknowledge_by),
        answered_in_time=_in_time(columns.answered_on, columns.answer_by),
    )


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


def _split(codes: str) -> list[str]:
    return codes.split(",") if codes else []


def _by_month(days: Sequence[date]) -> Counter[int]:
    found: Counter[int] = Counter()
    for day, reports in Counter(days).items():
        found[day.month] += reports
    return found


def _days(starts: Sequence[date], ends: Sequence[date | None]) -> Histogram:
    found: Histogram = Counter()
    for (start, end), reports in Counter(zip(starts, ends, strict=True)).items():
        if end is not None:
            found[max(0, (end - start).days)] += reports
    return found


def _in_time(done: Sequence[date | None], promised: Sequence[date]) -> int:
    pairs = Counter(zip(done, promised, strict=True))
    return sum(n for (day, by), n in pairs.items() if day is not None and day <= by)


def _residence_by_place(columns: ReportColumns, home: str) -> Counter[tuple[str, str]]:
    """(resident | non_resident | unknown, in_town | elsewhere | unknown), as in the Dutch form."""
    found: Counter[tuple[str, str]] = Counter()
    pairs = Counter(zip(columns.reporter_municipality, columns.incident_municipality, strict=True))
    for (residence, place), reports in pairs.items():
        lives = _compare(residence, home, "resident", "non_resident")
        found[lives, _compare(place, home, "in_town", "elsewhere")] += reports
    return found


def _compare(municipality: str | None, home: str, same: str, other: str) -> str:
    if municipality is None:
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
