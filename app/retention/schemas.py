"""Shapes of retention: schedule, what is due, holds, disposals."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from app.api.fields import Body, Day, Prose, VersionedView, View
from app.retention.domain import (
    Basis,
    DisposalStatus,
    ItemOutcome,
    KeptBecause,
    SubjectKind,
)
from app.retention.models import Disposal
from app.retention.service import MOST_ITEMS
from app.vocabulary.domain import Language


class RuleView(View):
    """codes: outcomes of a case or states of a report; none: all others of its kind."""

    code: str
    kind: SubjectKind
    codes: list[str]
    months: int
    why: dict[Language, str]


class ScheduleView(BaseModel):
    rules: list[RuleView]


class DueView(View):
    """counted_from: when the case was closed, or the report last moved. is_anonymous: no reporter
    is named in it, so that there is no identity to remove."""

    kind: SubjectKind
    id: UUID
    reference: str
    rule: str
    counted_from: date
    due_on: date
    is_anonymous: bool


class HoldBody(Body):
    kind: SubjectKind
    subject_id: UUID
    reason: Prose
    review_on: Day = Field(description="when to look again whether it is still needed")


class HoldView(View):
    id: UUID
    kind: SubjectKind
    subject_id: UUID
    reference: str
    reason: str
    placed_on: date
    placed_by_id: UUID
    review_on: date
    lifted_on: date | None
    lifted_by_id: UUID | None


def _once_each(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise ValueError("each once")
    return ids


SubjectIds = Annotated[
    list[UUID], Field(min_length=1, max_length=MOST_ITEMS), AfterValidator(_once_each)
]


class DisposalProposal(Body):
    """subject_ids: absent is all that is due, 1,000 at most. An erasure needs both them and a
    reason, and what goes need not be due."""

    kind: SubjectKind
    basis: Basis = Basis.SCHEDULE
    subject_ids: SubjectIds | None = None
    reason: Prose | None = None


class RejectionBody(Body):
    reason: Prose


class ItemCounts(BaseModel):
    waiting: int
    disposed: int
    kept: int


class DisposalView(VersionedView):
    id: UUID
    kind: SubjectKind
    basis: Basis
    status: DisposalStatus
    reason: str | None
    proposed_on: date
    proposed_by_id: UUID
    decided_on: date | None
    decided_by_id: UUID | None
    decision_reason: str | None
    done_on: date | None
    items: ItemCounts

    @classmethod
    def of(cls, disposal: Disposal, counts: Mapping[ItemOutcome, int]) -> "DisposalView":
        return cls(
            version=disposal.version,
            id=disposal.id,
            kind=disposal.kind,
            basis=disposal.basis,
            status=disposal.status,
            reason=disposal.reason,
            proposed_on=disposal.proposed_on,
            proposed_by_id=disposal.proposed_by_id,
            decided_on=disposal.decided_on,
            decided_by_id=disposal.decided_by_id,
            decision_reason=disposal.decision_reason,
            done_on=disposal.done_on,
            items=ItemCounts(
                waiting=counts[ItemOutcome.WAITING],
                disposed=counts[ItemOutcome.DISPOSED],
                kept=counts[ItemOutcome.KEPT],
            ),
        )


class DisposalItemView(View):
    """removed: rows and files that went, by table. kept_because: what stood in the way when it was
    carried out."""

    subject_id: UUID
    reference: str
    rule: str | None
    due_on: date | None
    is_anonymous: bool
    outcome: ItemOutcome
    kept_because: KeptBecause | None
    disposed_on: date | None
    removed: dict[str, int] | None
