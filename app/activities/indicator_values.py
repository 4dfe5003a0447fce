"""What the register of activities shows of the indicators of a plan."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.activities.domain import AWARENESS_MEASUREMENT, CORE_GROUP_MEETING
from app.activities.models import Activity
from app.core.access import Actor, Permission
from app.indicators.calculators import Asked, Calculator, Counted

COUNTED_KINDS = (
    "training",
    "intervision",
    "legal_watch",
    "information_flow",
    "provincial_consultation",
    "information_campaign",
    "sensitisation_campaign",
)
"""Kinds of activity of which each one counts; a plan names them as its evidence."""

NETWORK_MEETING = "network_meeting"

Held = Mapping[int, list[Activity]]


def _held(session: Session, asked: Asked, kind: str) -> Held:
    """Year -> activities of a kind that were held in it, not called off and not still to come."""
    found: dict[int, list[Activity]] = {year: [] for year in asked.years}
    first, last = date(min(asked.years), 1, 1), date(max(asked.years), 12, 31)
    rows = session.scalars(
        select(Activity).where(
            Activity.kind == kind,
            Activity.held_on.between(first, min(last, asked.today)),
            Activity.is_cancelled.is_(False),
        )
    )
    for activity in rows:
        if activity.held_on.year in found:
            found[activity.held_on.year].append(activity)
    return found


def _link(actor: Actor, kind: str, year: int, today: date) -> str | None:
    if not actor.may(Permission.ACTIVITY_READ):
        return None
    last = min(date(year, 12, 31), today)
    return f"/api/v1/activities?kind={kind}&held_from={year}-01-01&held_to={last}&cancelled=false"


def _count_held(
    session: Session, actor: Actor, asked: Asked, *, kind: str
) -> Mapping[int, Counted]:
    return {
        year: Counted(len(held), {"activities": len(held)}, _link(actor, kind, year, asked.today))
        for year, held in _held(session, asked, kind).items()
    }


def _count_core_group(session: Session, actor: Actor, asked: Asked) -> Mapping[int, Counted]:
    """Days with a meeting, as `domain.against_norms` counts them."""
    found = {}
    for year, held in _held(session, asked, CORE_GROUP_MEETING).items():
        days = len({activity.held_on for activity in held})
        figures = {"activities": len(held), "days": days}
        found[year] = Counted(days, figures, _link(actor, CORE_GROUP_MEETING, year, asked.today))
    return found


def _count_network_meetings(session: Session, actor: Actor, asked: Asked) -> Mapping[int, Counted]:
    """Those with minutes: the plan asks for the reports of them."""
    found = {}
    for year, held in _held(session, asked, NETWORK_MEETING).items():
        with_minutes = sum(activity.minutes is not None for activity in held)
        figures = {"activities": len(held), "with_minutes": with_minutes}
        link = _link(actor, NETWORK_MEETING, year, asked.today)
        found[year] = Counted(with_minutes, figures, link)
    return found


def _count_measurements(session: Session, actor: Actor, asked: Asked) -> Mapping[int, Counted]:
    """Awareness measurements with figures; those of the last one."""
    found = {}
    for year, held in _held(session, asked, AWARENESS_MEASUREMENT).items():
        measured = sorted(
            ((one.held_on, one.sample, one.aware) for one in held if one.sample is not None),
        )
        figures = {"measurements": len(measured)}
        if measured:
            _, sample, aware = measured[-1]
            figures |= {"sample": sample or 0, "aware": aware or 0}
        link = _link(actor, AWARENESS_MEASUREMENT, year, asked.today)
        found[year] = Counted(len(measured), figures, link)
    return found


CALCULATORS: Mapping[str, Calculator] = {
    **{kind: partial(_count_held, kind=kind) for kind in COUNTED_KINDS},
    CORE_GROUP_MEETING: _count_core_group,
    NETWORK_MEETING: _count_network_meetings,
    AWARENESS_MEASUREMENT: _count_measurements,
}
"""Kind of evidence -> how it is counted."""
