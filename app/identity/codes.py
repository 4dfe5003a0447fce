"""A code of a second factor, or a recovery code, works once: of colleagues and of partners."""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Session

from app.identity import second_factor, throttle
from app.identity.domain import Proof
from app.identity.factor_models import StaffRecoveryCode
from app.identity.partner_models import RecoveryCode


class CodeHolder(Protocol):
    """The row that keeps the secret; it must be locked."""

    last_code_step: int | None

    @property
    def totp_secret(self) -> str | None: ...


def use_code(
    session: Session,
    holder: CodeHolder | None,
    code: str,
    *,
    recovery: type[RecoveryCode] | type[StaffRecoveryCode],
    whose: ColumnElement[bool],
    code_key: str,
    at: datetime,
) -> Proof | None:
    """What was used, None when the code is wrong. whose: the recovery codes that may be used.

    While wrong codes make wait, a right one is refused in silence: an answer of its own would
    tell that the password is right.
    """
    if throttle.wait_left(session, code_key, at) > timedelta(0):
        return None
    if second_factor.is_time_code(code):
        if holder is not None and use_time_code(holder, code, at=at):
            return Proof.TOTP
    else:
        used = session.scalar(
            delete(recovery)
            .where(whose, recovery.code_hash == second_factor.recovery_hash(code))
            .returning(recovery.code_hash)
        )
        if used is not None:
            return Proof.RECOVERY_CODE
    throttle.note_failure(session, code_key, at)
    return None


def use_time_code(holder: CodeHolder, code: str, *, at: datetime) -> bool:
    """Whether this is a code of now that was not used before; it is used now."""
    step = second_factor.matching_step(holder.totp_secret or "", code, at=at)
    if step is None or step <= (holder.last_code_step or 0):
        return False
    holder.last_code_step = step
    return True
