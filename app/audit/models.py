"""The trail: append-only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.domain import Event
from app.core.access import ActorKind, Surface
from app.core.columns import UtcDateTime, code_enum
from app.core.models import Base, Identified


class AuditEntry(Identified, Base):
    """Who did what to which object, when, and from which surface.

    The id is random and the order is (at, id): an entry about an anonymous report, kept to the day,
    cannot be placed between its neighbours. `details` holds codes and counts, never personal data.
    A later step chains entries in batches after the commit.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "object_id", "at"),
        Index(None, "actor_id", "at"),
    )

    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[Event] = mapped_column(code_enum(Event, "event"))
    actor_kind: Mapped[ActorKind] = mapped_column(code_enum(ActorKind, "actor_kind"))
    actor_id: Mapped[UUID | None]
    surface: Mapped[Surface] = mapped_column(code_enum(Surface, "surface"))
    object_kind: Mapped[str | None] = mapped_column(String(40))
    object_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
