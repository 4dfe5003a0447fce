"""The figures of a year as they stand, from one snapshot."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.annual_report import months, network, queries
from app.annual_report.domain import (
    CaseFigures,
    EventCounting,
    Flows,
    MonthFigures,
    ReportFacets,
    ReportFigures,
    ResolutionFigures,
    add,
    by_year,
    count_reports,
)
from app.annual_report.network_domain import NetworkFigures
from app.core.access import Actor

YEARS_BEFORE = 4


@dataclass(frozen=True)
class YearFigures:
    """found: the sum of the months. reports: of those, what the asked counting of events keeps.
    events_begun: mass events whose first report is of this year."""

    year: int
    found: MonthFigures
    reports: ReportFigures
    events_begun: int
    unanswered: tuple[int, int]
    open_cases: tuple[int, int]
    network: NetworkFigures

    @property
    def first_day(self) -> date:
        return date(self.year, 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, 12, 31)

    @property
    def cases(self) -> CaseFigures:
        return self.found.cases

    @property
    def resolutions(self) -> ResolutionFigures:
        return self.found.resolutions


def yearly_figures(
    session: Session,
    actor: Actor,
    year: int,
    *,
    events: EventCounting,
    municipality: str,
    today: date,
    before: int = YEARS_BEFORE,
) -> list[YearFigures]:
    """The year and those before it, the latest first. `session` must be one snapshot."""
    queries.require_permission(actor)
    first = year - before
    home = municipality.casefold()
    flows, figures = months.load(session, first=f"{first}-01", last=f"{year}-12", home=home)
    begun = queries.events_by_first_year(session)
    rows = network.load(
        session,
        first=date(first, 1, 1),
        last=date(year, 12, 31),
        own=municipality,
    )
    firsts_of = _firsts(session, first, year) if events is EventCounting.AS_ONE else {}
    found = []
    for y in range(year, first - 1, -1):
        of_year = {month: part for month, part in figures.items() if month.startswith(f"{y}-")}
        firsts = firsts_of.get(y)
        of_network = network.of_year(session, rows, y, of_year, firsts, events=events, today=today)
        found.append(
            _year(y, flows, of_year, begun[y], firsts, of_network, events=events, home=home)
        )
    return found


def _firsts(session: Session, first: int, last: int) -> Mapping[int, ReportFacets]:
    """Year -> the reports that stand for the mass events that began in it, from `first` on."""
    firsts = queries.facets_of_first_reports(
        session, first=date(first, 1, 1), last=date(last, 12, 31)
    )
    return by_year(firsts)


def _year(
    year: int,
    flows: dict[str, Flows],
    months_of_year: dict[str, MonthFigures],
    events_begun: int,
    firsts: ReportFacets | None,
    of_network: NetworkFigures,
    *,
    events: EventCounting,
    home: str,
) -> YearFigures:
    found = MonthFigures()
    for part in months_of_year.values():
        add(found, part)
    reports = deepcopy(found.alone)
    if events is EventCounting.INCLUDE:
        add(reports, found.grouped)
    elif firsts is not None:
        add(reports, count_reports(firsts, home=home))
    return YearFigures(
        year=year,
        found=found,
        reports=reports,
        events_begun=events_begun,
        unanswered=(_unanswered(flows, f"{year}-01"), _unanswered(flows, f"{year + 1}-01")),
        network=of_network,
        open_cases=(_open_cases(flows, f"{year}-01"), _open_cases(flows, f"{year + 1}-01")),
    )


def _unanswered(flows: dict[str, Flows], month: str) -> int:
    """Reports received before this month that were not answered before it."""
    return sum(
        reports
        for received, flow in flows.items()
        if received < month
        for answered, reports in flow.received.items()
        if not answered or answered >= month
    )


def _open_cases(flows: dict[str, Flows], month: str) -> int:
    """Counted cases opened before this month and not closed before it."""
    return sum(flow.opened - flow.closed for m, flow in flows.items() if m < month)
