"""The second factors of a colleague: set up, taken away, and made anew by an administrator."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.errors import ConflictError, NotFoundError, invalid
from app.core.rows import insert_rows
from app.identity import factor_queries, passkeys, queries, second_factor
from app.identity.codes import use_time_code
from app.identity.domain import Proof, StepKind
from app.identity.factor_models import StaffPasskey, StaffRecoveryCode, StaffTotp
from app.identity.models import StaffAccount
from app.identity.passkeys import Challenge, PasskeyAnswer, PasskeyTerms
from app.identity.staff_sessions import close_sessions, note_proof


@dataclass(frozen=True)
class Factors:
    totp_since: datetime | None
    passkeys: list[StaffPasskey]
    recovery_codes_left: int


@dataclass(frozen=True)
class TotpSetup:
    """totp_secret: shown this once."""

    totp_secret: str
    otpauth_uri: str


@dataclass(frozen=True)
class Enrolled:
    """recovery_codes: shown this once; None when there are some from before."""

    passkey: StaffPasskey | None
    recovery_codes: list[str] | None


def read_own(session: Session, actor: Actor) -> Factors:
    actor.require(Permission.SESSION_USE)
    account_id = actor.id or UUID(int=0)
    totp = factor_queries.confirmed_totp(session, account_id)
    return Factors(
        totp_since=totp.confirmed_at if totp else None,
        passkeys=list(factor_queries.list_passkeys(session, account_id)),
        recovery_codes_left=factor_queries.count_recovery_codes(session, account_id),
    )


def begin_totp(session: Session, actor: Actor, *, issuer: str, at: datetime) -> TotpSetup:
    """issuer: how the authenticator app calls the bureau. It counts once it is confirmed."""
    account = factor_queries.lock_own_account(session, actor)
    if factor_queries.confirmed_totp(session, account.id) is not None:
        raise ConflictError("Remove the present authenticator app first.", code="totp_known")
    secret = second_factor.new_secret()
    totp = factor_queries.find_totp(session, account.id)
    if totp is None:
        session.add(StaffTotp(account_id=account.id, totp_secret=secret, made_at=at))
    else:
        totp.totp_secret = secret
        totp.made_at = at
    uri = second_factor.otpauth_uri(secret, username=account.username, issuer=issuer)
    return TotpSetup(secret, uri)


def confirm_totp(
    session: Session, actor: Actor, token: str, code: str, *, at: datetime
) -> Enrolled:
    """token: of the present session, which has shown the second factor then."""
    account = factor_queries.lock_own_account(session, actor)
    totp = factor_queries.find_totp(session, account.id)
    if totp is None or totp.confirmed_at is not None:
        raise ConflictError("Nothing waits to be confirmed.", code="nothing_to_confirm")
    if not use_time_code(totp, code, at=at):
        raise invalid("/code", "not the present code", "wrong_code")
    totp.confirmed_at = at
    return _enrolled(session, actor, account, token, Proof.TOTP, None, at)


def begin_passkey(
    session: Session, actor: Actor, terms: PasskeyTerms, *, at: datetime
) -> Challenge:
    account = factor_queries.lock_own_account(session, actor)
    return passkeys.enrolment(session, account, terms, at=at)


def confirm_passkey(
    session: Session,
    actor: Actor,
    token: str,
    answer: PasskeyAnswer,
    terms: PasskeyTerms,
    *,
    title: str,
    at: datetime,
) -> Enrolled:
    account = factor_queries.lock_own_account(session, actor)
    passkey = passkeys.enrol(session, account, answer, terms, title=title, at=at)
    return _enrolled(session, actor, account, token, Proof.PASSKEY, passkey, at)


def begin_step_up(
    session: Session, actor: Actor, terms: PasskeyTerms, *, at: datetime
) -> Challenge:
    account = factor_queries.lock_own_account(session, actor)
    return passkeys.challenge(session, account.id, StepKind.PASSKEY_STEP_UP, terms, at=at)


def renew_recovery_codes(session: Session, actor: Actor, *, at: datetime) -> list[str]:
    """Ten new ones; those before work no more."""
    account = factor_queries.lock_own_account(session, actor)
    if not factor_queries.has_factor(session, account.id):
        raise ConflictError("Set up a second factor first.", code="no_second_factor")
    codes = _new_codes(session, account.id)
    _record(session, actor, account.id, "recovery_codes_renewed", at)
    return codes


def remove_totp(session: Session, actor: Actor, *, must_keep_one: bool, at: datetime) -> None:
    account = factor_queries.lock_own_account(session, actor)
    totp = factor_queries.confirmed_totp(session, account.id)
    if totp is None:
        raise NotFoundError
    session.delete(totp)
    _removed(session, actor, account.id, "totp_removed", must_keep_one=must_keep_one, at=at)


def remove_passkey(
    session: Session, actor: Actor, passkey_id: UUID, *, must_keep_one: bool, at: datetime
) -> None:
    account = factor_queries.lock_own_account(session, actor)
    session.delete(factor_queries.find_passkey(session, account.id, passkey_id))
    _removed(session, actor, account.id, "passkey_removed", must_keep_one=must_keep_one, at=at)


def reset(session: Session, actor: Actor, account_id: UUID, *, at: datetime) -> None:
    """A colleague lost the device: what they had and every session ends at once."""
    actor.require(Permission.ACCOUNT_MANAGE)
    account = queries.get_account(session, actor, account_id)
    factor_queries.lock_active_account(session, account.id)
    for table in (StaffTotp, StaffPasskey, StaffRecoveryCode):
        session.execute(delete(table).where(table.account_id == account.id))
    close_sessions(session, account.id, at=at)
    _record(session, actor, account.id, "reset", at)


def _enrolled(
    session: Session,
    actor: Actor,
    account: StaffAccount,
    token: str,
    proof: Proof,
    passkey: StaffPasskey | None,
    at: datetime,
) -> Enrolled:
    note_proof(session, token, account.id, proof, at)
    has_codes = factor_queries.count_recovery_codes(session, account.id) > 0
    codes = None if has_codes else _new_codes(session, account.id)
    _record(session, actor, account.id, f"{proof.value}_added", at)
    return Enrolled(passkey, codes)


def _removed(
    session: Session,
    actor: Actor,
    account_id: UUID,
    change: str,
    *,
    must_keep_one: bool,
    at: datetime,
) -> None:
    session.flush()  # what was removed must not count below
    if not factor_queries.has_factor(session, account_id):
        if must_keep_one:
            raise ConflictError("Set up another second factor first.", code="last_second_factor")
        session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.account_id == account_id))
    _record(session, actor, account_id, change, at)


def _new_codes(session: Session, account_id: UUID) -> list[str]:
    session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.account_id == account_id))
    codes = second_factor.new_recovery_codes()
    rows = [
        {"account_id": account_id, "code_hash": second_factor.recovery_hash(code)} for code in codes
    ]
    insert_rows(session, StaffRecoveryCode, rows)
    return codes


def _record(session: Session, actor: Actor, account_id: UUID, change: str, at: datetime) -> None:
    event = Event.SECOND_FACTOR_CHANGED
    audit.record(session, actor, event, "account", account_id, at=at, change=change)
