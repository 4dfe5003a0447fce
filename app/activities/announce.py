"""Telling partners by mail that a bulletin is there; the outbox fills this in `main`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.vocabulary.domain import Language

Announcer = Callable[
    [Session, Sequence[UUID], UUID, str, str, Language, datetime],
    int,
]
"""(session, partner_ids, bulletin_id, title, body, language, at): queues the mails in this
transaction and says how many."""

_announcers: dict[str, Announcer] = {}


def register(name: str, announcer: Announcer) -> None:
    """Registering again replaces it."""
    _announcers[name] = announcer


def announce(
    session: Session,
    partner_ids: Sequence[UUID],
    bulletin_id: UUID,
    *,
    title: str,
    body: str,
    language: Language,
    at: datetime,
) -> int:
    """How many mails were queued; 0 while nobody sends any."""
    return sum(
        send(session, partner_ids, bulletin_id, title, body, language, at)
        for send in _announcers.values()
    )
