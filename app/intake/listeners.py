"""What higher features know of a report, and do when it is withdrawn; filled in by composition."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.access import Actor


@dataclass(frozen=True)
class WithdrawalListener:
    """lock: takes the locks that come before the report's own. close: ends what depends on it."""

    lock: Callable[[Session, UUID], None]
    close: Callable[[Session, Actor, UUID, datetime], None]


_listeners: dict[str, WithdrawalListener] = {}


def register(name: str, listener: WithdrawalListener) -> None:
    """One listener for each feature; registering again replaces it."""
    _listeners[name] = listener


def before_withdrawal(session: Session, report_id: UUID) -> None:
    for listener in _listeners.values():
        listener.lock(session, report_id)


def on_withdrawal(session: Session, actor: Actor, report_id: UUID, at: datetime) -> None:
    """at: to the day when the report is anonymous."""
    for listener in _listeners.values():
        listener.close(session, actor, report_id, at)


Siblings = Callable[[Session, UUID], list[UUID]]
"""The reports of the case that a report is in, with itself; none when it is in no case."""

_siblings: list[Siblings] = []


def register_siblings(find: Siblings) -> None:
    """Registering again replaces it."""
    _siblings[:] = [find]


def siblings_of(session: Session, report_id: UUID) -> list[UUID]:
    """The reports of its case, or itself alone."""
    return [other for find in _siblings for other in find(session, report_id)] or [report_id]
