"""Accounts: made, changed, logged in and out."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Permission, Role, Surface
from app.core.database import Database
from app.core.errors import ConflictError, NotAuthenticatedError, invalid
from app.identity import queries, throttle
from app.identity.credentials import (
    IssuedToken,
    hash_password,
    is_password,
    new_token,
    token_hash,
)
from app.identity.domain import FORGOTTEN_AFTER, is_live
from app.identity.models import LoginThrottle, StaffAccount, StaffRole, StaffSession

USED_AT_PRECISION = timedelta(minutes=1)
"""`last_used_at` is written at most this often: a read must not cost a write each time."""


def create_account(
    session: Session,
    actor: Actor,
    *,
    username: str,
    display_name: str,
    password: str,
    roles: Collection[Role],
    at: datetime,
) -> StaffAccount:
    actor.require(Permission.ACCOUNT_MANAGE)
    if queries.find_by_username(session, username) is not None:
        raise ConflictError("This username exists.", code="username_taken")
    account = StaffAccount(
        username=username,
        display_name=display_name,
        password_hash=hash_password(password),
        created_at=at,
        role_rows=[StaffRole(role=role) for role in sorted(set(roles))],
    )
    session.add(account)
    session.flush()  # gives the id that the trail names
    audit.record(
        session, actor, Event.ACCOUNT_CREATED, "account", account.id, at=at, roles=_names(roles)
    )
    return account


def change_account(
    session: Session,
    actor: Actor,
    account_id: UUID,
    *,
    expected_version: int | None,
    at: datetime,
    display_name: str | None = None,
    password: str | None = None,
    roles: Collection[Role] | None = None,
    is_active: bool | None = None,
) -> StaffAccount:
    """Change what is given. A new password, new roles or an end closes every open session."""
    actor.require(Permission.ACCOUNT_MANAGE)
    account = queries.get_account(session, actor, account_id)
    account.require_version(expected_version)
    loses_admin = (roles is not None and Role.ADMIN not in roles) or is_active is False
    if account.id == actor.id and loses_admin:
        raise ConflictError(
            "Another administrator must take this role from you.", code="own_admin_role"
        )
    if display_name is not None:
        account.display_name = display_name
    if password is not None:
        account.password_hash = hash_password(password)
    if roles is not None:
        account.role_rows = [
            next((r for r in account.role_rows if r.role == role), StaffRole(role=role))
            for role in sorted(set(roles))
        ]
    if is_active is not None:
        account.is_active = is_active
    account.touch()
    if password is not None or roles is not None or is_active is False:
        session.execute(
            update(StaffSession)
            .where(StaffSession.account_id == account.id, StaffSession.revoked_at.is_(None))
            .values(revoked_at=at)
        )
    audit.record(
        session,
        actor,
        Event.ACCOUNT_CHANGED,
        "account",
        account.id,
        at=at,
        roles=None if roles is None else _names(roles),
        is_active=is_active,
        has_new_password=password is not None,
    )
    return account


def log_in(
    database: Database,
    *,
    username: str,
    password: str,
    address: str,
    throttle_key: bytes,
    lifetime: timedelta,
    at: datetime,
) -> IssuedToken:
    """A new session. The password is checked outside any transaction: it is slow by intent.

    Raises NotAuthenticatedError (wrong name and wrong password alike), TooManyAttemptsError.
    """
    key_hash = throttle.key_of(throttle_key, "staff", username, address)
    with database.snapshot() as session:
        throttle.require_no_wait(session, key_hash, at)
        account = queries.find_by_username(session, username)
    is_right = is_password(password, account.password_hash if account else None)
    with database.transaction() as session:
        if account is not None and is_right and queries.is_active_account(session, account.id):
            throttle.forget_failures(session, key_hash)
            return _open_session(session, account, lifetime=lifetime, at=at)
        throttle.note_failure(session, key_hash, at)
        nobody = Actor(ActorKind.ANYBODY, Surface.STAFF)
        tried = account.id if account else None
        audit.record(session, nobody, Event.LOGIN_FAILED, "account", tried, at=at)
    raise NotAuthenticatedError("The username or the password is wrong.", code="wrong_login")


def log_out(session: Session, actor: Actor, token: str, *, at: datetime) -> None:
    actor.require(Permission.SESSION_USE)
    session.execute(
        update(StaffSession)
        .where(StaffSession.token_hash == token_hash(token), StaffSession.account_id == actor.id)
        .values(revoked_at=at)
    )
    audit.record(session, actor, Event.LOGGED_OUT, "account", actor.id, at=at)


def authenticate(database: Database, token: str, at: datetime, *, idle: timedelta) -> Actor | None:
    """Who holds this staff token; None when it is unknown, idle, expired or revoked."""
    with database.snapshot() as session:
        found = queries.find_session(session, token_hash(token))
    if found is None:
        return None
    staff_session, account = found
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
    return Actor(
        kind=ActorKind.STAFF,
        surface=Surface.STAFF,
        id=account.id,
        roles=frozenset(account.roles),
    )


def forget_expired(session: Session, *, at: datetime) -> None:
    session.execute(delete(StaffSession).where(StaffSession.expires_at < at))
    session.execute(
        delete(LoginThrottle).where(LoginThrottle.last_failed_at < at - FORGOTTEN_AFTER)
    )


def _open_session(
    session: Session, account: StaffAccount, *, lifetime: timedelta, at: datetime
) -> IssuedToken:
    token = new_token()
    session.add(
        StaffSession(
            account_id=account.id,
            token_hash=token_hash(token),
            created_at=at,
            last_used_at=at,
            expires_at=at + lifetime,
        )
    )
    actor = Actor(ActorKind.STAFF, Surface.STAFF, account.id, frozenset(account.roles))
    audit.record(session, actor, Event.LOGGED_IN, "account", account.id, at=at)
    return IssuedToken(token, int(lifetime.total_seconds()))


def _names(roles: Collection[Role]) -> str:
    return " ".join(sorted(role.value for role in roles))


def require_assignable(
    session: Session, account_id: UUID, pointer: str, permission: Permission
) -> Actor:
    """Raises InvalidInputError unless this is an active colleague who may do it."""
    colleague = queries.active_actor(session, account_id)
    if colleague is None:
        raise invalid(pointer, "not an active colleague", "unknown_account")
    if not colleague.may(permission):
        raise invalid(pointer, "this colleague's role does not allow it", "wrong_role")
    return colleague
