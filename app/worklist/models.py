"""Who wants a daily mail of what is due."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, code_enum
from app.core.models import Base
from app.worklist.domain import DigestLanguage


class DigestSubscription(Base):
    """One colleague's wish. hour: on the bureau's own clock; last_on: the last day that is done."""

    __tablename__ = "digest_subscriptions"
    __table_args__ = (
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        Index(None, "is_on", "hour"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True)
    email: Mapped[str] = mapped_column(PersonalText)
    hour: Mapped[int]
    language: Mapped[DigestLanguage] = mapped_column(code_enum(DigestLanguage, "language"))
    is_on: Mapped[bool]
    last_on: Mapped[date | None]
