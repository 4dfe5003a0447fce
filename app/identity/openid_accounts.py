"""Whose account an identity of the provider is: found, made at the first login, roles renewed.

Found by issuer and subject, never by a name or an e-mail address: those are given anew, or chosen.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Role, Surface
from app.core.errors import ConflictError
from app.identity import factor_queries, queries
from app.identity.id_tokens import Identity
from app.identity.models import NO_PASSWORD, StaffAccount, StaffRole
from app.identity.openid_models import StaffIdentity
from app.identity.service import role_names, set_roles
from app.identity.staff_sessions import close_sessions

PROVIDER = Actor(ActorKind.SYSTEM, Surface.STAFF)
"""Who gives and takes the roles."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
_NOT_IN_A_NAME = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
LONGEST_NAME = 100


def subject_hash(identity: Identity) -> str:
    """A subject holds no line break (`id_tokens.verify`), so no two pairs read alike."""
    return hashlib.sha256(f"{identity.issuer}\n{identity.subject}".encode()).hexdigest()


def granted_roles(identity: Identity, grants: Mapping[str, Sequence[Role]]) -> frozenset[Role]:
    """grants: what a value of the roles claim grants."""
    return frozenset(role for value in identity.groups for role in grants.get(value, ()))


def find(session: Session, identity: Identity) -> UUID | None:
    """The account, active or ended."""
    return session.scalar(
        select(StaffIdentity.account_id).where(StaffIdentity.subject_hash == subject_hash(identity))
    )


def create(
    session: Session, identity: Identity, roles: frozenset[Role], *, at: datetime
) -> StaffAccount:
    """Without a password: nothing but the provider opens it, unless an administrator sets one."""
    account = StaffAccount(
        username=_username(session, identity.username),
        display_name=_display_name(identity),
        password_hash=NO_PASSWORD,
        created_at=at,
        role_rows=[StaffRole(role=role) for role in sorted(roles)],
    )
    session.add(account)
    session.flush()  # gives the id that the trail names
    _add(session, account.id, identity, at)
    audit.record(
        session,
        PROVIDER,
        Event.ACCOUNT_CREATED,
        "account",
        account.id,
        at=at,
        roles=role_names(roles),
        by="openid",
    )
    return account


def renew_roles(
    session: Session, account: StaffAccount, roles: frozenset[Role], *, at: datetime
) -> None:
    """What the provider says now holds; sessions with other roles end. The account is locked."""
    if frozenset(account.roles) == roles:
        return
    set_roles(account, roles)
    account.touch()
    close_sessions(session, account.id, at=at)
    audit.record(
        session,
        PROVIDER,
        Event.ACCOUNT_CHANGED,
        "account",
        account.id,
        at=at,
        roles=role_names(roles),
        by="openid",
    )


def link(session: Session, actor: Actor, identity: Identity, *, at: datetime) -> None:
    """From now on this identity is the account of `actor`.

    Raises ConflictError (`identity_taken`, `identity_known`).
    """
    account = factor_queries.lock_own_account(session, actor)
    if find(session, identity) is not None:
        raise ConflictError("An account has this identity already.", code="identity_taken")
    other = select(StaffIdentity.account_id).where(
        StaffIdentity.account_id == account.id, StaffIdentity.issuer == identity.issuer
    )
    if session.scalar(other) is not None:
        raise ConflictError(
            "This account has another identity at the provider.", code="identity_known"
        )
    _add(session, account.id, identity, at)
    audit.record(session, actor, Event.IDENTITY_LINKED, "account", account.id, at=at)


def _add(session: Session, account_id: UUID, identity: Identity, at: datetime) -> None:
    session.add(
        StaffIdentity(
            subject_hash=subject_hash(identity),
            account_id=account_id,
            issuer=identity.issuer,
            made_at=at,
        )
    )


def _username(session: Session, wanted: str | None) -> str:
    """The one of the provider where it is free: it tells colleagues apart, and opens nothing."""
    name = (wanted or "").lower()
    if _USERNAME.fullmatch(name) and queries.find_by_username(session, name) is None:
        return name
    return f"openid-{secrets.token_hex(6)}"


def _display_name(identity: Identity) -> str:
    for name in (identity.name, identity.username):
        plain = " ".join(_NOT_IN_A_NAME.sub("", name or "").split())[:LONGEST_NAME]
        if plain:
            return plain
    return "?"
