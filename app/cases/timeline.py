"""What happened in a case, in order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cases.domain import TimelineKind
from app.cases.models import TimelineEntry
from app.core.access import Actor, ActorKind


def note(
    session: Session,
    actor: Actor,
    case_id: UUID,
    kind: TimelineKind,
    *,
    at: datetime,
    object_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    remark: str | None = None,
) -> None:
    """Add an entry; the case's row must be locked, so that positions do not clash."""
    last = session.scalar(
        select(func.max(TimelineEntry.position)).where(TimelineEntry.case_id == case_id)
    )
    session.add(
        TimelineEntry(
            case_id=case_id,
            position=(last or 0) + 1,
            kind=kind,
            at=at,
            actor_id=actor.id if actor.kind is ActorKind.STAFF else None,
            object_id=object_id,
            details=dict(details) if details else None,
            remark=remark,
        )
    )
    session.flush()  # the next entry counts on from this one
