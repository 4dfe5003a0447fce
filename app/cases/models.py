"""Case files and what belongs to them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.cases.domain import CaseStatus, LinkKind, TimelineKind
from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned


class CaseCounter(Base):
    """The last case number of a year; its row is locked until commit, so there is no gap."""

    __tablename__ = "case_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


class Case(Identified, Versioned, Base):
    """A case file. Assessment (was it discrimination?) and outcome (how did it end?) are apart."""

    __tablename__ = "cases"
    sealed_by = "id"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_has_a_day"),
        CheckConstraint(
            "(status = 'closed') = (outcome IS NOT NULL)", name="closed_has_an_outcome"
        ),
        CheckConstraint("closed_on >= opened_on", name="closed_after_opened"),
        CheckConstraint("number >= 1", name="number"),
        Index(None, "opened_on", "id"),
        Index(None, "status", "opened_on", "id"),
        Index(None, "handler_id", "opened_on", "id"),
        Index(None, "closed_on", "target_on", "id"),
    )

    year: Mapped[int]
    number: Mapped[int]
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    status: Mapped[CaseStatus] = mapped_column(
        code_enum(CaseStatus, "status"), default=CaseStatus.OPEN
    )
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_on: Mapped[date]
    target_on: Mapped[date]
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    is_restricted: Mapped[bool] = mapped_column(default=False)
    assessment: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str | None] = mapped_column(String(60))
    closed_on: Mapped[date | None]
    closure_reason: Mapped[str | None] = mapped_column(PersonalText)
    disposed_on: Mapped[date | None]
    """What is left is counted in figures and shown to nobody (app/retention)."""


class CaseReport(Base):
    """The reports of a case. A report is in one case at most."""

    __tablename__ = "case_reports"
    __table_args__ = (Index(None, "case_id"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    added_on: Mapped[date]


class CaseHold(Identified, Base):
    """A period in which the case waits; open while `ended_on` is empty."""

    __tablename__ = "case_holds"
    sealed_by = "case_id"
    __table_args__ = (
        CheckConstraint("ended_on >= started_on", name="period"),
        CheckConstraint("expected_until >= started_on", name="expected"),
        Index(None, "case_id", "started_on"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    started_on: Mapped[date]
    expected_until: Mapped[date | None]
    ended_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(PersonalText)


class CaseNote(Identified, Base):
    """An internal note: never visible to the reporter."""

    __tablename__ = "case_notes"
    sealed_by = "case_id"
    __table_args__ = (Index(None, "case_id", "written_at"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    body: Mapped[str] = mapped_column(PersonalText)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))


class CaseTask(Identified, Versioned, Base):
    __tablename__ = "case_tasks"
    sealed_by = "case_id"
    __table_args__ = (
        Index(None, "case_id", "due_on"),
        Index(None, "due_on", "id"),
        Index(None, "assignee_id", "due_on", "id"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    title: Mapped[str] = mapped_column(PersonalText)
    due_on: Mapped[date]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    done_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseLink(Base):
    """Two cases that have to do with each other; kept once, the smaller id first."""

    __tablename__ = "case_links"
    __table_args__ = (
        CheckConstraint("first_id < second_id", name="order"),
        Index(None, "second_id"),
    )

    first_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    second_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    kind: Mapped[LinkKind] = mapped_column(code_enum(LinkKind, "kind"))
    linked_on: Mapped[date]


class TimelineEntry(Identified, Base):
    """What happened in a case, in order; `details` holds codes and ids, `remark` what was said."""

    __tablename__ = "timeline_entries"
    sealed_by = "case_id"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    position: Mapped[int]
    kind: Mapped[TimelineKind] = mapped_column(code_enum(TimelineKind, "kind"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    object_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    remark: Mapped[str | None] = mapped_column(PersonalText)
