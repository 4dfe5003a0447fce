"""Suggestions that were decided on, actions, what they rest on, and their results."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned
from app.prevention.domain import (
    ActionStatus,
    EvidenceKind,
    SuggestionDecision,
    SuggestionState,
    Verdict,
)


class PreventionSuggestion(Versioned, Base):
    """A suggestion on which something was decided; all others are found anew each time.

    id: see `domain.suggestion_id`. number: what was counted when it was last decided on.
    """

    __tablename__ = "prevention_suggestions"
    __table_args__ = (
        CheckConstraint("state <> 'open'", name="decided"),
        CheckConstraint("(state = 'postponed') = (postponed_until IS NOT NULL)", name="postponed"),
        Index(None, "based_on_year"),
        Index(None, "signal_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    based_on_year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(60))
    evidence_kind: Mapped[EvidenceKind] = mapped_column(code_enum(EvidenceKind, "evidence_kind"))
    signal_id: Mapped[UUID | None] = mapped_column(ForeignKey("signals.id"))
    state: Mapped[SuggestionState] = mapped_column(code_enum(SuggestionState, "state"))
    postponed_until: Mapped[date | None]
    number: Mapped[int | None]


class PreventionSuggestionDecision(Identified, Base):
    """evidence: as it was on that day, with the points of the score; without the organisation that
    it names, which stands beside it."""

    __tablename__ = "prevention_suggestion_decisions"
    sealed_by = "suggestion_id"
    __table_args__ = (UniqueConstraint("suggestion_id", "position"),)

    suggestion_id: Mapped[UUID] = mapped_column(ForeignKey("prevention_suggestions.id"))
    position: Mapped[int]
    decision: Mapped[SuggestionDecision] = mapped_column(code_enum(SuggestionDecision, "decision"))
    reason: Mapped[str | None] = mapped_column(PersonalText)
    until: Mapped[date | None]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    respondent: Mapped[str | None] = mapped_column(PersonalText)
    decided_on: Mapped[date]
    decided_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))


class PreventionDecisionReport(Base):
    """A report that the kept evidence counts: who may not know of it does not see the count."""

    __tablename__ = "prevention_decision_reports"

    decision_id: Mapped[UUID] = mapped_column(
        ForeignKey("prevention_suggestion_decisions.id"), primary_key=True
    )
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True, index=True)


class PreventionCounter(Base):
    """The last action number of a year."""

    __tablename__ = "prevention_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


class PreventionAction(Identified, Versioned, Base):
    """ground, domain, municipality, district: what it is aimed at; None is all of them.

    least_heard: how those are reached who are heard least. Costs are whole cents of a euro.
    """

    __tablename__ = "prevention_actions"
    sealed_by = "id"
    __table_args__ = (
        CheckConstraint("planned_to >= planned_from", name="planned_period"),
        CheckConstraint("ended_on >= began_on", name="period"),
        CheckConstraint("(status = 'completed') = (ended_on IS NOT NULL)", name="completed_on"),
        CheckConstraint("(status = 'cancelled') = (cancelled_on IS NOT NULL)", name="cancelled_on"),
        CheckConstraint(
            "(status = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancelled_has_a_reason"
        ),
        CheckConstraint(
            "(status <> 'planned' OR began_on IS NULL)"
            " AND (status NOT IN ('running', 'completed') OR began_on IS NOT NULL)",
            name="began_on",
        ),
        CheckConstraint("planned_cents >= 0", name="planned_cents"),
        CheckConstraint("spent_cents >= 0", name="spent_cents"),
        CheckConstraint("district IS NULL OR municipality IS NOT NULL", name="place"),
        Index(None, "recorded_at", "id"),
        Index(None, "status", "recorded_at", "id"),
        Index(None, "began_on"),
    )

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    status: Mapped[ActionStatus] = mapped_column(
        code_enum(ActionStatus, "status"), default=ActionStatus.PLANNED
    )
    goals: Mapped[str] = mapped_column(PersonalText)
    ground: Mapped[str | None] = mapped_column(String(60))
    domain: Mapped[str | None] = mapped_column(String(60))
    municipality: Mapped[str | None] = mapped_column(String(100))
    district: Mapped[str | None] = mapped_column(String(100))
    target_groups: Mapped[Sequence[str]] = mapped_column(JSON)
    least_heard: Mapped[str | None] = mapped_column(PersonalText)
    planned_from: Mapped[date | None]
    planned_to: Mapped[date | None]
    began_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    cancelled_on: Mapped[date | None]
    cancel_reason: Mapped[str | None] = mapped_column(PersonalText)
    planned_cents: Mapped[int | None]
    spent_cents: Mapped[int | None]
    responsible_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))

    partners: Mapped[list["PreventionPartner"]] = relationship(
        cascade="all, delete-orphan", order_by="PreventionPartner.partner_id"
    )
    activities: Mapped[list["PreventionActivity"]] = relationship(
        cascade="all, delete-orphan", order_by="PreventionActivity.activity_id"
    )
    links: Mapped[list["PreventionLink"]] = relationship(order_by="PreventionLink.position")
    action_points: Mapped[list["PreventionPoint"]] = relationship(
        order_by="PreventionPoint.due_on, PreventionPoint.id"
    )
    results: Mapped[list["PreventionResult"]] = relationship(order_by="PreventionResult.position")


class PreventionPartner(Base):
    __tablename__ = "prevention_partners"
    __table_args__ = (Index(None, "partner_id"),)

    action_id: Mapped[UUID] = mapped_column(ForeignKey("prevention_actions.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), primary_key=True)


class PreventionActivity(Base):
    """An activity by which the action was carried out."""

    __tablename__ = "prevention_activities"
    __table_args__ = (Index(None, "activity_id"),)

    action_id: Mapped[UUID] = mapped_column(ForeignKey("prevention_actions.id"), primary_key=True)
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"), primary_key=True)


class PreventionLink(Identified, Base):
    """What an action rests on: a suggestion that was accepted, or a signal. It stays, with the
    reason when it was undone: then it counts for nothing."""

    __tablename__ = "prevention_links"
    sealed_by = "action_id"
    __table_args__ = (
        CheckConstraint("(suggestion_id IS NULL) <> (signal_id IS NULL)", name="of_one"),
        CheckConstraint(
            "(undone_on IS NULL) = (undone_by_id IS NULL)"
            " AND (undone_on IS NULL) = (undone_reason IS NULL)",
            name="undone_has_a_reason",
        ),
        UniqueConstraint("action_id", "position"),
        Index(None, "suggestion_id"),
        Index(None, "signal_id"),
    )

    action_id: Mapped[UUID] = mapped_column(ForeignKey("prevention_actions.id"))
    position: Mapped[int]
    suggestion_id: Mapped[UUID | None] = mapped_column(ForeignKey("prevention_suggestions.id"))
    signal_id: Mapped[UUID | None] = mapped_column(ForeignKey("signals.id"))
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    linked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    undone_on: Mapped[date | None]
    undone_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    undone_reason: Mapped[str | None] = mapped_column(PersonalText)


class PreventionPoint(Identified, Base):
    """What a colleague promised to do for an action by a day."""

    __tablename__ = "prevention_points"
    sealed_by = "action_id"
    __table_args__ = (Index(None, "action_id"), Index(None, "done_on", "due_on", "id"))

    action_id: Mapped[UUID] = mapped_column(ForeignKey("prevention_actions.id"))
    text: Mapped[str] = mapped_column(PersonalText)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    set_on: Mapped[date]
    due_on: Mapped[date]
    done_on: Mapped[date | None]


class PreventionResult(Identified, Base):
    """What came of an action. participants: who were reached.

    measured: counts before and after as they were known then, see `effects.Effect`; None: the
    action had not ended, or was aimed at nothing that is counted.
    """

    __tablename__ = "prevention_results"
    sealed_by = "action_id"
    __table_args__ = (
        CheckConstraint("participants >= 0", name="participants"),
        CheckConstraint("(measured IS NULL) = (verdict IS NULL)", name="measured_has_a_verdict"),
        UniqueConstraint("action_id", "position"),
    )

    action_id: Mapped[UUID] = mapped_column(ForeignKey("prevention_actions.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(PersonalText)
    participants: Mapped[int | None]
    measured: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    verdict: Mapped[Verdict | None] = mapped_column(code_enum(Verdict, "verdict"))
    recorded_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))


class PreventionResultReport(Base):
    """A report that a measured result counts: who may not know of it does not see the counts."""

    __tablename__ = "prevention_result_reports"

    result_id: Mapped[UUID] = mapped_column(ForeignKey("prevention_results.id"), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True, index=True)
