"""Something that somebody must do by a day: what features tell the worklist."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.access import Actor


@dataclass(frozen=True)
class DueItem:
    """kind: a stable code such as `acknowledge_report`. reference: of the report or case."""

    kind: str
    due_on: date
    object_kind: str
    object_id: UUID
    reference: str
    assignee_id: UUID | None


DueSource = Callable[[Session, Actor, date, int], Sequence[DueItem]]
"""(session, actor, last day, most items): what this actor may see that is due by that day, the
earliest first."""
