"""Reading activities. Every query starts from what the actor may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from app.activities.domain import ActivityFact, PointFact
from app.activities.models import (
    ActionPoint,
    Activity,
    ActivityAttendee,
    ActivityPartner,
    CalendarAddress,
)
from app.core.access import Actor, Permission
from app.core.due import DueItem
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList


@dataclass(frozen=True)
class ActivityFilter:
    """Each None does not filter. planned: still to come and not called off."""

    kind: str | None = None
    held_from: date | None = None
    held_to: date | None = None
    partner: UUID | None = None
    planned: bool | None = None
    cancelled: bool | None = None


def visible_activities(actor: Actor) -> Select[Activity]:
    actor.require(Permission.ACTIVITY_READ)
    return select(Activity)


def get_activity(
    session: Session, actor: Actor, activity_id: UUID, *, for_update: bool = False
) -> Activity:
    query = visible_activities(actor).where(Activity.id == activity_id)
    if for_update:
        query = query.with_for_update()
    activity = session.scalar(query)
    if activity is None:
        raise NotFoundError
    return activity


def require_for_files(session: Session, actor: Actor, activity_id: UUID, for_writing: bool) -> None:
    """Whether the actor may see, or add to, the files of an activity, also of one called off."""
    if for_writing:
        actor.require(Permission.ACTIVITY_RECORD)
    get_activity(session, actor, activity_id)


def list_activities(
    session: Session, actor: Actor, wanted: ActivityFilter, page: PageRequest, *, today: date
) -> Page[Activity]:
    """The latest first."""
    vocabulary.current(session).require_known(kind=(CodeList.ACTIVITY_KINDS, wanted.kind))
    query = visible_activities(actor)
    if wanted.kind is not None:
        query = query.where(Activity.kind == wanted.kind)
    if wanted.held_from is not None:
        query = query.where(Activity.held_on >= wanted.held_from)
    if wanted.held_to is not None:
        query = query.where(Activity.held_on <= wanted.held_to)
    if wanted.partner is not None:
        query = query.where(Activity.id.in_(_activities_with(wanted.partner)))
    if wanted.planned is not None:
        planned = and_(Activity.held_on > today, Activity.is_cancelled.is_(False))
        query = query.where(planned if wanted.planned else ~planned)
    if wanted.cancelled is not None:
        query = query.where(Activity.is_cancelled.is_(wanted.cancelled))
    return fetch_page(session, query, page, order=(Activity.held_on, Activity.id), descending=True)


def _activities_with(partner_id: UUID) -> Select[UUID]:
    return select(ActivityPartner.activity_id).where(ActivityPartner.partner_id == partner_id)


def locked_action_point(
    session: Session, actor: Actor, point_id: UUID
) -> tuple[Activity, ActionPoint]:
    """The activity first, then the action point."""
    activity_id = session.scalar(
        visible_activities(actor)
        .join(ActionPoint, ActionPoint.activity_id == Activity.id)
        .where(ActionPoint.id == point_id)
        .with_only_columns(Activity.id)
    )
    if activity_id is None:
        raise NotFoundError
    activity = session.get_one(Activity, activity_id, with_for_update=True)
    point = session.get(ActionPoint, point_id, with_for_update=True)
    if point is None:  # taken out while this act waited for the activity
        raise NotFoundError
    return activity, point


def due_action_points(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Not of activities that were called off."""
    actor.require(Permission.ACTIVITY_READ)
    rows = session.execute(
        select(ActionPoint, Activity.reference)
        .join(Activity, Activity.id == ActionPoint.activity_id)
        .where(
            ActionPoint.done_on.is_(None),
            ActionPoint.due_on <= until,
            Activity.is_cancelled.is_(False),
        )
        .order_by(ActionPoint.due_on, ActionPoint.id)
        .limit(most)
    )
    return [
        DueItem("action_point", p.due_on, "activity", p.activity_id, reference, p.owner_id)
        for p, reference in rows
    ]


def activity_facts(session: Session, *, first: date, last: date) -> list[ActivityFact]:
    rows = session.execute(
        select(Activity.kind, Activity.held_on, Activity.is_cancelled).where(
            Activity.held_on.between(first, last)
        )
    )
    return [ActivityFact(*row) for row in rows]


def point_facts(session: Session, *, first: date, last: date) -> list[PointFact]:
    """Those set, done, due or open in the period, of activities that were not called off."""
    rows = session.execute(
        select(ActionPoint.set_on, ActionPoint.due_on, ActionPoint.done_on)
        .join(Activity, Activity.id == ActionPoint.activity_id)
        .where(
            Activity.is_cancelled.is_(False),
            or_(
                ActionPoint.set_on.between(first, last),
                ActionPoint.done_on.between(first, last),
                ActionPoint.due_on.between(first, last),
                and_(
                    ActionPoint.set_on <= last,
                    or_(ActionPoint.done_on.is_(None), ActionPoint.done_on > last),
                ),
            ),
        )
    )
    return [PointFact(*row) for row in rows]


def find_address(session: Session, token_hash: str) -> CalendarAddress | None:
    return session.scalar(select(CalendarAddress).where(CalendarAddress.token_hash == token_hash))


def address_of(
    session: Session, *, account_id: UUID | None = None, partner_id: UUID | None = None
) -> CalendarAddress | None:
    of_whom = (
        CalendarAddress.account_id == account_id
        if account_id is not None
        else CalendarAddress.partner_id == partner_id
    )
    return session.scalar(select(CalendarAddress).where(of_whom).with_for_update())


def activities_of_account(
    session: Session, account_id: UUID, *, since: date, most: int
) -> list[Activity]:
    return _from(
        session,
        select(ActivityAttendee.activity_id).where(ActivityAttendee.account_id == account_id),
        since,
        most,
    )


def activities_of_partner(
    session: Session, partner_id: UUID, *, since: date, most: int
) -> list[Activity]:
    return _from(session, _activities_with(partner_id), since, most)


def _from(session: Session, ids: Select[UUID], since: date, most: int) -> list[Activity]:
    """Held since that day or still to come: the nearest future is worth more than the far past."""
    return list(
        session.scalars(
            select(Activity)
            .where(Activity.id.in_(ids), Activity.held_on >= since)
            .order_by(Activity.held_on.desc(), Activity.id)
            .limit(most)
        )
    )


def partners_by_activity(
    session: Session, activity_ids: Collection[UUID]
) -> dict[UUID, list[UUID]]:
    """activity -> its partners, for a page of a list."""
    found: dict[UUID, list[UUID]] = {activity_id: [] for activity_id in activity_ids}
    rows = session.execute(
        select(ActivityPartner.activity_id, ActivityPartner.partner_id)
        .where(ActivityPartner.activity_id.in_(activity_ids))
        .order_by(ActivityPartner.partner_id)
    )
    for activity_id, partner_id in rows:
        found[activity_id].append(partner_id)
    return found
