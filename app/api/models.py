"""Answers kept so that a retried request gets the same one."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import UtcDateTime
from app.core.models import Base


class KeptAnswer(Base):
    """One `Idempotency-Key` and the answer it got, sealed under a key derived from it."""

    __tablename__ = "kept_answers"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    sealed_answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None: withheld, since what it shows may be hidden from who asked by now."""
    is_of_staff: Mapped[bool] = mapped_column(default=False)
    """Of a colleague or a partner, from whom it may have to be withheld."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
