"""What a colleague promised to do for an action by a day."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities.domain import require_not_done
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.identity import service as identity
from app.prevention import queries
from app.prevention.domain import require_open
from app.prevention.models import PreventionAction, PreventionPoint


def set_point(
    session: Session,
    actor: Actor,
    action_id: UUID,
    *,
    text: str,
    owner_id: UUID,
    due_on: date,
    at: datetime,
) -> PreventionPoint:
    """It stands in the owner's worklist until it is done. Anybody in casework may have one."""
    actor.require(Permission.PREVENTION_CARRY_OUT)
    action = queries.get_action(session, actor, action_id, for_update=True)
    require_open(action.status)
    identity.require_assignable(session, owner_id, "/owner_id", Permission.WORKLIST_READ)
    point = PreventionPoint(text=text, owner_id=owner_id, set_on=local_date(at), due_on=due_on)
    action.action_points.append(point)
    action.touch()
    _note(session, actor, action, at=at, act="set")
    return point


def complete_point(
    session: Session, actor: Actor, point_id: UUID, *, at: datetime
) -> PreventionPoint:
    """Done today, said by its owner or by who carries actions out."""
    action, point = queries.locked_point(session, actor, point_id)
    if point.owner_id != actor.id:
        actor.require(Permission.PREVENTION_CARRY_OUT)
    require_not_done(point.done_on)
    point.done_on = local_date(at)
    action.touch()
    _note(session, actor, action, at=at, act="done")
    return point


def _note(
    session: Session, actor: Actor, action: PreventionAction, *, at: datetime, act: str
) -> None:
    session.flush()  # gives a new point its id
    audit.record(
        session,
        actor,
        Event.PREVENTION_POINT_CHANGED,
        "prevention_action",
        action.id,
        at=at,
        act=act,
    )
