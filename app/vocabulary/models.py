"""The code lists."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import code_enum
from app.core.models import Base, Versioned
from app.vocabulary.domain import CodeList


class VocabularyEntry(Versioned, Base):
    """One code of one list. Codes are never removed: they end."""

    __tablename__ = "vocabulary_entries"
    __table_args__ = (CheckConstraint("valid_to >= valid_from", name="validity"),)

    list: Mapped[CodeList] = mapped_column(code_enum(CodeList, "list"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int]
    labels: Mapped[dict[str, str]] = mapped_column(JSON)
    parent: Mapped[str | None] = mapped_column(String(60))
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class VocabularyRevision(Base):
    """One row that changes with every change of a list, so that processes know to read again."""

    __tablename__ = "vocabulary_revisions"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[UUID]
