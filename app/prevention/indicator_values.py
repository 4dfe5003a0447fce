"""What prevention shows of the indicators of a plan: actions that rest on the year before."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.indicators.calculators import Asked, Calculator, Counted
from app.prevention.models import PreventionAction
from app.prevention.queries import actions_on_signals_of, began_in


def actions_based_on(session: Session, year: int) -> list[UUID]:
    """Actions that began in a year, run or were completed, and rest on a confirmed signal of the
    year before: at least one is the norm of the plan (OD 3.3.1, 'based on the report of the year
    before')."""
    query = (
        select(PreventionAction.id)
        .where(began_in(year), PreventionAction.id.in_(actions_on_signals_of(year - 1)))
        .order_by(PreventionAction.reference)
    )
    return list(session.scalars(query))


def _count_actions(session: Session, actor: Actor, asked: Asked) -> Mapping[int, Counted]:
    found = {}
    for year in asked.years:
        number = len(actions_based_on(session, year))
        link = None
        if actor.may(Permission.PREVENTION_READ):
            link = f"/api/v1/prevention/actions?year={year}&signal_year={year - 1}"
        found[year] = Counted(number, {"actions": number}, link)
    return found


CALCULATORS: Mapping[str, Calculator] = {"prevention_action": _count_actions}
"""Kind of evidence -> how it is counted."""
