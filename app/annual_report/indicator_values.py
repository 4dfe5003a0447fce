"""What the registers of reports and cases show of the indicators of a plan.

Totals of everything, so for those alone who may read the figures of a year: a small number could
tell of a restricted case.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from app.activities.queries import activity_facts
from app.annual_report import queries
from app.core.access import Actor, Permission
from app.indicators.calculators import Asked, Calculator, Counted

INFORMATION = "information"
"""The request of a report that asks a question."""


def _count_year(session: Session, actor: Actor, asked: Asked) -> Mapping[int, Counted]:
    """The totals of a year; the report itself has all tables."""
    if not actor.may(Permission.FIGURES_READ):
        return {year: Counted() for year in asked.years}
    found = {}
    for year in asked.years:
        first, last = date(year, 1, 1), date(year, 12, 31)
        opened, closed = queries.case_totals(session, first=first, last=last)
        held = activity_facts(session, first=first, last=last)
        figures = {
            "reports": sum(queries.reports_by_request(session, first=first, last=last).values()),
            "cases_opened": opened,
            "cases_closed": closed,
            "activities": sum(one.was_held(first, last, asked.today) for one in held),
        }
        found[year] = Counted(None, figures, f"/api/v1/annual-reports/{year}")
    return found


def _count_questions(session: Session, actor: Actor, asked: Asked) -> Mapping[int, Counted]:
    """Questions for information that came in."""
    if not actor.may(Permission.FIGURES_READ):
        return {year: Counted() for year in asked.years}
    found = {}
    for year in asked.years:
        first, last = date(year, 1, 1), date(year, 12, 31)
        number = queries.reports_by_request(session, first=first, last=last)[INFORMATION]
        link = f"/api/v1/annual-reports/{year}"
        found[year] = Counted(number, {"questions": number}, link)
    return found


CALCULATORS: Mapping[str, Calculator] = {
    "annual_report": _count_year,
    "evaluation_report": _count_year,
    "information_request": _count_questions,
}
"""Kind of evidence -> how it is counted."""
