"""Reading accounts and sessions."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core.access import STAFF_PERMISSIONS, Actor, ActorKind, Permission, Surface
from app.core.errors import NotFoundError
from app.core.folding import fold_line
from app.core.paging import Page, PageRequest, fetch_page
from app.core.sealed_rows import open_value
from app.identity.factor_queries import factor_exists
from app.identity.models import StaffAccount, StaffInvitation, StaffRole, StaffSession


def visible_accounts(actor: Actor) -> Select[StaffAccount]:
    """Colleagues are visible to each other: work is handed over by name."""
    actor.require(Permission.COLLEAGUE_READ)
    return select(StaffAccount)


def list_accounts(session: Session, actor: Actor, page: PageRequest) -> Page[StaffAccount]:
    return fetch_page(session, visible_accounts(actor), page, order=(StaffAccount.username,))


def get_account(session: Session, actor: Actor, account_id: UUID) -> StaffAccount:
    account = session.scalar(visible_accounts(actor).where(StaffAccount.id == account_id))
    if account is None:
        raise NotFoundError
    return account


def find_account(session: Session, account_id: UUID) -> StaffAccount | None:
    """For what acts in a colleague's name without a session, such as a calendar."""
    return session.get(StaffAccount, account_id)


def find_by_username(session: Session, username: str) -> StaffAccount | None:
    return session.scalar(select(StaffAccount).where(StaffAccount.username == username))


def find_invited(session: Session, token_hash: str, at: datetime) -> StaffAccount | None:
    """Whose invitation this is, while it is open."""
    return session.scalar(
        select(StaffAccount)
        .join(StaffInvitation, StaffInvitation.account_id == StaffAccount.id)
        .where(
            StaffInvitation.token_hash == token_hash,
            StaffInvitation.expires_at > at,
            StaffAccount.is_active,
        )
    )


def find_session(
    session: Session, token_hash: str
) -> tuple[StaffSession, StaffAccount, bool] | None:
    """With whether the account has a second factor."""
    row = session.execute(
        select(StaffSession, StaffAccount, factor_exists(StaffAccount.id))
        .join(StaffAccount, StaffAccount.id == StaffSession.account_id)
        .where(StaffSession.token_hash == token_hash)
    ).one_or_none()
    return None if row is None else (row[0], row[1], bool(row[2]))


def visible_own_sessions(actor: Actor, *, at: datetime, idle: timedelta) -> Select[StaffSession]:
    """Those of one's own that open anything now."""
    actor.require(Permission.SESSION_USE)
    return select(StaffSession).where(
        StaffSession.account_id == actor.id,
        StaffSession.revoked_at.is_(None),
        StaffSession.expires_at > at,
        StaffSession.last_used_at > at - idle,
    )


def list_own_sessions(
    session: Session, actor: Actor, page: PageRequest, *, at: datetime, idle: timedelta
) -> Page[StaffSession]:
    query = visible_own_sessions(actor, at=at, idle=idle)
    return fetch_page(session, query, page, order=(StaffSession.created_at, StaffSession.id))


def is_active_account(session: Session, account_id: UUID) -> bool:
    return (
        session.scalar(
            select(StaffAccount.id).where(StaffAccount.id == account_id, StaffAccount.is_active)
        )
        is not None
    )


def active_actor(session: Session, account_id: UUID) -> Actor | None:
    """A colleague as the one for whom the system acts by itself; None when no longer active."""
    account = session.get(StaffAccount, account_id)
    if account is None or not account.is_active:
        return None
    return Actor(ActorKind.STAFF, Surface.COMMAND, account.id, frozenset(account.roles))


def accounts_named(session: Session, names: Collection[str]) -> list[UUID]:
    """The active colleagues who are called exactly so, case, accents and spaces apart.

    Names lie sealed, so each is opened: colleagues are few.
    """
    wanted = {fold_line(name) for name in names}
    rows = session.execute(
        select(StaffAccount.id, StaffAccount.display_name)
        .where(StaffAccount.is_active)
        .order_by(StaffAccount.id)
    ).mappings()
    return [
        row["id"]
        for row in rows
        if fold_line(open_value(session, StaffAccount, {**row}, "display_name")) in wanted
    ]


def has_active_with(session: Session, permission: Permission, *, without: Select[UUID]) -> bool:
    """Whether an active colleague may do it who is not among these."""
    roles = [role for role, granted in STAFF_PERMISSIONS.items() if permission in granted]
    found = (
        select(StaffAccount.id)
        .join(StaffRole, StaffRole.account_id == StaffAccount.id)
        .where(StaffAccount.is_active, StaffRole.role.in_(roles), StaffAccount.id.not_in(without))
    )
    return session.scalar(found.limit(1)) is not None
