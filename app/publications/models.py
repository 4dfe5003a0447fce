"""Texts of the yearly report, its reviews, and what was published."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned
from app.publications.domain import ReviewDecision, Section
from app.vocabulary.domain import Language


class ReportText(Identified, Versioned, Base):
    """One section of a year's report in one language, as it stands. Empty once it is taken out.

    Sealed: until it is published a draft may say too much of somebody.
    """

    __tablename__ = "report_texts"
    __table_args__ = (UniqueConstraint("year", "section", "language"),)

    year: Mapped[int]
    section: Mapped[Section] = mapped_column(code_enum(Section, "section"))
    language: Mapped[Language] = mapped_column(code_enum(Language, "language"))
    text: Mapped[str] = mapped_column(PersonalText)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))


class YearResources(Versioned, Base):
    """What the bureau had in a year. staff_hundredths: full-time equivalents, 350 is 3.5."""

    __tablename__ = "year_resources"
    __table_args__ = (
        CheckConstraint("staff_hundredths >= 0", name="staff"),
        CheckConstraint("budget_cents >= 0 AND spent_cents >= 0", name="money"),
    )

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    staff_hundredths: Mapped[int | None]
    budget_cents: Mapped[int | None]
    spent_cents: Mapped[int | None]
    written_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    """None of what was entered before authors were kept."""


class ReportReview(Identified, Base):
    """Somebody read the draft. draft: the mark of what was read; after: versions published then."""

    __tablename__ = "report_reviews"
    __table_args__ = (UniqueConstraint("year", "position"),)

    year: Mapped[int]
    position: Mapped[int]
    decision: Mapped[ReviewDecision] = mapped_column(code_enum(ReviewDecision, "decision"))
    remarks: Mapped[str | None] = mapped_column(PersonalText)
    draft: Mapped[str] = mapped_column(String(64))
    after: Mapped[int]
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reviewed_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))


class Publication(Identified, Base):
    """A version of a year's report, as it was published; never changed.

    content: the canonical JSON of figures, texts, labels and settings; content_hash is of it, and
    draft the mark of the texts alone. release: what of it everybody may see, see `Release`; None
    of versions from before there was disclosure control.
    """

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("year", "version_number"),
        CheckConstraint("(version_number = 1) = (reason IS NULL)", name="correction_has_reason"),
        CheckConstraint("published_by_id <> reviewed_by_id", name="two_people"),
    )

    year: Mapped[int]
    version_number: Mapped[int]
    reason: Mapped[str | None] = mapped_column(PersonalText)
    content: Mapped[str] = mapped_column(PersonalText)
    content_hash: Mapped[str] = mapped_column(String(64))
    draft: Mapped[str] = mapped_column(String(64))
    release: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    code_version: Mapped[str] = mapped_column(String(40))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    reviewed_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
