"""Colleagues log in with a password and a second factor, and show again who they are.

Failures count although the act is refused, so each opens its own transactions; the password is
checked outside them: that is slow by intent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Permission, Surface
from app.core.database import Database
from app.core.errors import NotAuthenticatedError, invalid
from app.identity import factor_queries, passkeys, queries, throttle
from app.identity.codes import use_code
from app.identity.credentials import IssuedToken, check_password
from app.identity.domain import Proof, StepKind
from app.identity.factor_models import StaffRecoveryCode
from app.identity.models import StaffAccount
from app.identity.passkeys import PasskeyAnswer, PasskeyTerms
from app.identity.staff_sessions import note_proof, open_session

Entered = TypeVar("Entered")


@dataclass(frozen=True)
class Door:
    """What every login takes into account. address: of who tries; failures count by it."""

    address: str
    throttle_key: bytes
    lifetime: timedelta

    def key_of(self, username: str) -> str:
        return throttle.key_of(self.throttle_key, "staff", username, self.address)

    def code_key_of(self, account_id: UUID) -> str:
        """Who guesses codes has the password already: those count from whatever address."""
        return throttle.key_of(self.throttle_key, "staff_code", account_id.hex)


@dataclass(frozen=True)
class NewProof:
    """What somebody shows again: exactly one of these."""

    password: str | None = None
    code: str | None = None
    passkey: PasskeyAnswer | None = None


def log_in(
    database: Database,
    *,
    username: str,
    password: str,
    code: str | None,
    door: Door,
    at: datetime,
) -> IssuedToken:
    """A new session. code: of the second factor, or a recovery code.

    Raises NotAuthenticatedError (wrong name, password and code alike; `second_factor_needed` when
    only the code is missing), TooManyAttemptsError.
    """

    def enter(session: Session, account: StaffAccount) -> IssuedToken | None:
        proof = _proof_at_door(session, account, code, door, at)
        if proof is None:
            return None
        throttle.forget_failures(session, door.key_of(username), door.code_key_of(account.id))
        return open_session(session, account, proof=proof, lifetime=door.lifetime, at=at)

    return _with_password(database, username, password, door, at, enter)


def begin_with_passkey(
    database: Database,
    *,
    username: str,
    password: str,
    door: Door,
    terms: PasskeyTerms,
    at: datetime,
) -> passkeys.Challenge:
    """The first of two steps: the password is right, now the passkey is asked."""

    def begin(session: Session, account: StaffAccount) -> passkeys.Challenge:
        return passkeys.challenge(session, account.id, StepKind.PASSKEY_LOGIN, terms, at=at)

    return _with_password(database, username, password, door, at, begin)


def end_with_passkey(
    database: Database, answer: PasskeyAnswer, *, door: Door, terms: PasskeyTerms, at: datetime
) -> IssuedToken:
    """The second step. Raises NotAuthenticatedError; the first step is used up either way."""
    with database.transaction() as session:
        account_id = passkeys.check(session, answer, StepKind.PASSKEY_LOGIN, terms, at=at)
        account = factor_queries.lock_active_account(session, account_id)
        if account_id is not None and account is not None:
            throttle.forget_failures(session, door.key_of(account.username))
            return open_session(
                session,
                account,
                proof=Proof.PASSKEY,
                lifetime=door.lifetime,
                at=at,
            )
        _note_failed_login(session, account_id, at)
    raise NotAuthenticatedError("The passkey is wrong, or too late.", code="wrong_login")


def step_up(
    database: Database,
    actor: Actor,
    token: str,
    shown: NewProof,
    *,
    door: Door,
    terms: PasskeyTerms,
    at: datetime,
) -> None:
    """Show again who holds this session.

    Raises PermissionDeniedError, InvalidInputError (the proof is wrong, or a password where there
    is a second factor), TooManyAttemptsError.
    """
    actor.require(Permission.SESSION_USE)
    account_id = actor.id or UUID(int=0)
    key_hash = throttle.key_of(door.throttle_key, "step_up", account_id.hex)
    with database.snapshot() as session:
        throttle.require_no_wait(session, key_hash, at)
        account = queries.find_account(session, account_id)
        checked_hash = account.password_hash if account else None
    is_right = shown.password is not None and check_password(shown.password, checked_hash).is_right
    with database.transaction() as session:
        account = factor_queries.lock_active_account(session, account_id)
        proof = None
        if account is not None and shown.code is not None:
            proof = _use_code(session, account.id, shown.code, door, at)
        elif account is not None and shown.passkey is not None:
            proved = passkeys.check(session, shown.passkey, StepKind.PASSKEY_STEP_UP, terms, at=at)
            proof = Proof.PASSKEY if proved == account.id else None
        elif account is not None and is_right and account.password_hash == checked_hash:
            if factor_queries.has_factor(session, account.id):
                raise invalid("/password", "show your second factor", "second_factor_needed")
            proof = Proof.PASSWORD
        if proof is not None:
            throttle.forget_failures(session, key_hash, door.code_key_of(account_id))
            note_proof(session, token, account_id, proof, at)
            audit.record(
                session,
                actor,
                Event.PROVED_AGAIN,
                "account",
                account_id,
                at=at,
                proof=proof.value,
            )
            return
        throttle.note_failure(session, key_hash, at)
        audit.record(session, actor, Event.PROOF_FAILED, "account", account_id, at=at)
    raise invalid(_pointer_of(shown), "is wrong, or was used before", "wrong_proof")


def _with_password(
    database: Database,
    username: str,
    password: str,
    door: Door,
    at: datetime,
    enter: Callable[[Session, StaffAccount], Entered | None],
) -> Entered:
    """What `enter` gives for the account whose password this is; None from it is a failure."""
    key_hash = door.key_of(username)
    with database.snapshot() as session:
        throttle.require_no_wait(session, key_hash, at)
        known = queries.find_by_username(session, username)
    checked_hash = known.password_hash if known else None
    checked = check_password(password, checked_hash)
    with database.transaction() as session:
        account = factor_queries.lock_active_account(session, known.id if known else None)
        if account is not None and checked.is_right and account.password_hash == checked_hash:
            account.password_hash = checked.renewed_hash or account.password_hash
            entered = enter(session, account)
            if entered is not None:
                return entered
        throttle.note_failure(session, key_hash, at)
        _note_failed_login(session, known.id if known else None, at)
    raise NotAuthenticatedError(
        "The username, the password or the code is wrong.", code="wrong_login"
    )


def _proof_at_door(
    session: Session, account: StaffAccount, code: str | None, door: Door, at: datetime
) -> Proof | None:
    if not factor_queries.has_factor(session, account.id):
        return Proof.PASSWORD
    if code is None:
        raise NotAuthenticatedError(
            "Send a code of the second factor too, or use a passkey.", code="second_factor_needed"
        )
    return _use_code(session, account.id, code, door, at)


def _use_code(
    session: Session, account_id: UUID, code: str, door: Door, at: datetime
) -> Proof | None:
    """The account is locked."""
    return use_code(
        session,
        factor_queries.confirmed_totp(session, account_id),
        code,
        recovery=StaffRecoveryCode,
        whose=StaffRecoveryCode.account_id == account_id,
        code_key=door.code_key_of(account_id),
        at=at,
    )


def _note_failed_login(session: Session, account_id: UUID | None, at: datetime) -> None:
    nobody = Actor(ActorKind.ANYBODY, Surface.STAFF)
    audit.record(session, nobody, Event.LOGIN_FAILED, "account", account_id, at=at)


def _pointer_of(shown: NewProof) -> str:
    if shown.password is not None:
        return "/password"
    return "/code" if shown.code is not None else "/passkey"
