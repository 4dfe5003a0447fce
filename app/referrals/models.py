"""Referrals, both ways, and the messages between bureau and partner."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned
from app.referrals.domain import (
    ConsentForm,
    ConsentGiver,
    MessageDirection,
    ReferralDirection,
    ReferralOutcome,
    ReferralPurpose,
    ReferralStatus,
)


class Referral(Identified, Versioned, Base):
    """One report between the bureau and one partner. Days only: a referral in may be anonymous.

    What is shared never changes: it is the report as it was when it was shared. Which case it
    belongs to is asked of the case: a report can join one later.
    """

    __tablename__ = "referrals"
    sealed_by = "report_id"
    __table_args__ = (
        CheckConstraint("direction = 'in' OR status <> 'submitted'", name="out_status"),
        CheckConstraint(
            "direction = 'out' OR status IN ('submitted', 'consent_withdrawn')", name="in_status"
        ),
        CheckConstraint("direction = 'in' OR purpose IS NOT NULL", name="out_has_a_purpose"),
        CheckConstraint("(direction = 'out') = (answer_by IS NOT NULL)", name="out_has_an_end"),
        CheckConstraint("(direction = 'out') = (preview IS NOT NULL)", name="out_has_a_preview"),
        CheckConstraint("answer_by >= made_on", name="answer_by"),
        CheckConstraint("result_by >= answer_by", name="result_by"),
        CheckConstraint(
            "(consent_given_on IS NULL) = (override_reason IS NOT NULL)", name="consent_or_override"
        ),
        CheckConstraint(
            "(consent_given_on IS NULL) = (consent_given_by IS NULL)", name="consent_given_by_whom"
        ),
        CheckConstraint(
            "(consent_given_on IS NULL) = (consent_form IS NULL)", name="consent_has_a_form"
        ),
        CheckConstraint(
            "consent_given_on IS NOT NULL OR (direction = 'out' AND status <> 'consent_withdrawn')",
            name="override_is_no_consent",
        ),
        CheckConstraint(
            "status NOT IN ('accepted', 'declined', 'completed') OR answered_on IS NOT NULL",
            name="answer_has_a_day",
        ),
        CheckConstraint("answered_on >= made_on", name="answered_after_made"),
        CheckConstraint(
            "(status = 'declined') = (decline_reason IS NOT NULL)", name="declined_has_a_reason"
        ),
        CheckConstraint(
            "(status = 'completed') = (completed_on IS NOT NULL)", name="completed_has_a_day"
        ),
        CheckConstraint(
            "(status = 'completed') = (outcome IS NOT NULL)", name="completed_has_an_outcome"
        ),
        CheckConstraint("completed_on >= answered_on", name="completed_after_answered"),
        CheckConstraint(
            "(status IN ('withdrawn', 'consent_withdrawn')) = (closed_on IS NOT NULL)",
            name="closed_has_a_day",
        ),
        Index(None, "made_on", "id"),
        Index(None, "status", "made_on", "id"),
        Index(None, "partner_id", "made_on", "id"),
        Index(None, "partner_id", "answered_on", "made_on"),
        Index(None, "report_id"),
        Index(None, "status", "answer_by", "id"),
        Index(None, "status", "result_by", "id"),
    )

    direction: Mapped[ReferralDirection] = mapped_column(code_enum(ReferralDirection, "direction"))
    status: Mapped[ReferralStatus] = mapped_column(code_enum(ReferralStatus, "status"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"))
    purpose: Mapped[ReferralPurpose | None] = mapped_column(code_enum(ReferralPurpose, "purpose"))
    made_on: Mapped[date]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))

    consent_given_on: Mapped[date | None]
    consent_given_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Where it was told; never of an anonymous reporter."""
    consent_given_by: Mapped[ConsentGiver | None] = mapped_column(
        code_enum(ConsentGiver, "consent_given_by")
    )
    consent_form: Mapped[ConsentForm | None] = mapped_column(code_enum(ConsentForm, "consent_form"))
    consent_overrules_report: Mapped[bool] = mapped_column(default=False)
    """The report itself said no to partners; this consent was given since."""
    override_reason: Mapped[str | None] = mapped_column(PersonalText)
    override_against_refusal: Mapped[bool] = mapped_column(default=False)
    outside_territory_reason: Mapped[str | None] = mapped_column(PersonalText)
    refused_on: Mapped[date | None]
    """When the reporter took the consent back, whatever became of the referral before."""
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    shared_fields: Mapped[list[str]] = mapped_column(JSON)
    shared: Mapped[str] = mapped_column(PersonalText)
    """JSON. Out: what was chosen, by field. In: the report as the partner wrote it."""
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What a partner sees before it accepts: identifies nobody."""

    answer_by: Mapped[date | None]
    result_by: Mapped[date | None]
    answered_on: Mapped[date | None]
    decline_reason: Mapped[str | None] = mapped_column(PersonalText)
    completed_on: Mapped[date | None]
    outcome: Mapped[ReferralOutcome | None] = mapped_column(code_enum(ReferralOutcome, "outcome"))
    outcome_remark: Mapped[str | None] = mapped_column(PersonalText)
    closed_on: Mapped[date | None]
    closing_reason: Mapped[str | None] = mapped_column(PersonalText)


class ReferralMessage(Identified, Base):
    """One message between bureau and partner."""

    __tablename__ = "referral_messages"
    sealed_by = "report_id"
    __table_args__ = (UniqueConstraint("referral_id", "position"), Index(None, "report_id"))

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"))
    position: Mapped[int]
    direction: Mapped[MessageDirection] = mapped_column(code_enum(MessageDirection, "direction"))
    body: Mapped[str] = mapped_column(PersonalText)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
