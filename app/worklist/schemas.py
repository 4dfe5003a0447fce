from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.api.fields import Body, Email, View
from app.worklist.domain import DigestLanguage


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


class DigestBody(Body):
    """hour: on the bureau's own clock."""

    email: Email
    hour: Annotated[int, Field(ge=0, le=23)]
    language: DigestLanguage
    is_on: bool


class DigestView(View):
    email: str | None = None
    hour: int = 8
    language: DigestLanguage = DigestLanguage.NL
    is_on: bool = False
