"""Negotiations, proposals, agreements, commitments."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned
from app.resolutions.domain import (
    BreachDecision,
    CommitmentStatus,
    EndReason,
    NegotiationStatus,
    PartyRole,
    ProposalStatus,
    Response,
)


class Negotiation(Identified, Versioned, Base):
    """Talks under a mediator. One at a time in a case."""

    __tablename__ = "negotiations"
    sealed_by = "case_id"
    __table_args__ = (
        CheckConstraint("(status = 'ongoing') = (ended_on IS NULL)", name="ended_has_a_day"),
        CheckConstraint("(status = 'ended') = (end_reason IS NOT NULL)", name="ended_has_a_reason"),
        CheckConstraint("ended_on >= started_on", name="ended_after_started"),
        UniqueConstraint("case_id", "number"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    mediator_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    status: Mapped[NegotiationStatus] = mapped_column(
        code_enum(NegotiationStatus, "status"), default=NegotiationStatus.ONGOING
    )
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    end_reason: Mapped[EndReason | None] = mapped_column(code_enum(EndReason, "end_reason"))
    end_remark: Mapped[str | None] = mapped_column(PersonalText)
    complainant_consented_on: Mapped[date]
    respondent_consented_on: Mapped[date | None]

    parties: Mapped[list["Party"]] = relationship(order_by="Party.position", lazy="selectin")


class Party(Identified, Base):
    __tablename__ = "parties"
    sealed_by = "case_id"
    __table_args__ = (UniqueConstraint("negotiation_id", "position"), Index(None, "case_id"))

    negotiation_id: Mapped[UUID] = mapped_column(ForeignKey("negotiations.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    position: Mapped[int]
    role: Mapped[PartyRole] = mapped_column(code_enum(PartyRole, "role"))
    name: Mapped[str] = mapped_column(PersonalText)
    representative: Mapped[str | None] = mapped_column(PersonalText)


class NegotiationSession(Identified, Base):
    """A meeting of the parties, or a talk with one of them."""

    __tablename__ = "negotiation_sessions"
    sealed_by = "case_id"
    __table_args__ = (Index(None, "negotiation_id", "held_on"), Index(None, "case_id"))

    negotiation_id: Mapped[UUID] = mapped_column(ForeignKey("negotiations.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    held_on: Mapped[date]
    place: Mapped[str | None] = mapped_column(PersonalText)
    summary: Mapped[str] = mapped_column(PersonalText)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    attendances: Mapped[list["SessionAttendance"]] = relationship(lazy="selectin")


class SessionAttendance(Base):
    __tablename__ = "session_attendances"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("negotiation_sessions.id"), primary_key=True
    )
    party_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"), primary_key=True)


class Proposal(Identified, Base):
    """Terms that one party puts forward; they never change: a counter-proposal is a new one."""

    __tablename__ = "proposals"
    __table_args__ = (UniqueConstraint("negotiation_id", "number"),)

    negotiation_id: Mapped[UUID] = mapped_column(ForeignKey("negotiations.id"))
    number: Mapped[int]
    by_party_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"))
    counters_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposals.id"))
    status: Mapped[ProposalStatus] = mapped_column(
        code_enum(ProposalStatus, "status"), default=ProposalStatus.STANDING
    )
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    terms: Mapped[list["Term"]] = relationship(order_by="Term.position", lazy="selectin")
    responses: Mapped[list["ProposalResponse"]] = relationship(
        order_by="ProposalResponse.responded_at", lazy="selectin"
    )


class Term(Identified, Base):
    __tablename__ = "terms"
    sealed_by = "case_id"
    __table_args__ = (UniqueConstraint("proposal_id", "position"), Index(None, "case_id"))

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposals.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(PersonalText)
    debtor_party_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"))
    due_on: Mapped[date | None]


class ProposalResponse(Base):
    """What a party answered; one answer for each proposal."""

    __tablename__ = "proposal_responses"

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposals.id"), primary_key=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"), primary_key=True)
    response: Mapped[Response] = mapped_column(code_enum(Response, "response"))
    responded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Agreement(Identified, Base):
    """Stands since every party accepted the same proposal. Its terms are the proposal's."""

    __tablename__ = "agreements"

    negotiation_id: Mapped[UUID] = mapped_column(ForeignKey("negotiations.id"), unique=True)
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposals.id"), unique=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    reached_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reached_on: Mapped[date] = mapped_column(index=True)


class Commitment(Identified, Versioned, Base):
    """A term of an agreement that somebody must keep."""

    __tablename__ = "commitments"
    sealed_by = "case_id"
    __table_args__ = (
        Index(None, "due_on", "id"),
        Index(None, "case_id"),
        Index(None, "status", "due_on", "id"),
    )

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreements.id"), index=True)
    term_id: Mapped[UUID] = mapped_column(ForeignKey("terms.id"), unique=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(60))
    debtor_party_id: Mapped[UUID] = mapped_column(ForeignKey("parties.id"))
    due_on: Mapped[date]
    """A term without a date is due when the case should be closed."""
    status: Mapped[CommitmentStatus] = mapped_column(
        code_enum(CommitmentStatus, "status"), default=CommitmentStatus.PENDING
    )
    settled_on: Mapped[date | None]
    breach_decision: Mapped[BreachDecision | None] = mapped_column(
        code_enum(BreachDecision, "breach_decision")
    )
    breach_remark: Mapped[str | None] = mapped_column(PersonalText)


class FollowUp(Identified, Base):
    """What was found when somebody looked whether a commitment is kept."""

    __tablename__ = "follow_ups"
    sealed_by = "case_id"
    __table_args__ = (Index(None, "commitment_id", "followed_on"), Index(None, "case_id"))

    commitment_id: Mapped[UUID] = mapped_column(ForeignKey("commitments.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    status: Mapped[CommitmentStatus] = mapped_column(code_enum(CommitmentStatus, "status"))
    followed_on: Mapped[date]
    evidence: Mapped[str | None] = mapped_column(PersonalText)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
