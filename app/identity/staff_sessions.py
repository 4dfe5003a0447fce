"""Sessions of colleagues: opened, looked up at every request, proved again, closed."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Permission, Surface
from app.core.database import Database
from app.core.errors import NotFoundError
from app.identity import queries
from app.identity.credentials import IssuedToken, new_token, token_hash
from app.identity.domain import (
    FORGOTTEN_AFTER,
    Proof,
    is_enough,
    is_live,
    lacks_factor,
)
from app.identity.factor_models import LoginStep
from app.identity.models import LoginThrottle, StaffAccount, StaffInvitation, StaffSession
from app.identity.openid_models import OpenIdStep

USED_AT_PRECISION = timedelta(minutes=1)
"""`last_used_at` is written at most this often: a read must not cost a write each time."""


def actor_of(account: StaffAccount) -> Actor:
    return Actor(ActorKind.STAFF, Surface.STAFF, account.id, frozenset(account.roles))


def open_session(
    session: Session,
    account: StaffAccount,
    *,
    proof: Proof,
    lifetime: timedelta,
    at: datetime,
    proved_at: datetime | None = None,
) -> IssuedToken:
    """A token for who has proved to be this colleague; proved_at: when, if not just now."""
    token = new_token()
    session.add(
        StaffSession(
            account_id=account.id,
            token_hash=token_hash(token),
            created_at=at,
            last_used_at=at,
            expires_at=at + lifetime,
            proved_at=proved_at or at,
            proved_by=proof,
        )
    )
    audit.record(
        session,
        actor_of(account),
        Event.LOGGED_IN,
        "account",
        account.id,
        at=at,
        proof=proof.value,
    )
    return IssuedToken(token, int(lifetime.total_seconds()))


def authenticate(
    database: Database,
    token: str,
    at: datetime,
    *,
    idle: timedelta,
    must_have_second_factor: bool = False,
) -> Actor | None:
    """Who holds this staff token; None when it is unknown, idle, expired or revoked."""
    with database.snapshot() as session:
        found = queries.find_session(session, token_hash(token))
    if found is None:
        return None
    staff_session, account, has_factor = found
    if not account.is_active or not is_live(
        now=at,
        last_used_at=staff_session.last_used_at,
        expires_at=staff_session.expires_at,
        revoked_at=staff_session.revoked_at,
        idle=idle,
    ):
        return None
    if at - staff_session.last_used_at >= USED_AT_PRECISION:
        with database.transaction() as session:
            session.execute(
                update(StaffSession)
                .where(StaffSession.id == staff_session.id)
                .values(last_used_at=at)
            )
    proof = staff_session.proved_by
    return Actor(
        kind=ActorKind.STAFF,
        surface=Surface.STAFF,
        id=account.id,
        roles=frozenset(account.roles),
        proved_at=staff_session.proved_at if is_enough(proof, has_factor=has_factor) else None,
        lacks_second_factor=lacks_factor(
            proof, has_factor=has_factor, is_demanded=must_have_second_factor
        ),
    )


def note_proof(session: Session, token: str, account_id: UUID, proof: Proof, at: datetime) -> None:
    """The holder of this session has shown again who they are."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.token_hash == token_hash(token), StaffSession.account_id == account_id)
        .values(proved_at=at, proved_by=proof)
    )


def log_out(session: Session, actor: Actor, token: str, *, at: datetime) -> None:
    actor.require(Permission.SESSION_USE)
    _close(session, actor.id, StaffSession.token_hash == token_hash(token), at=at)
    audit.record(session, actor, Event.LOGGED_OUT, "account", actor.id, at=at)


def end_own(
    session: Session, actor: Actor, session_id: UUID, *, at: datetime, idle: timedelta
) -> None:
    """Raises NotFoundError unless it is one's own and open."""
    own = queries.visible_own_sessions(actor, at=at, idle=idle)
    found = session.scalar(own.where(StaffSession.id == session_id).with_for_update())
    if found is None:
        raise NotFoundError
    found.revoked_at = at
    audit.record(session, actor, Event.SESSIONS_ENDED, "account", actor.id, at=at, which="one")


def end_others(session: Session, actor: Actor, token: str, *, at: datetime) -> None:
    """All of one's own but the one with this token."""
    actor.require(Permission.SESSION_USE)
    close_other_sessions(session, actor.id or UUID(int=0), token, at=at)
    audit.record(session, actor, Event.SESSIONS_ENDED, "account", actor.id, at=at, which="others")


def close_sessions(session: Session, account_id: UUID, *, at: datetime) -> None:
    """All of them, at once; what was begun in two steps as well."""
    _close(session, account_id, at=at)
    for steps in (LoginStep, OpenIdStep):
        session.execute(delete(steps).where(steps.account_id == account_id))


def close_other_sessions(session: Session, account_id: UUID, token: str, *, at: datetime) -> None:
    """All but the one with this token; what was begun in two steps as well."""
    _close(session, account_id, StaffSession.token_hash != token_hash(token), at=at)
    session.execute(delete(LoginStep).where(LoginStep.account_id == account_id))


def forget_expired(session: Session, *, at: datetime) -> None:
    session.execute(delete(StaffSession).where(StaffSession.expires_at < at))
    for steps in (LoginStep, OpenIdStep, StaffInvitation):
        session.execute(delete(steps).where(steps.expires_at < at))
    session.execute(
        delete(LoginThrottle).where(LoginThrottle.last_failed_at < at - FORGOTTEN_AFTER)
    )


def _close(
    session: Session, account_id: UUID | None, *which: ColumnElement[bool], at: datetime
) -> None:
    session.execute(
        update(StaffSession)
        .where(StaffSession.account_id == account_id, StaffSession.revoked_at.is_(None), *which)
        .values(revoked_at=at)
    )
