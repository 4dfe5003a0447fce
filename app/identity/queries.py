"""Reading accounts and sessions."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core.access import Actor, ActorKind, Permission, Surface
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.identity.models import StaffAccount, StaffSession


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


def find_session(session: Session, token_hash: str) -> tuple[StaffSession, StaffAccount] | None:
    row = session.execute(
        select(StaffSession, StaffAccount)
        .join(StaffAccount, StaffAccount.id == StaffSession.account_id)
        .where(StaffSession.token_hash == token_hash)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


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
