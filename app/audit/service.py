"""Writing the trail, in the same transaction as the act it tells of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core.access import Actor
from app.core.rows import insert_row

Detail = str | int | bool | None


def record(
    session: Session,
    actor: Actor,
    event: Event,
    object_kind: str | None,
    object_id: UUID | None,
    *,
    at: datetime,
    **details: Detail,
) -> None:
    """Add one entry. `details`: codes and counts only, never what a person said or is called."""
    insert_row(
        session,
        AuditEntry,
        {
            "at": at,
            "event": event,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "surface": actor.surface,
            "object_kind": object_kind,
            "object_id": object_id,
            "details": details or None,
        },
    )
