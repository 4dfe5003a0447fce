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


class CheckpointView(View):
    number: int
    size: int
    root: str
    at: datetime
    key_id: str
    signature: str


class AuditChainView(View):
    """size: places. root: the last link, hexadecimal. lag: entries that should be chained by now.

    held_back: entries whose time is kept to the day, chained when it is over. public_key: PEM.
    """

    size: int
    root: str
    lag: int
    held_back: int
    last_checkpoint: CheckpointView | None
    public_key: str | None
