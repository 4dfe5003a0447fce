"""Accounts: made and changed."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission, Role
from app.core.errors import ConflictError, invalid
from app.identity import queries
from app.identity.credentials import hash_password
from app.identity.models import NO_PASSWORD, StaffAccount, StaffRole
from app.identity.staff_invitations import end_invitation
from app.identity.staff_sessions import close_sessions


def create_account(
    session: Session,
    actor: Actor,
    *,
    username: str,
    display_name: str,
    roles: Collection[Role],
    at: datetime,
    password: str | None = None,
) -> StaffAccount:
    """password: only of invented colleagues; others choose their own (`staff_invitations`)."""
    actor.require(Permission.ACCOUNT_MANAGE)
    if queries.find_by_username(session, username) is not None:
        raise ConflictError("This username exists.", code="username_taken")
    account = StaffAccount(
        username=username,
        display_name=display_name,
        password_hash=NO_PASSWORD if password is None else hash_password(password),
        created_at=at,
        role_rows=[StaffRole(role=role) for role in sorted(set(roles))],
    )
    session.add(account)
    session.flush()  # gives the id that the trail names
    audit.record(
        session, actor, Event.ACCOUNT_CREATED, "account", account.id, at=at, roles=role_names(roles)
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
    roles: Collection[Role] | None = None,
    is_active: bool | None = None,
) -> StaffAccount:
    """Change what is given. New roles or an end closes every open session."""
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
    if roles is not None:
        set_roles(account, roles)
    if is_active is not None:
        account.is_active = is_active
    account.touch()
    if is_active is False:
        end_invitation(session, account.id)
    if roles is not None or is_active is False:
        close_sessions(session, account.id, at=at)
    audit.record(
        session,
        actor,
        Event.ACCOUNT_CHANGED,
        "account",
        account.id,
        at=at,
        roles=None if roles is None else role_names(roles),
        is_active=is_active,
    )
    return account


def set_roles(account: StaffAccount, roles: Collection[Role]) -> None:
    account.role_rows = [
        next((r for r in account.role_rows if r.role == role), StaffRole(role=role))
        for role in sorted(set(roles))
    ]


def role_names(roles: Collection[Role]) -> str:
    """As the trail keeps them."""
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
