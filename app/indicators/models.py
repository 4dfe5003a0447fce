"""Plans, each version a row, and what was entered of their indicators. Rows are only added."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, UtcDateTime
from app.core.models import Base, Identified


class Plan(Identified, Base):
    """One version of a plan; the highest counts. document: see `plan_file.PlanFile`.
    loaded_by_id: None for the one that is shipped."""

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("last_year >= first_year", name="period"),
        Index(None, "loaded_at", "version", "id"),
    )

    code: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    first_year: Mapped[int]
    last_year: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    loaded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))


class IndicatorValue(Identified, Base):
    """What a colleague said of an indicator in a year; the highest position counts.

    value: a decimal number as text; or fulfilled; neither when what stood was taken back.
    evidence: what shows it, or why it was taken back.
    """

    __tablename__ = "indicator_values"
    __table_args__ = (
        UniqueConstraint("plan_code", "code", "year", "position"),
        CheckConstraint("value IS NULL OR fulfilled IS NULL", name="one_of_both"),
    )

    plan_code: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    position: Mapped[int]
    value: Mapped[str | None] = mapped_column(String(20))
    fulfilled: Mapped[bool | None]
    evidence: Mapped[str] = mapped_column(PersonalText)
    link: Mapped[str | None] = mapped_column(String(500))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))

    @property
    def is_withdrawal(self) -> bool:
        return self.value is None and self.fulfilled is None

    @property
    def number(self) -> Decimal | None:
        return None if self.value is None else Decimal(self.value)
