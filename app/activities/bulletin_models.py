"""Bulletins, and to whom they were addressed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned
from app.vocabulary.domain import Language


class Bulletin(Identified, Versioned, Base):
    """A draft until it is sent; then it never changes.

    audience: {tiers, kinds, partner_ids}. figures: [{name, year, total}]; a total only once sent.
    """

    __tablename__ = "bulletins"
    __table_args__ = (Index(None, "written_at", "id"),)

    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(PersonalText)
    language: Mapped[Language] = mapped_column(code_enum(Language, "language"))
    audience: Mapped[Mapping[str, Any]] = mapped_column(JSON)
    figures: Mapped[Sequence[Mapping[str, Any]]] = mapped_column(JSON)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BulletinRecipient(Base):
    """One partner that a bulletin was addressed to. `sent_at` stands here too, for its list."""

    __tablename__ = "bulletin_recipients"
    __table_args__ = (Index(None, "partner_id", "sent_at", "bulletin_id"),)

    bulletin_id: Mapped[UUID] = mapped_column(ForeignKey("bulletins.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    bulletin: Mapped[Bulletin] = relationship(lazy="joined", innerjoin=True)
