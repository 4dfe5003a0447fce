"""Rules of logging in."""

from datetime import datetime, timedelta

FREE_FAILURES = 5
"""Failures before the first wait."""

LONGEST_WAIT = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(minutes=15)


def wait_after(failures: int) -> timedelta:
    """How long to wait after this many failures in a row: 0, then doubling, never above a minute.

    A cap, never a lock: a colleague whose name somebody else keeps trying gets in after a minute.
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES + 1, 6)  # 2 ** 6 s is past the longest wait
    return min(timedelta(seconds=2**doublings), LONGEST_WAIT)


def is_live(
    *,
    now: datetime,
    last_used_at: datetime,
    expires_at: datetime,
    revoked_at: datetime | None,
    idle: timedelta,
) -> bool:
    """Whether a session token still opens the door."""
    return revoked_at is None and now < expires_at and now < last_used_at + idle
