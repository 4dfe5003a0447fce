"""Figures counted month by month, and kept until a row of the month changes.

Which months changed is told by triggers of the store (see `StaleMonth`). A reader takes kept months
as they are and counts stale ones from their rows, all in one snapshot, so an answer never depends
on whether somebody refreshed. Direct counting stays the truth: the tests compare the two.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.annual_report import queries
from app.annual_report.domain import (
    CaseFigures,
    Flows,
    MonthFigures,
    ReportFigures,
    ResolutionFigures,
    count_cases,
    count_reports,
    count_resolutions,
    days_of,
)
from app.annual_report.models import FigureMonth, StaleMonth
from app.core.database import Database

T = TypeVar("T")

FORM = 3
"""Raised when a figure is added or counted otherwise: what was kept before is then counted anew."""

_REFRESHING = 0x6D6F6E7468  # names the lock on PostgreSQL; any number that nothing else uses


@dataclass(frozen=True)
class CountedMonth:
    flows: Flows
    figures: MonthFigures


def count_month(session: Session, month: str, *, home: str) -> CountedMonth:
    """The figures of a month from its rows. month: YYYY-MM. home: casefolded."""
    first, last = days_of(month)
    period = {"first": first, "last": last}
    alone, grouped = (
        count_reports(queries.report_facets(session, **period, are_grouped=are_grouped), home=home)
        for are_grouped in (False, True)
    )
    cases = count_cases(queries.case_rows(session, **period), **period)
    return CountedMonth(
        Flows(
            received=queries.reports_by_month_of_answer(session, **period),
            opened=cases.opened,
            closed=cases.closed,
        ),
        MonthFigures(
            totals=queries.report_totals(session, **period),
            events=queries.reports_by_event(session, **period),
            alone=alone,
            grouped=grouped,
            cases=cases,
            resolutions=count_resolutions(
                queries.negotiations(session, **period),
                queries.commitments(session, **period),
                **period,
            ),
        ),
    )


def refresh_past(database: Database, municipality: str, today: date) -> None:
    """Before figures are read: all months that changed but the one that runs, in which so much
    comes in that keeping it is not worth a write."""
    refresh(database, home=municipality.casefold(), spare=f"{today:%Y-%m}")


def refresh(database: Database, *, home: str, spare: str | None = None) -> int:
    """Count and keep the months that changed; answers how many.

    spare: a month to leave alone. Each is a transaction of its own, so that nobody who reports
    waits long.
    """
    with database.snapshot() as session:
        wanted = queries.stale_months(session)
        wanted |= queries.misfit_months(session, home=home, form=FORM)
    wanted.discard(spare or "")
    for month in sorted(wanted):
        with database.transaction() as session:
            _keep(session, month, home=home)
    return len(wanted)


def load(
    session: Session, *, first: str, last: str, home: str
) -> tuple[dict[str, Flows], dict[str, MonthFigures]]:
    """(flows of all months up to `last`, figures of the months from `first` to `last`)."""
    stale = {month for month in queries.stale_months(session) if month <= last}
    stale |= queries.misfit_months(session, home=home, form=FORM)
    kept = queries.kept_months(session, first=first, last=last, home=home, form=FORM)
    flows = {
        month: _flows(found)
        for month, found in queries.kept_flows(session, before=first, home=home, form=FORM).items()
    }
    flows |= {month: _flows(row.flows) for month, row in kept.items()}
    figures = {
        month: _month_figures(row.figures) for month, row in kept.items() if month not in stale
    }
    for month in stale:
        counted = count_month(session, month, home=home)
        flows[month] = counted.flows
        if first <= month <= last:
            figures[month] = counted.figures
    return flows, figures


def _keep(session: Session, month: str, *, home: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        # Two that count the same month at once: the older count must not be written last.
        session.execute(select(func.pg_advisory_xact_lock(_REFRESHING)))
    # The marks go before the rows are read: a change that comes in between marks the month anew.
    session.execute(delete(StaleMonth).where(StaleMonth.month == month))
    counted = count_month(session, month, home=home)
    session.merge(
        FigureMonth(
            month=month,
            home=home,
            form=FORM,
            flows=_plain(counted.flows),
            figures=_plain(counted.figures),
        )
    )


def _plain(value: Any) -> Any:
    """Figures as JSON: numbers, and objects of them. (`asdict` spoils counters.)"""
    if isinstance(value, int | Counter):
        return value
    return {name: _plain(part) for name, part in vars(value).items()}


def _flows(kept: Mapping[str, Any]) -> Flows:
    return _revive(Flows, kept)


def _month_figures(kept: Mapping[str, Any]) -> MonthFigures:
    return MonthFigures(
        totals=Counter(kept["totals"]),
        events=Counter(kept["events"]),
        alone=_revive(ReportFigures, kept["alone"]),
        grouped=_revive(ReportFigures, kept["grouped"]),
        cases=_revive(CaseFigures, kept["cases"]),
        resolutions=_revive(ResolutionFigures, kept["resolutions"]),
    )


def _revive(kind: type[T], kept: Mapping[str, Any]) -> T:
    return kind(**{k: v if isinstance(v, int) else Counter(v) for k, v in kept.items()})
