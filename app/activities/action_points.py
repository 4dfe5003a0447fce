"""What a colleague promised at an activity to do by a day."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import queries
from app.activities.domain import PointDraft, require_not_done
from app.activities.models import ActionPoint, Activity
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import invalid
from app.identity import service as identity


def set_action_point(
    session: Session,
    actor: Actor,
    activity_id: UUID,
    *,
    text: str,
    owner_id: UUID,
    due_on: date,
    at: datetime,
) -> ActionPoint:
    actor.require(Permission.ACTIVITY_RECORD)
    activity = queries.get_activity(session, actor, activity_id, for_update=True)
    identity.require_assignable(session, owner_id, "/owner_id", Permission.ACTIVITY_RECORD)
    point = ActionPoint(text=text, owner_id=owner_id, set_on=local_date(at), due_on=due_on)
    activity.action_points.append(point)
    activity.changed_at = at
    activity.touch()
    _note(session, actor, activity, at=at, act="set")
    return point


def complete_action_point(
    session: Session, actor: Actor, point_id: UUID, *, at: datetime
) -> ActionPoint:
    """Done today. Two that complete it at once: the second is told that it is done."""
    actor.require(Permission.ACTIVITY_RECORD)
    activity, point = queries.locked_action_point(session, actor, point_id)
    require_not_done(point.done_on)
    point.done_on = local_date(at)
    activity.changed_at = at
    activity.touch()
    _note(session, actor, activity, at=at, act="done")
    return point


def replace(
    session: Session, activity: Activity, drafts: Collection[PointDraft], *, at: datetime
) -> None:
    """Make these the action points of the activity; the caller holds its lock.

    A draft with an id is the one that stands, changed; one without is new; one that is not named
    any more is taken out.
    """
    standing = {point.id: point for point in activity.action_points}
    today = local_date(at)
    points = []
    for place, draft in enumerate(drafts):
        pointer = f"/action_points/{place}"
        point = standing.pop(draft.id, None) if draft.id is not None else None
        if draft.id is not None and point is None:
            raise invalid(f"{pointer}/id", "no action point of this activity", "unknown_point")
        if draft.done_on is not None and draft.done_on > today:
            raise invalid(f"{pointer}/done_on", "lies in the future", "in_future")
        if point is None or point.owner_id != draft.owner_id:
            identity.require_assignable(
                session, draft.owner_id, f"{pointer}/owner_id", Permission.ACTIVITY_RECORD
            )
        if point is None:
            point = ActionPoint(set_on=today)
        point.text = draft.text
        point.owner_id = draft.owner_id
        point.due_on = draft.due_on
        point.done_on = draft.done_on
        points.append(point)
    activity.action_points = points


def _note(session: Session, actor: Actor, activity: Activity, *, at: datetime, act: str) -> None:
    session.flush()  # gives a new action point its id
    audit.record(
        session, actor, Event.ACTION_POINT_CHANGED, "activity", activity.id, at=at, act=act
    )
