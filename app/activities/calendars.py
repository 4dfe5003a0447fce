"""Calendar feeds: who holds a secret address sees kinds and days, and nothing that was typed.

That a feed was fetched does not stand in the trail: it holds no personal data, and programs fetch
it every few hours.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app.activities import queries
from app.activities.ical import CalendarEntry, render
from app.activities.models import Activity, CalendarAddress
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Permission, Surface
from app.core.clock import local_date
from app.core.due import DueItem
from app.core.errors import ConflictError, NotFoundError
from app.identity import queries as identity_queries
from app.partners import queries as partner_queries
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Language, Vocabulary

PAST = timedelta(days=365)
AHEAD = timedelta(days=180)
MOST = 500

DueOfPerson = Callable[[Session, Actor, date, date], Sequence[DueItem]]
"""(session, colleague, today, last day): what is due that is assigned to them."""

TASK_KINDS = frozenset({"task", "action_point", "prevention_point"})
TASK = {Language.NL: "Taak", Language.FR: "Tâche", Language.EN: "Task"}
FOLLOW_UP = {Language.NL: "Opvolging", Language.FR: "Suivi", Language.EN: "Follow-up"}
NAMES = {
    Language.NL: "Gelijkebehandelingsbureau",
    Language.FR: "Bureau de l'égalité de traitement",
    Language.EN: "Equal-treatment bureau",
}

_sources: dict[str, DueOfPerson] = {}


def register(name: str, source: DueOfPerson) -> None:
    """What else belongs in a colleague's calendar; registering again replaces it."""
    _sources[name] = source


@dataclass(frozen=True)
class IssuedAddress:
    token: str
    issued_at: datetime


def issue_own(session: Session, actor: Actor, *, at: datetime) -> IssuedAddress:
    """A colleague's own address. The one before stops working."""
    actor.require(Permission.CALENDAR_USE)
    if actor.id is None:
        raise NotFoundError
    address = queries.address_of(session, account_id=actor.id)
    return _issue(session, actor, address or CalendarAddress(account_id=actor.id), at=at)


def issue_for_partner(
    session: Session, actor: Actor, partner_id: UUID, *, at: datetime
) -> IssuedAddress:
    """The address of a partner. The one before stops working."""
    actor.require(Permission.PARTNER_MANAGE)
    partner = partner_queries.get_partner(session, actor, partner_id)
    if not partner_queries.is_active_partner(session, partner.id, local_date(at)):
        raise ConflictError("This partner has ended.", code="partner_ended")
    address = queries.address_of(session, partner_id=partner.id)
    return _issue(session, actor, address or CalendarAddress(partner_id=partner.id), at=at)


def read_feed(session: Session, token: str, *, language: Language, at: datetime) -> str:
    """The calendar behind an address.

    Raises NotFoundError when nobody has it, or no longer: an address that was renewed, a colleague
    or partner that has ended, a colleague whose role has no calendar.
    """
    address = queries.find_address(session, _hashed(token))
    if address is None:
        raise NotFoundError
    today = local_date(at)
    words = vocabulary.current(session)
    if address.account_id is not None:
        actor = _colleague(session, address.account_id)
        activities = queries.activities_of_account(
            session, address.account_id, since=today - PAST, most=MOST
        )
        due = _due(session, actor, today)
    else:
        assert address.partner_id is not None  # noqa: S101  (one of the two, see the CHECK)
        if not partner_queries.is_active_partner(session, address.partner_id, today):
            raise NotFoundError
        activities = queries.activities_of_partner(
            session, address.partner_id, since=today - PAST, most=MOST
        )
        due = []
    entries = [_of_activity(row, words, language) for row in activities]
    entries += _of_due(due, language, stamp=address.issued_at)
    return render(entries, name=NAMES[language])


def _issue(
    session: Session, actor: Actor, address: CalendarAddress, *, at: datetime
) -> IssuedAddress:
    token = secrets.token_urlsafe(32)
    address.token_hash = _hashed(token)
    address.issued_at = at
    session.add(address)
    kind = "account" if address.account_id else "partner"
    audit.record(
        session, actor, Event.CALENDAR_ISSUED, kind, address.account_id or address.partner_id, at=at
    )
    return IssuedAddress(token, at)


def _hashed(token: str) -> str:
    """A random token needs no slow hash: it cannot be guessed from a list."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _colleague(session: Session, account_id: UUID) -> Actor:
    account = identity_queries.find_account(session, account_id)
    if account is None or not account.is_active:
        raise NotFoundError
    actor = Actor(ActorKind.STAFF, Surface.PUBLIC, account.id, frozenset(account.roles))
    if not actor.may(Permission.CALENDAR_USE):
        raise NotFoundError
    return actor


def _due(session: Session, actor: Actor, today: date) -> list[DueItem]:
    found: list[DueItem] = []
    for source in _sources.values():
        found += source(session, actor, today, today + AHEAD)
    return found[:MOST]


def _of_activity(activity: Activity, words: Vocabulary, language: Language) -> CalendarEntry:
    """The kind and the reference: a title is typed, and may name a case or a person."""
    kind = words.label(CodeList.ACTIVITY_KINDS, activity.kind, language)
    return CalendarEntry(
        uid=str(activity.id),
        title=f"{kind[:1].upper()}{kind[1:]} {activity.reference}",
        first=activity.held_on,
        last=activity.ended_on or activity.held_on,
        stamp=activity.changed_at,
        category=kind,
        sequence=activity.version - 1,
        is_cancelled=activity.is_cancelled,
    )


def _of_due(
    items: Sequence[DueItem], language: Language, *, stamp: datetime
) -> list[CalendarEntry]:
    """One word and the reference: what it is about stays in the house."""
    seen: Counter[str] = Counter()
    entries = []
    for item in items:
        word = (TASK if item.kind in TASK_KINDS else FOLLOW_UP)[language]
        key = f"{item.kind} {item.due_on}"
        count = seen[f"{key} {item.object_id}"]
        seen[f"{key} {item.object_id}"] += 1
        entries.append(
            CalendarEntry(
                uid=str(uuid5(item.object_id, f"{key} {count}")),
                title=f"{word} {item.reference}",
                first=item.due_on,
                last=item.due_on,
                stamp=stamp,
                category=word,
                is_busy=False,
            )
        )
    return entries
