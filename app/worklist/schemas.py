from datetime import date
from uuid import UUID

from app.api.fields import View


class DueItemView(View):
    kind: str
    due_on: date
    is_overdue: bool
    object_kind: str
    object_id: UUID
    reference: str
    assignee_id: UUID | None


class WorklistView(View):
    items: list[DueItemView]
    overdue: int
