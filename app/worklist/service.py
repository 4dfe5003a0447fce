"""What is due, from the sources that the other features register; the most overdue first."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.due import DueItem, DueSource

MOST_OF_PERSON = 300

_sources: dict[str, DueSource] = {}


def register(name: str, source: DueSource) -> None:
    """One source for each kind of thing that can be due; registering again replaces it."""
    _sources[name] = source


def due_items(
    session: Session,
    actor: Actor,
    *,
    today: date,
    ahead_days: int,
    is_mine: bool,
    most: int,
) -> list[DueItem]:
    """Overdue first, then what falls due within `ahead_days`; at most `most` items."""
    actor.require(Permission.WORKLIST_READ)
    until = today + timedelta(days=ahead_days)
    found: list[DueItem] = []
    for source in _sources.values():
        # Mine cannot be told in every source's query, so it may need to look at more.
        items = source(session, actor, until, most * 5 if is_mine else most)
        found += [i for i in items if not is_mine or i.assignee_id in (actor.id, None)]
    found.sort(key=lambda item: (item.due_on, item.kind, item.reference))
    return found[:most]


def due_of_person(session: Session, actor: Actor, today: date, until: date) -> list[DueItem]:
    """What is assigned to this colleague; without what nobody has."""
    items = due_items(
        session,
        actor,
        today=today,
        ahead_days=(until - today).days,
        is_mine=True,
        most=MOST_OF_PERSON,
    )
    return [item for item in items if item.assignee_id == actor.id]
