"""Reading the trail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.audit import sealing
from app.audit.checkpoints import Checkpoint, last_checkpoint
from app.audit.domain import ABOUT_COLLEAGUES, Event
from app.audit.models import AuditEntry, AuditPending
from app.core.access import Actor, Permission
from app.core.paging import Page, PageRequest, fetch_page


@dataclass(frozen=True)
class ChainState:
    """lag: entries that should be chained by now. held_back: those whose time is not yet come."""

    size: int
    root: bytes
    lag: int
    held_back: int
    last_checkpoint: Checkpoint | None


def visible_entries(actor: Actor) -> Select[AuditEntry]:
    """An auditor who holds other roles too is not told what he is barred from."""
    actor.require(Permission.AUDIT_READ)
    return select(AuditEntry).where(
        or_(
            AuditEntry.event.not_in(ABOUT_COLLEAGUES),
            AuditEntry.object_id.is_distinct_from(actor.id),
        )
    )


def list_entries(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    event: Event | None = None,
    object_id: UUID | None = None,
    actor_id: UUID | None = None,
) -> Page[AuditEntry]:
    """The newest first."""
    query = visible_entries(actor)
    if event is not None:
        query = query.where(AuditEntry.event == event)
    if object_id is not None:
        query = query.where(AuditEntry.object_id == object_id)
    if actor_id is not None:
        query = query.where(AuditEntry.actor_id == actor_id)
    return fetch_page(session, query, page, order=(AuditEntry.at, AuditEntry.id), descending=True)


def chain_state(session: Session, actor: Actor, at: datetime) -> ChainState:
    actor.require(Permission.AUDIT_READ)
    size, root = sealing.tail(session)
    waiting = select(func.count()).select_from(AuditPending)
    lag = session.scalar(waiting.where(AuditPending.sealable_at <= at)) or 0
    held_back = session.scalar(waiting.where(AuditPending.sealable_at > at)) or 0
    return ChainState(size, root, lag, held_back, last_checkpoint(session))
