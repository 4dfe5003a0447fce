"""Requests of people, and the reports and cases that they are about."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import Lines, PersonalText, code_enum
from app.core.models import Base, Identified, Versioned
from app.retention.domain import SubjectKind
from app.rights.domain import (
    Decision,
    IdentityCheck,
    PersonRole,
    RefusalGround,
    RequestKind,
)


class PersonRequest(Identified, Versioned, Base):
    """What somebody asks about their own data, and what was answered.

    It has a data key of its own: it tells who asked even after what was asked about is gone.
    """

    __tablename__ = "person_requests"
    sealed_by = "id"
    __table_args__ = (
        CheckConstraint("due_on > received_on", name="due_after_received"),
        CheckConstraint("registered_on >= received_on", name="registered_after_received"),
        CheckConstraint(
            "(extended_on IS NULL) = (extension_reason IS NULL)", name="extended_has_a_reason"
        ),
        CheckConstraint(
            "(identity_check IS NULL) = (identity_shown_on IS NULL)", name="identity_has_a_day"
        ),
        CheckConstraint(
            "(identity_check IS NULL) = (identity_checked_by_id IS NULL)",
            name="identity_by_whom",
        ),
        CheckConstraint("(decision IS NULL) = (answered_on IS NULL)", name="decided_has_a_day"),
        CheckConstraint("(decision IS NULL) = (decided_by_id IS NULL)", name="decided_by_whom"),
        CheckConstraint(
            "(decision IS NULL) = (decision_reason IS NULL)", name="decided_has_a_reason"
        ),
        CheckConstraint(
            "(refusal_ground IS NOT NULL) = (decision IS NOT NULL AND decision = 'refused')",
            name="refused_has_a_ground",
        ),
        CheckConstraint(
            "decision IS NULL OR identity_check IS NOT NULL"
            " OR (decision = 'refused' AND refusal_ground = 'identity_not_shown')",
            name="decided_knows_who",
        ),
        CheckConstraint(
            "(restriction_lifted_on IS NULL) = (lifting_reason IS NULL)",
            name="lifted_has_a_reason",
        ),
        Index(None, "received_on", "id"),
        Index(None, "answered_on", "due_on", "id"),
    )

    kind: Mapped[RequestKind] = mapped_column(code_enum(RequestKind, "kind"))
    role: Mapped[PersonRole] = mapped_column(code_enum(PersonRole, "role"))
    language: Mapped[str] = mapped_column(String(3))
    requester_name: Mapped[str | None] = mapped_column(PersonalText)
    requester_contact: Mapped[str | None] = mapped_column(PersonalText)
    received_on: Mapped[date]
    due_on: Mapped[date]
    registered_on: Mapped[date]
    registered_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    extended_on: Mapped[date | None]
    extension_reason: Mapped[str | None] = mapped_column(PersonalText)

    identity_check: Mapped[IdentityCheck | None] = mapped_column(
        code_enum(IdentityCheck, "identity_check")
    )
    identity_shown_on: Mapped[date | None]
    identity_checked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))

    decision: Mapped[Decision | None] = mapped_column(code_enum(Decision, "decision"))
    refusal_ground: Mapped[RefusalGround | None] = mapped_column(
        code_enum(RefusalGround, "refusal_ground")
    )
    decision_reason: Mapped[str | None] = mapped_column(PersonalText)
    answered_on: Mapped[date | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))

    unmasked_kinds: Mapped[list[str]] = mapped_column(Lines, default=())
    """Kinds of what is of others that the export shows after review."""
    unmasking_reason: Mapped[str | None] = mapped_column(PersonalText)
    restriction_lifted_on: Mapped[date | None]
    lifting_reason: Mapped[str | None] = mapped_column(PersonalText)

    subjects: Mapped[list["RequestSubject"]] = relationship(
        cascade="all, delete-orphan", order_by="RequestSubject.reference", lazy="selectin"
    )


class RequestSubject(Base):
    """A report or case that a request is about. `subject_id` names a row of two tables.

    disposal_id: through which its erasure was proposed. hold_id: while this hold stands, this
    request restricts the processing of the report.
    """

    __tablename__ = "person_request_subjects"
    __table_args__ = (Index(None, "subject_id"), Index(None, "hold_id"))

    request_id: Mapped[UUID] = mapped_column(ForeignKey("person_requests.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[SubjectKind] = mapped_column(code_enum(SubjectKind, "kind"))
    reference: Mapped[str] = mapped_column(String(20))
    disposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("disposals.id"))
    hold_id: Mapped[UUID | None] = mapped_column(ForeignKey("retention_holds.id"))
