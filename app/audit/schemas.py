from datetime import datetime
from typing import Any
from uuid import UUID

from app.api.fields import View
from app.audit.domain import Event
from app.core.access import ActorKind, Surface


class AuditEntryView(View):
    id: UUID
    at: datetime
    event: Event
    actor_kind: ActorKind
    actor_id: UUID | None
    surface: Surface
    object_kind: str | None
    object_id: UUID | None
    details: dict[str, Any] | None
