"""Holds, and disposals with what they are about."""

from datetime import date
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, code_enum
from app.core.models import Base, Identified, Versioned
from app.retention.domain import Basis, DisposalStatus, ItemOutcome, KeptBecause, SubjectKind


class RetentionHold(Identified, Base):
    """While it stands, its case or report is not disposed of. `subject_id` names a row of two
    tables."""

    __tablename__ = "retention_holds"
    sealed_by = "subject_id"
    __table_args__ = (
        CheckConstraint("lifted_on >= placed_on", name="lifted_after_placed"),
        CheckConstraint("review_on >= placed_on", name="review_after_placed"),
        CheckConstraint("(lifted_on IS NULL) = (lifted_by_id IS NULL)", name="lifted_by_whom"),
        Index(None, "subject_id", "lifted_on"),
        Index(None, "placed_on", "id"),
        Index(None, "lifted_on", "review_on", "id"),
    )

    kind: Mapped[SubjectKind] = mapped_column(code_enum(SubjectKind, "kind"))
    subject_id: Mapped[UUID]
    reference: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(PersonalText)
    placed_on: Mapped[date]
    placed_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    review_on: Mapped[date]
    lifted_on: Mapped[date | None]
    lifted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))


class Disposal(Identified, Versioned, Base):
    """What one colleague proposes and another decides; both reasons are the house's own."""

    __tablename__ = "disposals"
    sealed_by = None
    __table_args__ = (
        CheckConstraint(
            "status <> 'approved' AND status <> 'done' OR decided_by_id <> proposed_by_id",
            name="two_people",
        ),
        CheckConstraint("(status = 'proposed') = (decided_on IS NULL)", name="decided_has_a_day"),
        CheckConstraint("(decided_on IS NULL) = (decided_by_id IS NULL)", name="decided_by_whom"),
        CheckConstraint("(status = 'done') = (done_on IS NOT NULL)", name="done_has_a_day"),
        CheckConstraint("basis = 'schedule' OR reason IS NOT NULL", name="erasure_has_a_reason"),
        Index(None, "proposed_on", "id"),
        Index(None, "status", "proposed_on", "id"),
    )

    kind: Mapped[SubjectKind] = mapped_column(code_enum(SubjectKind, "kind"))
    basis: Mapped[Basis] = mapped_column(code_enum(Basis, "basis"))
    status: Mapped[DisposalStatus] = mapped_column(
        code_enum(DisposalStatus, "status"), default=DisposalStatus.PROPOSED
    )
    reason: Mapped[str | None] = mapped_column(PersonalText)
    proposed_on: Mapped[date]
    proposed_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    decided_on: Mapped[date | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    decision_reason: Mapped[str | None] = mapped_column(PersonalText)
    done_on: Mapped[date | None]


class DisposalItem(Base):
    """One case or report of a disposal: the tombstone, once it is disposed of.

    removed: how many rows and files went, by table. is_anonymous: no report of it named a reporter,
    so there was no identity to remove.
    """

    __tablename__ = "disposal_items"
    __table_args__ = (
        CheckConstraint("(outcome = 'kept') = (kept_because IS NOT NULL)", name="kept_why"),
        CheckConstraint("(outcome = 'disposed') = (disposed_on IS NOT NULL)", name="disposed_when"),
        Index(None, "disposal_id", "reference"),
        Index(None, "subject_id", "outcome"),
        Index(None, "disposal_id", "outcome", "reference"),
    )

    disposal_id: Mapped[UUID] = mapped_column(ForeignKey("disposals.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str | None] = mapped_column(String(60))
    due_on: Mapped[date | None]
    is_anonymous: Mapped[bool]
    outcome: Mapped[ItemOutcome] = mapped_column(
        code_enum(ItemOutcome, "outcome"), default=ItemOutcome.WAITING
    )
    kept_because: Mapped[KeptBecause | None] = mapped_column(code_enum(KeptBecause, "kept_because"))
    disposed_on: Mapped[date | None]
    removed: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
