"""Who knows the present password changes it: colleagues and partners' people.

Failures count although the act is refused, so each opens its own transactions; passwords are
checked and hashed outside them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.database import Database
from app.core.errors import InvalidInputError, invalid
from app.identity import factor_queries, partner_sessions, passwords, staff_sessions, throttle
from app.identity.codes import use_code
from app.identity.credentials import check_password
from app.identity.models import StaffAccount
from app.identity.partner_models import PartnerPerson, RecoveryCode
from app.identity.partner_queries import lock_own_person


@dataclass(frozen=True)
class PasswordChange:
    """near: words that stand close to whoever logs in here, such as the municipality."""

    present: str
    new: str
    near: Collection[str]


@dataclass(frozen=True)
class OwnSession:
    """token: of the session that goes on; every other one ends."""

    token: str
    throttle_key: bytes


def change_for_colleague(
    database: Database, actor: Actor, own: OwnSession, change: PasswordChange, *, at: datetime
) -> None:
    """Raises InvalidInputError (the present one is wrong, the new one is the same or one that
    anybody would try), TooManyAttemptsError.

    Whether the second factor was shown, the route asks."""
    actor.require(Permission.SESSION_USE)
    key_hash = _key_of(own, "password", actor)
    with database.snapshot() as session:
        throttle.require_no_wait(session, key_hash, at)
        known = session.get(StaffAccount, actor.id)
    checked_hash, new_hash = _checked(
        change,
        known.password_hash if known else None,
        names=(known.username, known.display_name) if known else (),
    )
    with database.transaction() as session:
        account = factor_queries.lock_own_account(session, actor)
        if new_hash is not None and account.password_hash == checked_hash:
            throttle.forget_failures(session, key_hash)
            account.password_hash = new_hash
            account.touch()
            staff_sessions.close_other_sessions(session, account.id, own.token, at=at)
            audit.record(session, actor, Event.PASSWORD_CHANGED, "account", account.id, at=at)
            return
        _note_failure(session, actor, "account", key_hash, at)
    raise _wrong_present()


def change_for_person(
    database: Database,
    actor: Actor,
    own: OwnSession,
    change: PasswordChange,
    *,
    code: str,
    at: datetime,
) -> None:
    """code: of the second factor, or a recovery code. Raises as above; whether the password or the
    code was wrong is not told."""
    actor.require(Permission.PARTNER_SESSION_USE)
    key_hash = _key_of(own, "partner_password", actor)
    with database.snapshot() as session:
        throttle.require_no_wait(session, key_hash, at)
        known = session.get(PartnerPerson, actor.id)
    checked_hash, new_hash = _checked(
        change,
        known.password_hash if known else None,
        names=(known.username or "", known.name, known.email) if known else (),
    )
    with database.transaction() as session:
        person = lock_own_person(session, actor)
        if new_hash is not None and person.password_hash == checked_hash:
            code_key = throttle.key_of(own.throttle_key, "partner_code", person.username or "")
            if use_code(
                session,
                person,
                code,
                recovery=RecoveryCode,
                whose=RecoveryCode.person_id == person.id,
                code_key=code_key,
                at=at,
            ):
                throttle.forget_failures(session, key_hash, code_key)
                person.password_hash = new_hash
                partner_sessions.close_other_sessions(session, person.id, own.token, at=at)
                audit.record(
                    session, actor, Event.PASSWORD_CHANGED, "partner_person", person.id, at=at
                )
                return
        _note_failure(session, actor, "partner_person", key_hash, at)
    raise _wrong_present()


def _checked(
    change: PasswordChange, stored: str | None, *, names: Collection[str]
) -> tuple[str | None, str | None]:
    """(the hash that was compared, the new hash, or None where the present password is wrong)."""
    if not check_password(change.present, stored).is_right:
        return stored, None
    if change.new == change.present:
        raise invalid("/new_password", "is the present one", "same_password")
    near = (*change.near, *names)
    return stored, passwords.new_hash(change.new, near=near, pointer="/new_password")


def _key_of(own: OwnSession, kind: str, actor: Actor) -> str:
    return throttle.key_of(own.throttle_key, kind, (actor.id or UUID(int=0)).hex)


def _note_failure(
    session: Session, actor: Actor, object_kind: str, key_hash: str, at: datetime
) -> None:
    throttle.note_failure(session, key_hash, at)
    audit.record(session, actor, Event.PROOF_FAILED, object_kind, actor.id, at=at)


def _wrong_present() -> InvalidInputError:
    return invalid("/present_password", "is wrong, or the code is", "wrong_proof")
