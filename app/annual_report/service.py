"""The figures of a year as they stand, from one snapshot."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.annual_report import queries
from app.annual_report.domain import (
    CaseFigures,
    EventCounting,
    ReportFigures,
    count_cases,
    count_reports,
    kept_state,
)
from app.core.access import Actor

YEARS_BEFORE = 4


@dataclass(frozen=True)
class ResolutionFigures:
    """started, agreed: negotiations and agreements of the year. ended: reason -> negotiations.

    agreements: state -> agreements reached in the year. due: status -> commitments due in it.
    """

    started: int
    agreed: int
    ended: Counter[str]
    agreements: Counter[str]
    due: Counter[str]


@dataclass(frozen=True)
class YearFigures:
    year: int
    totals: dict[str, int]
    reports: ReportFigures
    unanswered: tuple[int, int]
    cases: CaseFigures
    open_cases: tuple[int, int]
    resolutions: ResolutionFigures

    @property
    def first_day(self) -> date:
        return date(self.year, 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, 12, 31)


def yearly_figures(
    session: Session, actor: Actor, year: int, *, events: EventCounting, municipality: str
) -> list[YearFigures]:
    """The year and the four before it, the latest first. `session` must be one snapshot."""
    queries.require_permission(actor)
    years = range(year - YEARS_BEFORE, year + 1)
    period = {"first": date(years[0], 1, 1), "last": date(year, 12, 31)}
    home = municipality.casefold()
    boundaries = [date(y, 1, 1) for y in range(years[0], year + 2)]
    totals = queries.report_totals(session, **period)
    reports = {
        y: count_reports(
            queries.report_facets(
                session, first=date(y, 1, 1), last=date(y, 12, 31), events=events
            ),
            home=home,
        )
        for y in years
    }
    unanswered = queries.unanswered_reports(session, boundaries)
    open_cases = queries.open_cases(session, boundaries)
    cases = queries.case_rows(session, **period)
    negotiations = queries.negotiations(session, **period)
    commitments = queries.commitments(session, **period)
    return [
        YearFigures(
            year=y,
            totals=totals.get(y, {}),
            reports=reports[y],
            unanswered=(unanswered[i], unanswered[i + 1]),
            cases=count_cases(cases, first=date(y, 1, 1), last=date(y, 12, 31)),
            open_cases=(open_cases[i], open_cases[i + 1]),
            resolutions=_resolutions(negotiations, commitments, y),
        )
        for i, y in reversed(list(enumerate(years)))
    ]


def _resolutions(
    negotiations: Sequence[tuple[Any, ...]], commitments: Sequence[tuple[Any, ...]], year: int
) -> ResolutionFigures:
    ended: Counter[str] = Counter()
    started = 0
    for started_on, ended_on, status, reason in negotiations:
        started += started_on.year == year
        if status == "ended" and ended_on.year == year:
            ended[reason] += 1
    statuses: dict[Any, list[str]] = defaultdict(list)
    due: Counter[str] = Counter()
    for agreement_id, reached_on, due_on, status in commitments:
        if reached_on.year == year:
            statuses[agreement_id].append(status)
        if due_on.year == year:
            due[status] += 1
    agreements = Counter(kept_state(found) for found in statuses.values())
    return ResolutionFigures(
        started=started, agreed=len(statuses), ended=ended, agreements=agreements, due=due
    )
