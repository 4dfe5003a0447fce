"""Organisations the bureau works with. A later step adds tiers, territory and agreements."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, UtcDateTime
from app.core.models import Base, Identified, Versioned


class Partner(Identified, Versioned, Base):
    __tablename__ = "partners"

    organisation: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    contact: Mapped[str | None] = mapped_column(PersonalText)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
