"""Recording activities and changing them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.activities import action_points
from app.activities.domain import (
    Figures,
    GroupFigures,
    PointDraft,
    activity_reference,
    require_figures,
    require_period,
)
from app.activities.models import (
    Activity,
    ActivityAttendee,
    ActivityCounter,
    ActivityGuest,
    ActivityPartner,
    AwarenessGroup,
)
from app.activities.queries import get_activity
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import FieldError, InvalidInputError
from app.identity import service as identity
from app.partners import queries as partner_queries
from app.partners.models import Partner
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Use


def record_activity(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    title: str,
    held_on: date,
    ended_on: date | None,
    place: str | None,
    partner_ids: Collection[UUID],
    attendee_ids: Collection[UUID],
    guests: Sequence[str],
    minutes: str | None,
    target_groups: Sequence[str],
    figures: Figures,
    points: Collection[PointDraft],
    at: datetime,
) -> Activity:
    """An activity that was held, or one to come."""
    actor.require(Permission.ACTIVITY_RECORD)
    _require_kind(session, kind, at)
    require_period(held_on, ended_on)
    require_figures(kind, figures)
    _require_people(session, actor, None, partners=partner_ids, attendees=attendee_ids)
    year = local_date(at).year
    activity = Activity(
        reference=activity_reference(year, _next_number(session, year)),
        kind=kind,
        title=title,
        held_on=held_on,
        ended_on=ended_on,
        place=place,
        target_groups=list(target_groups),
        minutes=minutes,
        recorded_at=at,
        recorded_by_id=actor.id,
        changed_at=at,
    )
    session.add(activity)
    _set_people(activity, partners=partner_ids, attendees=attendee_ids, guests=guests)
    _set_figures(activity, figures)
    action_points.replace(session, activity, points, at=at)
    session.flush()  # gives the id that the trail names
    audit.record(session, actor, Event.ACTIVITY_RECORDED, "activity", activity.id, at=at, kind=kind)
    return activity


def change_activity(
    session: Session,
    actor: Actor,
    activity_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected_version: int | None,
    at: datetime,
) -> Activity:
    """Replace what is given. changes: any argument of `record_activity`, and is_cancelled."""
    actor.require(Permission.ACTIVITY_RECORD)
    activity = get_activity(session, actor, activity_id, for_update=True)
    activity.require_version(expected_version)
    kind = changes.get("kind", activity.kind)
    if kind != activity.kind:
        _require_kind(session, kind, at)
    require_period(
        changes.get("held_on", activity.held_on), changes.get("ended_on", activity.ended_on)
    )
    figures = changes.get("figures", figures_of(activity))
    require_figures(kind, figures)
    _require_people(
        session,
        actor,
        activity,
        partners=changes.get("partner_ids"),
        attendees=changes.get("attendee_ids"),
    )
    for field in (
        "kind",
        "title",
        "held_on",
        "ended_on",
        "place",
        "minutes",
        "target_groups",
        "is_cancelled",
    ):
        if field in changes:
            setattr(activity, field, changes[field])
    _set_people(
        activity,
        partners=changes.get("partner_ids"),
        attendees=changes.get("attendee_ids"),
        guests=changes.get("guests"),
    )
    _set_figures(activity, figures)
    if "points" in changes:
        action_points.replace(session, activity, changes["points"], at=at)
    activity.changed_at = at
    activity.touch()
    audit.record(
        session,
        actor,
        Event.ACTIVITY_CHANGED,
        "activity",
        activity.id,
        at=at,
        fields=" ".join(sorted(changes)),
    )
    return activity


def figures_of(activity: Activity) -> Figures:
    return Figures(
        participants=activity.participants,
        population=activity.population,
        sample=activity.sample,
        aware=activity.aware,
        by_group=[GroupFigures(g.group, g.sample, g.aware) for g in activity.groups],
    )


def _require_people(
    session: Session,
    actor: Actor,
    activity: Activity | None,
    *,
    partners: Collection[UUID] | None,
    attendees: Collection[UUID] | None,
) -> None:
    """Who stands there already may stay, also if they have left since. None: not asked."""
    standing = {row.partner_id for row in activity.partners} if activity else set()
    present = {row.account_id for row in activity.attendees} if activity else set()
    known = standing | set(
        session.scalars(
            partner_queries.visible_partners(actor)
            .where(Partner.id.in_(partners or ()))
            .with_only_columns(Partner.id)
        )
    )
    wrong = [
        FieldError(f"/partner_ids/{place}", "no such partner", "unknown_partner")
        for place, partner_id in enumerate(partners or ())
        if partner_id not in known
    ]
    if wrong:
        raise InvalidInputError(*wrong)
    for place, account_id in enumerate(attendees or ()):
        if account_id not in present:
            identity.require_assignable(
                session, account_id, f"/attendee_ids/{place}", Permission.SESSION_USE
            )


def _set_people(
    activity: Activity,
    *,
    partners: Collection[UUID] | None,
    attendees: Collection[UUID] | None,
    guests: Sequence[str] | None,
) -> None:
    """None leaves them as they are. Rows that stay are kept: their keys must not be given twice."""
    if partners is not None:
        standing = {row.partner_id: row for row in activity.partners}
        activity.partners = [
            standing.get(p) or ActivityPartner(partner_id=p) for p in dict.fromkeys(partners)
        ]
    if attendees is not None:
        present = {row.account_id: row for row in activity.attendees}
        activity.attendees = [
            present.get(a) or ActivityAttendee(account_id=a) for a in dict.fromkeys(attendees)
        ]
    if guests is not None:
        rows = activity.guests
        del rows[len(guests) :]
        for place, name in enumerate(guests):
            if place == len(rows):
                rows.append(ActivityGuest(position=place))
            rows[place].name = name


def _set_figures(activity: Activity, figures: Figures) -> None:
    activity.participants = figures.participants
    activity.population = figures.population
    activity.sample = figures.sample
    activity.aware = figures.aware
    rows = activity.groups
    del rows[len(figures.by_group) :]
    for place, group in enumerate(figures.by_group):
        if place == len(rows):
            rows.append(AwarenessGroup(position=place))
        rows[place].group = group.group
        rows[place].sample = group.sample
        rows[place].aware = group.aware


def _require_kind(session: Session, kind: str, at: datetime) -> None:
    vocabulary.current(session).require(
        [Use(CodeList.ACTIVITY_KINDS, kind, "/kind")], local_date(at)
    )


def _next_number(session: Session, year: int) -> int:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(ActivityCounter)
        .values(year=year, last_number=1)
        .on_conflict_do_update(
            index_elements=[ActivityCounter.year],
            set_={"last_number": ActivityCounter.last_number + 1},
        )
        .returning(ActivityCounter.last_number)
    )
    number: int = session.execute(statement).scalar_one()
    return number
