"""The trend of every ground or domain over years, and what changed meanwhile in how they come in.

Pure: from counted reports to rows. A register that begins, a code that is new or ended and a year
that still runs are no rise or fall: a year counts for as much of it as could hold reports.
"""

from calendar import isleap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.signals.domain import CountedReport
from app.signals.explaining import HALF, IMPORT
from app.signals.trends import CONFIDENCE, TOO_FEW, Trend, trend

LEAST_SHARE = 0.1
"""Of the reports of a code, that a new channel or an import must bring to be told."""
LEAST_OF_EVENT = 5


class By(StrEnum):
    GROUND = "ground"
    DOMAIN = "domain"


class Remark(StrEnum):
    """What changed in how reports come in, and may be the whole of a trend."""

    RUNNING_YEAR = "running_year"
    REGISTER_BEGINS = "register_begins"
    NOTHING_REGISTERED = "nothing_registered"
    NEW_CODE = "new_code"
    ENDED_CODE = "ended_code"
    NEW_CHANNEL = "new_channel"
    IMPORT = "import"
    MASS_EVENT = "mass_event"


@dataclass(frozen=True)
class Change:
    """year: in which it changed. channels: codes. reports: how many, of those counted."""

    kind: Remark
    year: int
    channels: Sequence[str] = ()
    reports: int | None = None


@dataclass(frozen=True)
class Life:
    """When a code can be used: both days included, None without bound."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Register:
    """What is the same for all codes. opens, counted_to: first and last day that could hold
    reports. empty: years without any report at all. new_channels: by their first year. imported_to:
    the last year of what another register held, None where that changes nothing."""

    opens: date
    counted_to: date
    years: range
    empty: Set[int]
    new_channels: Mapping[str, int]
    imported_to: int | None

    def share(self, year: int, begins: date | None = None, ends: date | None = None) -> float:
        """Of the year, from `begins` to `ends`, both included; 0: nothing was registered."""
        if year in self.empty:
            return 0.0
        first = max(begins or self.opens, date(year, 1, 1))
        last = min(ends or self.counted_to, date(year, 12, 31))
        return ((last - first).days + 1) / (366 if isleap(year) else 365)


@dataclass(frozen=True)
class Row:
    """One ground or domain; code None: all reports. counts: by year, from first_year on."""

    code: str | None
    first_year: int
    counts: Sequence[int]
    trend: Trend
    changes: Sequence[Change]


@dataclass(frozen=True)
class Trends:
    """years: those counted, empty when there is no report. shares: how much of each could hold
    reports, 0..1. too_few: codes of which nothing is said. counted_to: the last day."""

    years: Sequence[int]
    shares: Sequence[float]
    counted_to: date
    municipality: str | None
    total: Row | None
    rows: Sequence[Row]
    too_few: Sequence[str]
    changes: Sequence[Change]


def trends(
    reports: Sequence[CountedReport],
    *,
    first: int,
    last: int,
    by: By,
    lives: Mapping[str, Life],
    today: date,
    municipalities: Sequence[str] = (),
) -> Trends:
    """reports: all that are counted, of any year. first, last: years, the last not after today's.

    lives: every code, in the order in which rows are to stand. municipalities: spellings of the one
    looked at, which begins with its own first report; none: all.
    """
    meant = [r for r in reports if not municipalities or r.municipality in municipalities]
    counted_to = min(today, date(last, 12, 31))
    place = municipalities[0] if municipalities else None
    begins = min((report.month for report in meant), default=None)
    if begins is None or int(begins[:4]) > last:
        return Trends([], [], counted_to, place, None, [], list(lives), [])
    years = range(max(first, int(begins[:4])), last + 1)
    inside = [r for r in meant if _year(r) in years]
    told = {_year(report) for report in reports}
    register = Register(
        opens=date(int(begins[:4]), int(begins[5:]), 1),
        counted_to=counted_to,
        years=years,
        # Only of all reports together, a year without any is one in which nothing was registered.
        empty=set(years) - told,
        new_channels=_new_channels(reports, years),
        imported_to=_imported_to(inside),
    )
    found = {
        code: _row(code, [r for r in inside if code in _codes(r, by)], register, life)
        for code, life in _with_unknown(lives, inside, by).items()
    }
    return Trends(
        years=years,
        shares=[register.share(year) for year in years],
        counted_to=counted_to,
        municipality=place,
        total=_row(None, inside, register, Life()),
        rows=[row for row in found.values() if row and row.trend is not TOO_FEW],
        too_few=[code for code, row in found.items() if row and row.trend is TOO_FEW],
        changes=_of_register(register),
    )


def _with_unknown(
    lives: Mapping[str, Life], inside: Sequence[CountedReport], by: By
) -> dict[str, Life]:
    """With what reports hold and no list knows, so that nothing is lost in silence."""
    held = {code for report in inside for code in _codes(report, by)}
    return {**lives, **{code: Life() for code in sorted(held - set(lives))}}


def _codes(report: CountedReport, by: By) -> Iterable[str]:
    return report.grounds if by is By.GROUND else (report.domain,)


def _row(
    code: str | None, reports: Sequence[CountedReport], register: Register, life: Life
) -> Row | None:
    """None: of a code that could not be used in these years."""
    years, of_year = register.years, Counter(_year(report) for report in reports)
    begins, ends = register.opens, register.counted_to
    # Past reports may bear a code of today: then it was counted before it was valid.
    if life.first is not None and not any(of_year[y] for y in years if y < life.first.year):
        begins = max(begins, life.first)
    if life.last is not None and not any(of_year[y] for y in years if y > life.last.year):
        ends = min(ends, life.last)
    lived = [year for year in years if begins.year <= year <= ends.year]
    if begins > ends or not lived:
        return None
    counts = [of_year[year] for year in lived]
    found = trend(counts, [register.share(year, begins, ends) for year in lived])
    changes = [
        *_of_life(life, register),
        *_of_channels(reports, register, lived[0]),
        *_of_imports(reports, register),
        *_of_events(reports, of_year),
    ]
    return Row(code, lived[0], counts, found, changes)


def _of_register(register: Register) -> list[Change]:
    years, found = register.years, []
    if register.opens.year == years.start and register.opens.month > 1:
        found.append(Change(Remark.REGISTER_BEGINS, years.start))
    found += [Change(Remark.NOTHING_REGISTERED, year) for year in sorted(register.empty)]
    if register.counted_to < date(years[-1], 12, 31):
        found.append(Change(Remark.RUNNING_YEAR, years[-1]))
    return found


def _of_life(life: Life, register: Register) -> list[Change]:
    start, found = date(register.years.start, 1, 1), []
    if life.first is not None and start < life.first <= register.counted_to:
        found.append(Change(Remark.NEW_CODE, life.first.year))
    if life.last is not None and start <= life.last < register.counted_to:
        found.append(Change(Remark.ENDED_CODE, life.last.year))
    return found


def _new_channels(reports: Sequence[CountedReport], years: range) -> dict[str, int]:
    """Channel -> its first year, of those by which nothing came when the years began. What came
    before the bureau had a channel of its own was imported, and tells nothing of them."""
    starts: dict[str, int] = {}
    for report in reports:
        year = _year(report)
        starts[report.channel] = min(starts.get(report.channel, year), year)
    starts.pop(IMPORT, None)
    known = max(years.start, min(starts.values(), default=years.start))
    return {channel: year for channel, year in starts.items() if year > known}


def _of_channels(reports: Sequence[CountedReport], register: Register, first: int) -> list[Change]:
    starts = register.new_channels
    by_channel = Counter(
        report.channel for report in reports if starts.get(report.channel, first) > first
    )
    if not by_channel or by_channel.total() < LEAST_SHARE * len(reports):
        return []
    year = min(starts[channel] for channel in by_channel)
    return [Change(Remark.NEW_CHANNEL, year, sorted(by_channel), by_channel.total())]


def _imported_to(reports: Sequence[CountedReport]) -> int | None:
    """The last year of what is of another register; None: nothing or everything, or too little."""
    imported = [_year(report) for report in reports if report.channel == IMPORT]
    is_part = LEAST_SHARE * len(reports) <= len(imported) < len(reports)
    return max(imported) if imported and is_part else None


def _of_imports(reports: Sequence[CountedReport], register: Register) -> list[Change]:
    if register.imported_to is None:
        return []
    number = sum(report.channel == IMPORT for report in reports)
    return [Change(Remark.IMPORT, register.imported_to, (), number)]


def _of_events(reports: Sequence[CountedReport], of_year: Mapping[int, int]) -> list[Change]:
    """One event that made half of a year."""
    by_event = Counter((_year(report), report.event) for report in reports if report.event)
    return [
        Change(Remark.MASS_EVENT, year, (), number)
        for (year, _), number in sorted(by_event.items())
        if number >= max(LEAST_OF_EVENT, HALF * of_year[year])
    ]


def _year(report: CountedReport) -> int:
    return int(report.month[:4])


def by_chance(found: Trends, confidence: float = CONFIDENCE) -> float:
    """About how many of the rows would show a trend if there were none."""
    return round((1 - confidence) * len(found.rows), 1)
