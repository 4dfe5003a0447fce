"""Clients of partners: made, rotated, ended, and logged in."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Permission, Surface
from app.core.clock import local_date
from app.core.database import Database
from app.core.errors import ConflictError, NotAuthenticatedError, invalid
from app.core.rows import insert_new_row
from app.identity import assertions, throttle
from app.identity import partner_queries as queries
from app.identity.credentials import IssuedToken, new_token, token_hash
from app.identity.domain import (
    CLIENT_LIFE,
    LONGEST_CLIENT_LIFE,
    ClientState,
    as_client_id,
    client_state,
)
from app.identity.partner_models import PartnerClient, UsedAssertion
from app.identity.partner_sessions import close_sessions, may_enter, open_session

_NOBODYS_HASH = token_hash(new_token())


@dataclass(frozen=True)
class NewSecret:
    """A client with its secret, which is shown this once."""

    client: PartnerClient
    secret: str


@dataclass(frozen=True)
class SecretProof:
    """A client shows its secret."""

    client_id: str
    secret: str

    name = "secret"

    def is_good(self, _session: Session, client: PartnerClient | None, at: datetime) -> bool:
        given = token_hash(self.secret)
        is_present = hmac.compare_digest(given, client.secret_hash if client else _NOBODYS_HASH)
        if client is None or client.previous_secret_until is None:
            return is_present
        is_previous = hmac.compare_digest(given, client.previous_secret_hash or _NOBODYS_HASH)
        return is_present or (is_previous and at < client.previous_secret_until)


@dataclass(frozen=True)
class AssertionProof:
    """A client signs instead. audience: the address that the signature must be meant for."""

    assertion: str
    audience: str

    name = "assertion"

    @property
    def client_id(self) -> str:
        return assertions.claimed_client_id(self.assertion)

    def is_good(self, session: Session, client: PartnerClient | None, at: datetime) -> bool:
        verified = assertions.verify(
            self.assertion,
            client_id=client.client_id if client else "",
            public_key=client.public_key if client else None,
            audience=self.audience,
            at=at,
        )
        if client is None or verified is None:
            return False
        row = {
            "assertion_hash": token_hash(f"{client.client_id}\n{verified.jti}"),
            "expires_at": verified.expires_at,
        }
        return insert_new_row(session, UsedAssertion, row)


def create_client(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    *,
    title: str,
    expires_on: date | None,
    at: datetime,
) -> NewSecret:
    """expires_on: its last day; a year from now when not said."""
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    secret = new_token()
    client = PartnerClient(
        partner_id=partner_id,
        title=title,
        client_id=new_token()[:24],
        secret_hash=token_hash(secret),
        created_at=at,
        expires_on=_expiry(expires_on, local_date(at)),
    )
    session.add(client)
    session.flush()  # gives the id that the trail names
    _record(session, actor, Event.PARTNER_CLIENT_CREATED, client, at=at)
    return NewSecret(client, secret)


def rotate_secret(
    session: Session, actor: Actor, row_id: UUID, *, overlap_hours: int, at: datetime
) -> NewSecret:
    """A new secret; the present one works `overlap_hours` more, an older one no longer.

    Without overlap the old secret may have leaked: what was opened with it closes too.
    """
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    client = queries.lock_client(session, actor, row_id)
    _require_active(client, at)
    secret = new_token()
    has_overlap = overlap_hours > 0
    client.previous_secret_hash = client.secret_hash if has_overlap else None
    client.previous_secret_until = at + timedelta(hours=overlap_hours) if has_overlap else None
    client.secret_hash = token_hash(secret)
    if not has_overlap:
        close_sessions(session, client, at=at)
    _record(
        session,
        actor,
        Event.PARTNER_CLIENT_CHANGED,
        client,
        at=at,
        change="secret",
        overlap_hours=overlap_hours,
    )
    return NewSecret(client, secret)


def set_key(
    session: Session, actor: Actor, row_id: UUID, jwk: Mapping[str, Any], *, at: datetime
) -> PartnerClient:
    """The key that the client signs with. Another key closes what the one before opened."""
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    client = queries.lock_client(session, actor, row_id)
    _require_active(client, at)
    public_key = assertions.check_public_key(jwk)
    if client.public_key is not None and client.public_key != public_key:
        close_sessions(session, client, at=at)
    client.public_key = public_key
    _record(session, actor, Event.PARTNER_CLIENT_CHANGED, client, at=at, change="key")
    return client


def end_client(session: Session, actor: Actor, row_id: UUID, *, at: datetime) -> PartnerClient:
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    client = queries.lock_client(session, actor, row_id)
    if client.ended_at is not None:
        raise ConflictError("This client was ended before.", code="client_ended")
    client.ended_at = at
    close_sessions(session, client, at=at)
    _record(session, actor, Event.PARTNER_CLIENT_CHANGED, client, at=at, change="end")
    return client


def log_in(
    database: Database,
    proof: SecretProof | AssertionProof,
    *,
    address: str,
    throttle_key: bytes,
    lifetime: timedelta,
    at: datetime,
) -> IssuedToken:
    """A token for a client.

    Raises NotAuthenticatedError (unknown, expired, ended, inactive partner, wrong or replayed
    proof: all alike), TooManyAttemptsError.
    """
    client_id = as_client_id(proof.client_id)
    key_hash = throttle.key_of(throttle_key, "partner_client", client_id, address)
    with database.snapshot() as session:
        throttle.require_no_wait(session, key_hash, at)
    with database.transaction() as session:
        client = queries.lock_client_logging_in(session, client_id)
        # A client that may not enter is judged as nobody, so that it takes as long.
        judged = client if client is not None and may_enter(session, client, at) else None
        is_good = proof.is_good(session, judged, at)
        if judged is not None and is_good:
            throttle.forget_failures(session, key_hash)
            return open_session(session, judged, lifetime=lifetime, at=at, proof=proof.name)
        throttle.note_failure(session, key_hash, at)
        audit.record(
            session,
            Actor(ActorKind.ANYBODY, Surface.PARTNER),
            Event.PARTNER_LOGIN_FAILED,
            "partner_client",
            client.id if client else None,
            at=at,
            proof=proof.name,
        )
    raise refused_client()


def refused_client() -> NotAuthenticatedError:
    return NotAuthenticatedError("These credentials open nothing.", code="invalid_client")


def _expiry(expires_on: date | None, today: date) -> date:
    if expires_on is None:
        return today + CLIENT_LIFE
    if expires_on < today:
        raise invalid("/expires_on", "lies in the past", "in_the_past")
    if expires_on > today + LONGEST_CLIENT_LIFE:
        raise invalid("/expires_on", "more than three years ahead", "too_far_ahead")
    return expires_on


def _require_active(client: PartnerClient, at: datetime) -> None:
    state = client_state(
        today=local_date(at), expires_on=client.expires_on, ended_at=client.ended_at
    )
    if state is not ClientState.ACTIVE:
        raise ConflictError("This client is no longer active.", code=f"client_{state.value}")


def _record(
    session: Session,
    actor: Actor,
    event: Event,
    client: PartnerClient,
    *,
    at: datetime,
    **details: audit.Detail,
) -> None:
    audit.record(session, actor, event, "partner_client", client.id, at=at, **details)
