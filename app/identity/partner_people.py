"""People of partners: invited, invited again, ended. Joining and logging in: `partner_joining`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError
from app.core.paging import Page, PageRequest
from app.identity import partner_queries as queries
from app.identity.credentials import new_token, token_hash
from app.identity.domain import InvitationLanguage
from app.identity.invitation_mail import invitation_text
from app.identity.partner_models import PartnerPerson, RecoveryCode
from app.identity.partner_sessions import close_sessions
from app.identity.ports import queue_mail


@dataclass(frozen=True)
class InvitationTerms:
    """bureau: its name in the mail; public_url: where its pages are."""

    bureau: str
    public_url: str
    lifetime: timedelta


@dataclass(frozen=True)
class Invitation:
    """token: shown this once, and in the mail."""

    person: PartnerPerson
    token: str
    url: str
    until: datetime


def invite(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    *,
    name: str,
    email: str,
    language: InvitationLanguage,
    terms: InvitationTerms,
    at: datetime,
) -> Invitation:
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    person = PartnerPerson(partner_id=partner_id, name=name, email=email, invited_at=at)
    session.add(person)
    session.flush()  # gives the id that the trail names
    return _send(session, actor, person, language=language, terms=terms, at=at)


def invite_again(
    session: Session,
    actor: Actor,
    person_id: UUID,
    *,
    language: InvitationLanguage,
    terms: InvitationTerms,
    at: datetime,
) -> Invitation:
    """A new link: an earlier one ran out, or the password or the second factor is lost.

    What the person had to log in with ends at once, and so do the open sessions.
    """
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    person = queries.lock_person(session, actor, person_id)
    _require_not_ended(person)
    _take_credentials(session, person, at=at)
    return _send(session, actor, person, language=language, terms=terms, at=at)


def end_person(session: Session, actor: Actor, person_id: UUID, *, at: datetime) -> PartnerPerson:
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    person = queries.lock_person(session, actor, person_id)
    _require_not_ended(person)
    _take_credentials(session, person, at=at)
    person.ended_at = at
    audit.record(
        session,
        actor,
        Event.PARTNER_PERSON_CHANGED,
        "partner_person",
        person.id,
        at=at,
        change="end",
    )
    return person


def read_people(
    session: Session, actor: Actor, partner_id: UUID, page: PageRequest, *, at: datetime
) -> Page[PartnerPerson]:
    """Names and addresses: that they were read stands in the trail."""
    found = queries.list_people(session, actor, partner_id, page)
    audit.record(
        session, actor, Event.PARTNER_READ, "partner", partner_id, at=at, people=len(found.items)
    )
    return found


def _send(
    session: Session,
    actor: Actor,
    person: PartnerPerson,
    *,
    language: InvitationLanguage,
    terms: InvitationTerms,
    at: datetime,
) -> Invitation:
    token = new_token()
    person.joining_hash = token_hash(token)
    until = person.joining_until = at + terms.lifetime
    # Behind the #: a browser sends that part to no server, so it stands in no log.
    url = f"{terms.public_url}/partner/invitation#{token}"
    last_day = local_date(until) - timedelta(days=1)
    subject, body = invitation_text(language, bureau=terms.bureau, url=url, last_day=last_day)
    queue_mail(session, person.email, subject, body, at)
    audit.record(session, actor, Event.PARTNER_PERSON_INVITED, "partner_person", person.id, at=at)
    return Invitation(person, token, url, until)


def _take_credentials(session: Session, person: PartnerPerson, *, at: datetime) -> None:
    person.username = None
    person.password_hash = None
    person.totp_secret = None
    person.confirmed_at = None
    person.joining_hash = None
    person.joining_until = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    close_sessions(session, person, at=at)


def _require_not_ended(person: PartnerPerson) -> None:
    if person.ended_at is not None:
        raise ConflictError("This account was ended before.", code="person_ended")
