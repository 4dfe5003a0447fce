"""What is kept of the figures, so that a year need not be counted from its rows each time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import UtcDateTime
from app.core.models import Base


class FigureMonth(Base):
    """The figures of one month, as they were counted. Valid while the month is not stale.

    home: the municipality for which residents were told apart; form: of the figures, see
    `months.FORM`. flows: the small part that later years need too.
    """

    __tablename__ = "figure_months"
    __table_args__ = (CheckConstraint("length(month) = 7", name="month"),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    home: Mapped[str] = mapped_column(String(100))
    form: Mapped[int]
    flows: Mapped[dict[str, Any]] = mapped_column(JSON)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)


class StaleMonth(Base):
    """A month whose rows changed since it was counted; written by triggers of the database.

    Triggers, because a figure that silently misses a change is worse than any other fault here, and
    no service can forget one. Rows are only added, never changed: one row for each month would make
    all who report in that month wait for each other on PostgreSQL.
    """

    __tablename__ = "stale_months"

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), index=True)


class KeptYear(Base):
    """What partners are shown of a year, as it was when first asked for; never changed.

    figures: by_domain, by_ground, by_outcome as {total, cells}, and cases_opened; None is hidden.
    """

    __tablename__ = "kept_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)


class KeptPartnerYear(Base):
    """The part of a year that one partner is shown of itself; never changed.

    figures: numbers as {total, cells}, and median_days as text; None is hidden.
    """

    __tablename__ = "kept_partner_years"

    year: Mapped[int] = mapped_column(ForeignKey("kept_years.year"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
