"""Who read or changed what: the first question after a data breach."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.breach import queries
from app.core.access import Actor, ActorKind, Permission, Surface
from app.core.clock import BUREAU_ZONE
from app.core.errors import NotFoundError


@dataclass
class Access:
    """What one actor did to one object from one surface.

    username: of a colleague. reference: of a report, case or activity. first_at, last_at: of an
    anonymous report these are midnights, since no more is kept.
    """

    actor_kind: ActorKind
    actor_id: UUID | None
    surface: Surface
    object_kind: str | None
    object_id: UUID | None
    first_at: datetime
    last_at: datetime
    username: str | None = None
    reference: str | None = None
    events: Counter[Event] = field(default_factory=Counter)

    @property
    def reads(self) -> int:
        return sum(n for event, n in self.events.items() if event.value.endswith("_read"))

    @property
    def changes(self) -> int:
        return sum(self.events.values()) - self.reads


def list_access(
    session: Session, actor: Actor, subject: str, *, since: date, at: datetime
) -> list[Access]:
    """What WHO read or changed, or who read or changed WHAT, by time; itself told in the trail.

    subject: user name, reference, or id of an account, partner, its client or person, or object.
    Raises NotFoundError.
    """
    actor.require(Permission.AUDIT_READ)
    # A day earlier too for what is kept to the day: its midnight is in UTC.
    begin = datetime.combine(since, time(), BUREAU_ZONE) - timedelta(hours=2)
    actors, found = _resolve(session, subject)
    if actors:
        kind, rows = "actor", queries.told_of_actors(session, actors, begin)
    else:
        around = queries.objects_around(session, found)
        kind, rows = "object", queries.told_of_objects(session, around, begin)
    audit.record(session, actor, Event.ACCESS_LISTED, kind, found, at=at, since=since.isoformat())
    return _gathered(session, rows)


def _resolve(session: Session, subject: str) -> tuple[set[UUID], UUID]:
    """(ids under which WHO acts, empty for WHAT; the id of either)."""
    account = queries.account_of(session, subject)
    if account is not None:
        return {account}, account
    found = queries.object_of(session, subject)
    if found is not None:
        return set(), found
    try:
        found = UUID(subject)
    except ValueError:
        raise NotFoundError("Nobody and nothing goes by this name.") from None
    actors = queries.actors_of(session, found)
    if not actors and not queries.is_object(session, found):
        raise NotFoundError("Nobody and nothing has this id.")
    return actors, found


def _gathered(session: Session, rows: Iterable[Any]) -> list[Access]:
    found: dict[tuple[object, ...], Access] = {}
    for row in rows:
        key = (row.actor_kind, row.actor_id, row.surface, row.object_kind, row.object_id)
        access = found.get(key)
        if access is None:
            access = found[key] = Access(*key, row.first_at, row.last_at)
        access.events[row.event] += row.times
        access.first_at = min(access.first_at, row.first_at)
        access.last_at = max(access.last_at, row.last_at)
    names = queries.usernames(session, {a.actor_id for a in found.values() if a.actor_id})
    references = queries.references(session, {a.object_id for a in found.values() if a.object_id})
    for access in found.values():
        access.username = names.get(access.actor_id) if access.actor_id else None
        access.reference = references.get(access.object_id) if access.object_id else None
    return sorted(found.values(), key=lambda a: (a.first_at, a.last_at, str(a.object_id)))
