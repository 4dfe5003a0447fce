"""A partner's person accepts an invitation, confirms the second factor, and logs in.

None of these has a login yet, so each opens its own transactions; passwords are hashed outside
them.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Surface
from app.core.clock import local_date
from app.core.database import Database
from app.core.errors import ConflictError, NotAuthenticatedError, invalid
from app.core.rows import insert_rows
from app.identity import partner_queries as queries
from app.identity import passwords, second_factor, throttle
from app.identity.codes import use_code, use_time_code
from app.identity.credentials import (
    IssuedToken,
    check_password,
    new_token,
    token_hash,
)
from app.identity.domain import CONFIRM_WITHIN
from app.identity.partner_models import PartnerPerson, RecoveryCode
from app.identity.partner_sessions import actor_of, may_enter, open_session
from app.identity.ports import partner_is_active


@dataclass(frozen=True)
class Acceptance:
    """What to set the second factor up with; confirmation_token leads to the next step."""

    username: str
    totp_secret: str
    otpauth_uri: str
    confirmation_token: str
    confirm_until: datetime


@dataclass(frozen=True)
class Confirmation:
    """recovery_codes: shown this once."""

    username: str
    recovery_codes: list[str]


def accept(
    database: Database,
    *,
    token: str,
    username: str | None,
    password: str,
    issuer: str,
    at: datetime,
) -> Acceptance:
    """Choose a name (None: one is drawn) and a password; the invitation is used up.

    issuer: how the authenticator app calls the bureau. Raises NotAuthenticatedError for an
    invitation that opens nothing, or no longer; InvalidInputError for a password that anybody would
    try; ConflictError for a name that is taken.
    """
    with database.snapshot() as session:
        invited = _joining(session, token, at, has_password=False)  # nobody else may make us hash
    chosen = username or f"person-{secrets.token_hex(4)}"
    password_hash = passwords.new_hash(password, near=(issuer, chosen, invited.name, invited.email))
    secret = second_factor.new_secret()
    confirmation_token = new_token()
    confirm_until = at + CONFIRM_WITHIN
    try:
        with database.transaction() as session:
            person = _joining(session, token, at, has_password=False, for_update=True)
            if queries.find_person_logging_in(session, chosen) is not None:
                raise _name_taken()
            person.username = chosen
            person.password_hash = password_hash
            person.totp_secret = secret
            person.last_code_step = None
            person.joining_hash = token_hash(confirmation_token)
            person.joining_until = confirm_until
            audit.record(
                session,
                actor_of(person),
                Event.PARTNER_PERSON_CHANGED,
                "partner_person",
                person.id,
                at=at,
                change="acceptance",
            )
    except IntegrityError:
        raise _name_taken() from None  # somebody else took it in the same moment
    return Acceptance(
        username=chosen,
        totp_secret=secret,
        otpauth_uri=second_factor.otpauth_uri(secret, username=chosen, issuer=issuer),
        confirmation_token=confirmation_token,
        confirm_until=confirm_until,
    )


def confirm(database: Database, *, token: str, code: str, at: datetime) -> Confirmation:
    """The first code of the second factor opens the account.

    Raises NotAuthenticatedError for a token that opens nothing, or no longer; InvalidInputError
    for another code than the present one.
    """
    codes = second_factor.new_recovery_codes()
    with database.transaction() as session:
        person = _joining(session, token, at, has_password=True, for_update=True)
        if not use_time_code(person, code, at=at):
            raise invalid("/code", "not the present code", "wrong_code")
        person.confirmed_at = at
        person.joining_hash = None
        person.joining_until = None
        insert_rows(
            session,
            RecoveryCode,
            [
                {"person_id": person.id, "code_hash": second_factor.recovery_hash(fresh)}
                for fresh in codes
            ],
        )
        audit.record(
            session,
            actor_of(person),
            Event.PARTNER_PERSON_JOINED,
            "partner_person",
            person.id,
            at=at,
        )
        return Confirmation(username=person.username or "", recovery_codes=codes)


def log_in(
    database: Database,
    *,
    username: str,
    password: str,
    code: str,
    address: str,
    throttle_key: bytes,
    lifetime: timedelta,
    at: datetime,
) -> IssuedToken:
    """A token for a person. code: of the second factor, or a recovery code.

    Raises NotAuthenticatedError (wrong name, password or code, ended, inactive partner: all
    alike), TooManyAttemptsError.
    """
    key_hash = throttle.key_of(throttle_key, "partner_person", username, address)
    # Who guesses codes has the password already: those count from whatever address.
    code_key = throttle.key_of(throttle_key, "partner_code", username)
    with database.snapshot() as session:
        throttle.require_no_wait(session, key_hash, at)
        known = queries.find_person_logging_in(session, username)
    checked_hash = known.password_hash if known else None
    checked = check_password(password, checked_hash)
    with database.transaction() as session:
        person = queries.find_person_logging_in(session, username, for_update=True)
        if (
            person is not None
            and checked.is_right
            and person.password_hash == checked_hash
            and may_enter(session, person, at)
        ):
            proof = use_code(
                session,
                person,
                code,
                recovery=RecoveryCode,
                whose=RecoveryCode.person_id == person.id,
                code_key=code_key,
                at=at,
            )
            if proof is not None:
                person.password_hash = checked.renewed_hash or person.password_hash
                throttle.forget_failures(session, key_hash, code_key)
                return open_session(session, person, lifetime=lifetime, at=at, proof=proof)
        throttle.note_failure(session, key_hash, at)
        audit.record(
            session,
            Actor(ActorKind.ANYBODY, Surface.PARTNER),
            Event.PARTNER_LOGIN_FAILED,
            "partner_person",
            person.id if person else None,
            at=at,
        )
    raise NotAuthenticatedError(
        "The username, the password or the code is wrong.", code="wrong_login"
    )


def _joining(
    session: Session, token: str, at: datetime, *, has_password: bool, for_update: bool = False
) -> PartnerPerson:
    """Whose link this is: of an invitation, or (has_password) of the confirmation after it."""
    person = queries.find_joining(session, token_hash(token), at, for_update=for_update)
    if (
        person is None
        or (person.password_hash is not None) is not has_password
        or not partner_is_active(session, person.partner_id, local_date(at))
    ):
        raise NotAuthenticatedError(
            "This invitation opens nothing, or no longer.", code="wrong_invitation"
        )
    return person


def _name_taken() -> ConflictError:
    return ConflictError("This username exists.", code="username_taken")
