"""Telling a partner that something happened: ids only; filled in by composition."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.referrals.domain import ReferralEvent

Announcer = Callable[[Session, UUID, ReferralEvent, UUID, datetime], None]
"""(session, partner, event, referral, at): in the transaction of the act it tells of."""

_announcers: dict[str, Announcer] = {}


def register(name: str, announcer: Announcer) -> None:
    """One announcer for each way of telling; registering again replaces it."""
    _announcers[name] = announcer


def announce(
    session: Session, partner_id: UUID, event: ReferralEvent, referral_id: UUID, at: datetime
) -> None:
    for announcer in _announcers.values():
        announcer(session, partner_id, event, referral_id, at)
