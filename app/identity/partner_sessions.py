"""Tokens of partners: opened, looked up at every request, closed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, update
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Permission, Surface
from app.core.clock import local_date
from app.core.database import Database
from app.core.errors import NotFoundError
from app.identity import partner_queries as queries
from app.identity.credentials import IssuedToken, new_token, token_hash
from app.identity.domain import ClientState, HolderKind, client_state
from app.identity.partner_models import (
    PartnerClient,
    PartnerPerson,
    PartnerSession,
    UsedAssertion,
)
from app.identity.ports import partner_is_active


@dataclass(frozen=True)
class Holder:
    """Whose token it is. title: of the client, or the person's name."""

    id: UUID
    partner_id: UUID
    kind: HolderKind
    title: str


def actor_of(holder: PartnerClient | PartnerPerson) -> Actor:
    return Actor(ActorKind.PARTNER, Surface.PARTNER, holder.id, partner_id=holder.partner_id)


def object_kind_of(holder: PartnerClient | PartnerPerson) -> str:
    return "partner_client" if isinstance(holder, PartnerClient) else "partner_person"


def may_enter(session: Session, holder: PartnerClient | PartnerPerson, at: datetime) -> bool:
    """Whether this client or person opens anything now, apart from what it shows as proof."""
    today = local_date(at)
    if isinstance(holder, PartnerClient):
        state = client_state(today=today, expires_on=holder.expires_on, ended_at=holder.ended_at)
        is_standing = state is ClientState.ACTIVE
    else:
        is_standing = holder.confirmed_at is not None and holder.ended_at is None
    return is_standing and partner_is_active(session, holder.partner_id, today)


def open_session(
    session: Session,
    holder: PartnerClient | PartnerPerson,
    *,
    lifetime: timedelta,
    at: datetime,
    proof: str,
) -> IssuedToken:
    """A token for who has proved to be the holder; proof: by which means, for the trail."""
    token = new_token()
    is_client = isinstance(holder, PartnerClient)
    session.add(
        PartnerSession(
            partner_client_id=holder.id if is_client else None,
            partner_person_id=None if is_client else holder.id,
            token_hash=token_hash(token),
            created_at=at,
            expires_at=at + lifetime,
        )
    )
    holder.last_used_at = at
    audit.record(
        session,
        actor_of(holder),
        Event.PARTNER_LOGGED_IN,
        object_kind_of(holder),
        holder.id,
        at=at,
        proof=proof,
    )
    return IssuedToken(token, int(lifetime.total_seconds()))


def authenticate(database: Database, token: str, at: datetime) -> Actor | None:
    """Who holds this token of a partner; None when it opens nothing, or nothing any more."""
    with database.snapshot() as session:
        holder = queries.find_session_holder(session, token_hash(token), at)
        if holder is None or not may_enter(session, holder, at):
            return None
        return actor_of(holder)


def read_holder(session: Session, actor: Actor) -> Holder:
    actor.require(Permission.PARTNER_SESSION_USE)
    client = session.get(PartnerClient, actor.id)
    if client is not None:
        return Holder(client.id, client.partner_id, HolderKind.CLIENT, client.title)
    person = session.get(PartnerPerson, actor.id)
    if person is None:
        raise NotFoundError
    return Holder(person.id, person.partner_id, HolderKind.PERSON, person.name)


def log_out(session: Session, actor: Actor, token: str, *, at: datetime) -> None:
    actor.require(Permission.PARTNER_SESSION_USE)
    holder = read_holder(session, actor)
    _close(session, PartnerSession.token_hash == token_hash(token), at=at)
    kind = f"partner_{holder.kind.value}"
    audit.record(session, actor, Event.PARTNER_LOGGED_OUT, kind, holder.id, at=at)


def end_others(session: Session, actor: Actor, token: str, *, at: datetime) -> None:
    """All of this client or person but the one with this token."""
    holder = read_holder(session, actor)
    its = or_(
        PartnerSession.partner_client_id == holder.id, PartnerSession.partner_person_id == holder.id
    )
    _close(session, its & (PartnerSession.token_hash != token_hash(token)), at=at)
    kind = f"partner_{holder.kind.value}"
    audit.record(session, actor, Event.SESSIONS_ENDED, kind, holder.id, at=at, which="others")


def close_sessions(
    session: Session, holder: PartnerClient | PartnerPerson, *, at: datetime
) -> None:
    """All of them, at once."""
    is_client = isinstance(holder, PartnerClient)
    column = PartnerSession.partner_client_id if is_client else PartnerSession.partner_person_id
    _close(session, column == holder.id, at=at)


def close_other_sessions(session: Session, person_id: UUID, token: str, *, at: datetime) -> None:
    """All of this person but the one with this token."""
    own = PartnerSession.partner_person_id == person_id
    _close(session, own & (PartnerSession.token_hash != token_hash(token)), at=at)


def forget_expired(session: Session, *, at: datetime) -> None:
    session.execute(delete(PartnerSession).where(PartnerSession.expires_at < at))
    session.execute(delete(UsedAssertion).where(UsedAssertion.expires_at < at))


def _close(session: Session, which: ColumnElement[bool], *, at: datetime) -> None:
    session.execute(
        update(PartnerSession)
        .where(which, PartnerSession.revoked_at.is_(None))
        .values(revoked_at=at)
    )
