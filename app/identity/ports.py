"""What identity asks of higher features; filled in by composition."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

PartnerActivity = Callable[[Session, UUID, date], bool]
"""Whether this partner is active on this day."""

Mailer = Callable[[Session, str, str, str, datetime], None]
"""Queues a mail in the caller's transaction: to, subject, body, at."""

_activity: list[PartnerActivity] = []
_mailers: list[Mailer] = []


def register_partner_activity(is_active: PartnerActivity) -> None:
    """Registering again replaces it."""
    _activity[:] = [is_active]


def register_mailer(mailer: Mailer) -> None:
    """Registering again replaces it; without one nothing is mailed."""
    _mailers[:] = [mailer]


def partner_is_active(session: Session, partner_id: UUID, day: date) -> bool:
    """False while nobody can tell: then no partner gets in."""
    return any(is_active(session, partner_id, day) for is_active in _activity)


def queue_mail(session: Session, to: str, subject: str, body: str, at: datetime) -> None:
    for mailer in _mailers:
        mailer(session, to, subject, body, at)
