"""Colleagues log in at the provider of identities, show again who they are, link their account.

Two steps, as with passkeys: `openid_steps` is the way there and back, here is what follows.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Permission, Surface
from app.core.database import Database
from app.core.errors import (
    BureauError,
    NotAuthenticatedError,
    PermissionDeniedError,
    invalid,
)
from app.identity import factor_queries, openid_accounts
from app.identity.credentials import IssuedToken
from app.identity.domain import NEVER_SHOWN, SECOND_FACTORS, OpenIdAim, is_enough
from app.identity.id_tokens import Identity
from app.identity.openid_provider import OpenIdProvider
from app.identity.openid_steps import InSession, ProviderAnswer, Terms, come_back
from app.identity.staff_sessions import note_proof, open_session

Entered = TypeVar("Entered")


def log_in(
    database: Database,
    provider: OpenIdProvider,
    answer: ProviderAnswer,
    terms: Terms,
    *,
    lifetime: timedelta,
    at: datetime,
) -> IssuedToken:
    """A new session; at the first login a new account.

    Raises NotAuthenticatedError (`wrong_login`), PermissionDeniedError (`no_role`,
    `account_ended`), UnavailableError.
    """
    identity = come_back(database, provider, OpenIdAim.LOGIN, answer, terms, within=None, at=at)
    if identity is None:
        with database.transaction() as session:
            _note_failed_login(session, None, "refused_answer", at)
        raise NotAuthenticatedError(
            "What the provider answered is wrong, late, or was used before.", code="wrong_login"
        )

    def enter(session: Session) -> IssuedToken | BureauError:
        return _enter(session, identity, terms, lifetime, at)

    entered = _repeated(database, enter)
    if isinstance(entered, BureauError):
        raise entered
    return entered


def step_up(
    database: Database,
    provider: OpenIdProvider,
    answer: ProviderAnswer,
    terms: Terms,
    *,
    within: InSession,
    at: datetime,
) -> None:
    """Show again who holds this session.

    Raises PermissionDeniedError, InvalidInputError (`wrong_proof`, `second_factor_needed`),
    UnavailableError.
    """
    within.actor.require(Permission.SESSION_USE)
    identity = come_back(database, provider, OpenIdAim.STEP_UP, answer, terms, within=within, at=at)
    with database.transaction() as session:
        account = factor_queries.lock_active_account(session, within.actor.id)
        found = None if identity is None else openid_accounts.find(session, identity)
        is_theirs = account is not None and found == account.id
        if identity is not None and account is not None and is_theirs:
            proof = terms.proof_of(identity)
            has_factor = factor_queries.has_factor(session, account.id)
            # What a session showed before must not get less; who showed none may set one up.
            is_less = proof not in SECOND_FACTORS and not within.actor.lacks_second_factor
            is_too_little = is_less and terms.must_have_second_factor
            if not is_enough(proof, has_factor=has_factor) or is_too_little:
                raise invalid("/code", "show your second factor", "second_factor_needed")
            note_proof(session, within.token, account.id, proof, identity.shown_at or NEVER_SHOWN)
            audit.record(
                session,
                within.actor,
                Event.PROVED_AGAIN,
                "account",
                account.id,
                at=at,
                proof=proof.value,
            )
            return
        audit.record(session, within.actor, Event.PROOF_FAILED, "account", within.actor.id, at=at)
    raise invalid("/code", "is wrong, late, or was used before", "wrong_proof")


def link(
    database: Database,
    provider: OpenIdProvider,
    answer: ProviderAnswer,
    terms: Terms,
    *,
    within: InSession,
    at: datetime,
) -> None:
    """Make who answers at the provider the holder of this account.

    Raises PermissionDeniedError, InvalidInputError (`wrong_proof`), ConflictError,
    UnavailableError.
    """
    within.actor.require(Permission.SESSION_USE)
    identity = come_back(database, provider, OpenIdAim.LINK, answer, terms, within=within, at=at)
    if identity is None:
        raise invalid("/code", "is wrong, late, or was used before", "wrong_proof")

    def work(session: Session) -> None:
        openid_accounts.link(session, within.actor, identity, at=at)

    _repeated(database, work)


def _enter(
    session: Session, identity: Identity, terms: Terms, lifetime: timedelta, at: datetime
) -> IssuedToken | BureauError:
    """An error is given back, not raised: that roles were taken away stays."""
    roles = openid_accounts.granted_roles(identity, terms.grants)
    account_id = openid_accounts.find(session, identity)
    if account_id is None and roles:
        account = openid_accounts.create(session, identity, roles, at=at)
    elif account_id is None:
        _note_failed_login(session, None, "no_role", at)
        return _no_role()
    else:
        found = factor_queries.lock_active_account(session, account_id)
        if found is None:
            _note_failed_login(session, account_id, "account_ended", at)
            return PermissionDeniedError("This account was ended.", code="account_ended")
        account = found
        openid_accounts.renew_roles(session, account, roles, at=at)
        if not roles:
            _note_failed_login(session, account_id, "no_role", at)
            return _no_role()
    return open_session(
        session,
        account,
        proof=terms.proof_of(identity),
        lifetime=lifetime,
        at=at,
        proved_at=identity.shown_at or NEVER_SHOWN,
    )


def _no_role() -> PermissionDeniedError:
    return PermissionDeniedError(
        "The provider of identities gives you no role at the bureau.", code="no_role"
    )


def _repeated(database: Database, work: Callable[[Session], Entered]) -> Entered:
    """Of two first logins at once, or two links, the second sees the other's row when repeated."""
    try:
        with database.transaction() as session:
            return work(session)
    except IntegrityError:
        with database.transaction() as session:
            return work(session)


def _note_failed_login(
    session: Session, account_id: UUID | None, reason: str, at: datetime
) -> None:
    nobody = Actor(ActorKind.ANYBODY, Surface.STAFF)
    audit.record(
        session,
        nobody,
        Event.LOGIN_FAILED,
        "account",
        account_id,
        at=at,
        by="openid",
        reason=reason,
    )
