from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.fields import Body, View
from app.worklist.domain import DigestLanguage

# What every mail server takes: one that needs more could not be told that it failed.
MailAddress = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9-]+\.)+[A-Za-z]{2,63}$",
        max_length=254,
    ),
]


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

    email: MailAddress
    hour: Annotated[int, Field(ge=0, le=23)]
    language: DigestLanguage
    is_on: bool


class DigestView(View):
    email: str | None = None
    hour: int = 8
    language: DigestLanguage = DigestLanguage.NL
    is_on: bool = False
