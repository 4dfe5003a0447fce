"""Reading the clients, people and sessions of partners."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.identity.domain import as_client_id
from app.identity.partner_models import PartnerClient, PartnerPerson, PartnerSession


def visible_clients(actor: Actor) -> Select[PartnerClient]:
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    return select(PartnerClient)


def visible_people(actor: Actor) -> Select[PartnerPerson]:
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    return select(PartnerPerson)


def list_clients(
    session: Session, actor: Actor, partner_id: UUID, page: PageRequest
) -> Page[PartnerClient]:
    query = visible_clients(actor).where(PartnerClient.partner_id == partner_id)
    return fetch_page(session, query, page, order=(PartnerClient.created_at, PartnerClient.id))


def list_people(
    session: Session, actor: Actor, partner_id: UUID, page: PageRequest
) -> Page[PartnerPerson]:
    query = visible_people(actor).where(PartnerPerson.partner_id == partner_id)
    return fetch_page(session, query, page, order=(PartnerPerson.invited_at, PartnerPerson.id))


def lock_client(session: Session, actor: Actor, row_id: UUID) -> PartnerClient:
    client = session.scalar(
        visible_clients(actor).where(PartnerClient.id == row_id).with_for_update()
    )
    if client is None:
        raise NotFoundError
    return client


def lock_person(session: Session, actor: Actor, person_id: UUID) -> PartnerPerson:
    person = session.scalar(
        visible_people(actor).where(PartnerPerson.id == person_id).with_for_update()
    )
    if person is None:
        raise NotFoundError
    return person


def lock_own_person(session: Session, actor: Actor) -> PartnerPerson:
    """Raises NotFoundError for a client: it has no password."""
    actor.require(Permission.PARTNER_SESSION_USE)
    person = session.scalar(
        select(PartnerPerson).where(PartnerPerson.id == actor.id).with_for_update()
    )
    if person is None:
        raise NotFoundError
    return person


def visible_own_sessions(actor: Actor, *, at: datetime) -> Select[PartnerSession]:
    """Those of this client or person that open anything now."""
    actor.require(Permission.PARTNER_SESSION_USE)
    return select(PartnerSession).where(
        or_(
            PartnerSession.partner_client_id == actor.id,
            PartnerSession.partner_person_id == actor.id,
        ),
        PartnerSession.revoked_at.is_(None),
        PartnerSession.expires_at > at,
    )


def list_own_sessions(
    session: Session, actor: Actor, page: PageRequest, *, at: datetime
) -> Page[PartnerSession]:
    query = visible_own_sessions(actor, at=at)
    return fetch_page(session, query, page, order=(PartnerSession.created_at, PartnerSession.id))


def lock_client_logging_in(session: Session, client_id: str) -> PartnerClient | None:
    return session.scalar(
        select(PartnerClient)
        .where(PartnerClient.client_id == as_client_id(client_id))
        .with_for_update()
    )


def find_person_logging_in(
    session: Session, username: str, *, for_update: bool = False
) -> PartnerPerson | None:
    query = select(PartnerPerson).where(PartnerPerson.username == username)
    return session.scalar(query.with_for_update() if for_update else query)


def find_joining(
    session: Session, joining_hash: str, at: datetime, *, for_update: bool = False
) -> PartnerPerson | None:
    """Whose link this is, while it is open."""
    query = select(PartnerPerson).where(
        PartnerPerson.joining_hash == joining_hash, PartnerPerson.joining_until > at
    )
    return session.scalar(query.with_for_update() if for_update else query)


def find_session_holder(
    session: Session, token_hash: str, at: datetime
) -> PartnerClient | PartnerPerson | None:
    """The client or person of a session that is open now."""
    row = session.execute(
        select(PartnerClient, PartnerPerson)
        .select_from(PartnerSession)
        .outerjoin(PartnerClient, PartnerClient.id == PartnerSession.partner_client_id)
        .outerjoin(PartnerPerson, PartnerPerson.id == PartnerSession.partner_person_id)
        .where(
            PartnerSession.token_hash == token_hash,
            PartnerSession.expires_at > at,
            PartnerSession.revoked_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    client, person = row
    return client or person
