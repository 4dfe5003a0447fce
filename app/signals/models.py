"""Runs of the detection, signals, the reports behind them, and what was decided."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned
from app.signals.domain import (
    CountedBy,
    Decision,
    EventCounting,
    ObservationSource,
    Origin,
    SignalStatus,
)


class DetectionRun(Identified, Base):
    """One look at all series: the same data, settings and code give the same run.

    fingerprint: SHA-256 of those three. counts: what was scanned, compressed and in base64, so that
    the run can be repeated with the data as they were known. settings: with the threshold, None
    where the past was so quiet that there is none. found: the alarms, see `detecting`.
    """

    __tablename__ = "detection_runs"
    __table_args__ = (Index(None, "detected_at", "id"),)

    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    month: Mapped[str] = mapped_column(String(7))
    counted_by: Mapped[CountedBy] = mapped_column(code_enum(CountedBy, "counted_by"))
    event_counting: Mapped[EventCounting] = mapped_column(
        code_enum(EventCounting, "event_counting")
    )
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    code_version: Mapped[str] = mapped_column(String(40))
    counts: Mapped[str] = mapped_column(Text)
    months: Mapped[int]
    series: Mapped[int]
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    detected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    requested_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))


class SignalCounter(Base):
    """The last signal number of a year."""

    __tablename__ = "signal_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


class Signal(Identified, Versioned, Base):
    """A rise that the counts show, or what somebody saw; both in one list.

    evidence: figures as they were when it was found, see `evidence.py`; observed: its count.
    """

    __tablename__ = "signals"
    sealed_by = "id"
    __table_args__ = (
        CheckConstraint("last_month >= first_month", name="period"),
        CheckConstraint(
            "(origin = 'detected') = (evidence IS NOT NULL) AND (evidence IS NULL) = (run_id IS"
            " NULL) AND (evidence IS NULL) = (observed IS NULL)",
            name="detected_has_evidence",
        ),
        CheckConstraint(
            "(origin = 'observed') = (description IS NOT NULL)"
            " AND (description IS NULL) = (source IS NULL)",
            name="observed_is_described",
        ),
        Index(None, "found_on", "id"),
        Index(None, "status", "found_on", "id"),
        Index(None, "origin", "last_month"),
    )

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    origin: Mapped[Origin] = mapped_column(code_enum(Origin, "origin"))
    status: Mapped[SignalStatus] = mapped_column(code_enum(SignalStatus, "status"))
    ground: Mapped[str | None] = mapped_column(String(60))
    domain: Mapped[str | None] = mapped_column(String(60))
    municipality: Mapped[str | None] = mapped_column(String(100))
    district: Mapped[str | None] = mapped_column(String(100))
    first_month: Mapped[str] = mapped_column(String(7))
    last_month: Mapped[str] = mapped_column(String(7))
    found_on: Mapped[date]

    counted_by: Mapped[CountedBy | None] = mapped_column(code_enum(CountedBy, "counted_by"))
    event_counting: Mapped[EventCounting | None] = mapped_column(
        code_enum(EventCounting, "event_counting")
    )
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("detection_runs.id"))
    observed: Mapped[int | None]
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    source: Mapped[ObservationSource | None] = mapped_column(code_enum(ObservationSource, "source"))
    description: Mapped[str | None] = mapped_column(PersonalText)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))


class SignalReport(Base):
    """A report that the signal counts."""

    __tablename__ = "signal_reports"

    signal_id: Mapped[UUID] = mapped_column(ForeignKey("signals.id"), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True, index=True)


class SignalDecision(Identified, Base):
    """observed: the count on which it was decided; None for an observation."""

    __tablename__ = "signal_decisions"
    sealed_by = "signal_id"
    __table_args__ = (UniqueConstraint("signal_id", "position"),)

    signal_id: Mapped[UUID] = mapped_column(ForeignKey("signals.id"))
    position: Mapped[int]
    decision: Mapped[Decision] = mapped_column(code_enum(Decision, "decision"))
    reason: Mapped[str | None] = mapped_column(PersonalText)
    observed: Mapped[int | None]
    decided_on: Mapped[date]
    decided_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
