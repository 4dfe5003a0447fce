"""Reading second factors: of oneself, or at the door."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from app.core.access import Actor, Permission
from app.core.errors import NotFoundError
from app.identity.factor_models import StaffPasskey, StaffRecoveryCode, StaffTotp
from app.identity.models import StaffAccount


def factor_exists(account_id: InstrumentedAttribute[UUID] | UUID) -> ColumnElement[bool]:
    """Whether this account has a second factor in use."""
    return or_(
        select(StaffTotp.account_id)
        .where(StaffTotp.account_id == account_id, StaffTotp.confirmed_at.is_not(None))
        .exists(),
        select(StaffPasskey.id).where(StaffPasskey.account_id == account_id).exists(),
    )


def has_factor(session: Session, account_id: UUID) -> bool:
    return bool(session.scalar(select(factor_exists(account_id))))


def lock_active_account(session: Session, account_id: UUID | None) -> StaffAccount | None:
    """What is shown for an account is used by one at a time."""
    return session.scalar(
        select(StaffAccount)
        .where(StaffAccount.id == account_id, StaffAccount.is_active)
        .with_for_update()
    )


def lock_own_account(session: Session, actor: Actor) -> StaffAccount:
    actor.require(Permission.SESSION_USE)
    account = lock_active_account(session, actor.id)
    if account is None:
        raise NotFoundError
    return account


def find_totp(session: Session, account_id: UUID) -> StaffTotp | None:
    return session.get(StaffTotp, account_id)


def confirmed_totp(session: Session, account_id: UUID) -> StaffTotp | None:
    totp = find_totp(session, account_id)
    return totp if totp is not None and totp.confirmed_at is not None else None


def list_passkeys(session: Session, account_id: UUID) -> Sequence[StaffPasskey]:
    return session.scalars(
        select(StaffPasskey)
        .where(StaffPasskey.account_id == account_id)
        .order_by(StaffPasskey.made_at, StaffPasskey.id)
    ).all()


def find_passkey(session: Session, account_id: UUID, passkey_id: UUID) -> StaffPasskey:
    passkey = session.scalar(
        select(StaffPasskey).where(
            StaffPasskey.account_id == account_id, StaffPasskey.id == passkey_id
        )
    )
    if passkey is None:
        raise NotFoundError
    return passkey


def find_credential(session: Session, credential_hash: str) -> StaffPasskey | None:
    """Locked: the counter of a device is compared and raised by one at a time."""
    return session.scalar(
        select(StaffPasskey)
        .where(StaffPasskey.credential_hash == credential_hash)
        .with_for_update()
    )


def count_recovery_codes(session: Session, account_id: UUID) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(StaffRecoveryCode)
            .where(StaffRecoveryCode.account_id == account_id)
        )
        or 0
    )
