"""Files that belong to something."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.attachments.domain import OwnerKind
from app.core.access import ActorKind
from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified


class Attachment(Identified, Base):
    """One file: what is known of it. sha256: of the plain bytes; sealed, for it tells a known file.

    file_key: what its bytes are sealed with. Once removed, its name, key and bytes are gone; that
    there was one stays. `owner_id` has no
    foreign key: it can name a row of several tables.
    """

    __tablename__ = "attachments"
    sealed_by = "owner_id"
    __table_args__ = (
        CheckConstraint("size_bytes >= 1", name="size"),
        CheckConstraint(
            "(removed_on IS NULL) = (file_name IS NOT NULL)", name="removed_has_no_name"
        ),
        CheckConstraint(
            "(removed_on IS NULL) = (storage_id IS NOT NULL)", name="removed_has_no_file"
        ),
        CheckConstraint("(removed_on IS NULL) = (file_key IS NOT NULL)", name="removed_has_no_key"),
        Index(None, "owner_kind", "owner_id", "added_at", "id"),
    )

    owner_kind: Mapped[OwnerKind] = mapped_column(code_enum(OwnerKind, "owner_kind"))
    owner_id: Mapped[UUID]
    storage_id: Mapped[UUID | None] = mapped_column(unique=True)
    file_name: Mapped[str | None] = mapped_column(PersonalText)
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(PersonalText)
    file_key: Mapped[str | None] = mapped_column(PersonalText)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by_kind: Mapped[ActorKind] = mapped_column(code_enum(ActorKind, "added_by_kind"))
    added_by_id: Mapped[UUID | None]
    removed_on: Mapped[date | None]
