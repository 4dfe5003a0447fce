"""Failures in a row make the next try wait; who may be waited for is a keyed hash."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import case, delete, update
from sqlalchemy.orm import Session

from app.core.errors import TooManyAttemptsError
from app.core.rows import insert_new_row
from app.identity.domain import FORGOTTEN_AFTER, wait_after
from app.identity.models import LoginThrottle


def key_of(throttle_key: bytes, *parts: str) -> str:
    """parts: what is throttled together, such as the kind of login, a name and an address."""
    return hmac.new(throttle_key, "\n".join(parts).encode(), "sha256").hexdigest()


def wait_left(session: Session, key_hash: str, at: datetime) -> timedelta:
    """How long this key still waits; 0 when it may try."""
    throttle = session.get(LoginThrottle, key_hash)
    if throttle is None or at - throttle.last_failed_at >= FORGOTTEN_AFTER:
        return timedelta(0)
    left = throttle.last_failed_at + wait_after(throttle.failures) - at
    return max(left, timedelta(0))


def require_no_wait(session: Session, key_hash: str, at: datetime) -> None:
    """Raises TooManyAttemptsError."""
    wait = wait_left(session, key_hash, at)
    if wait > timedelta(0):
        seconds = max(1, int(wait.total_seconds()))
        raise TooManyAttemptsError(f"Try again in {seconds} s.", retry_after_seconds=seconds)


def note_failure(session: Session, key_hash: str, at: datetime) -> None:
    row = {"key_hash": key_hash, "failures": 1, "last_failed_at": at}
    if insert_new_row(session, LoginThrottle, row):
        return
    # In the database, so that of two failures at once both count.
    is_forgotten = LoginThrottle.last_failed_at <= at - FORGOTTEN_AFTER
    session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key_hash == key_hash)
        .values(
            failures=case((is_forgotten, 1), else_=LoginThrottle.failures + 1), last_failed_at=at
        )
    )


def forget_failures(session: Session, *key_hashes: str) -> None:
    session.execute(delete(LoginThrottle).where(LoginThrottle.key_hash.in_(key_hashes)))
