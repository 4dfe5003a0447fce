"""The trail: append-only, chained after the commit, vouched for by signed checkpoints."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.domain import Event
from app.core.access import ActorKind, Surface
from app.core.columns import UtcDateTime, code_enum
from app.core.models import Base, Identified

Position = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(Identified, Base):
    """Who did what to which object, when, and from which surface.

    The id is random and the order is (at, id): an entry about an anonymous report, kept to the day,
    cannot be placed between its neighbours. `details` holds codes and counts, never personal data.
    Triggers of the store queue each new entry for the chain, and refuse to change or delete one.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "object_id", "at"),
        Index(None, "actor_id", "at"),
    )

    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[Event] = mapped_column(code_enum(Event, "event", is_checked=False))
    actor_kind: Mapped[ActorKind] = mapped_column(code_enum(ActorKind, "actor_kind"))
    actor_id: Mapped[UUID | None]
    surface: Mapped[Surface] = mapped_column(code_enum(Surface, "surface"))
    object_kind: Mapped[str | None] = mapped_column(String(40))
    object_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class AuditPending(Base):
    """An entry that waits for the chain, written by a trigger in the transaction of the entry.

    sealable_at: `at`, or an hour past the day of an entry whose time is kept to the day. The key
    orders the rows of SQLite: a row number would tell in which order such entries came in.
    """

    __tablename__ = "audit_pending"
    __table_args__ = {"sqlite_with_rowid": False}

    sealable_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)


class AuditChainLink(Base):
    """One entry's place in the chain; the hashes are those of app.audit.links.

    entry_id and salt are absent after the erasure of the entry: the commitment then tells nothing,
    and the chain still holds. There is no foreign key, so that a lost entry is found, not refused.
    """

    __tablename__ = "audit_chain"
    __table_args__ = (
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("(entry_id IS NULL) = (salt IS NULL)", name="erased_as_a_whole"),
    )

    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID | None] = mapped_column(unique=True)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    commitment: Mapped[bytes] = mapped_column(LargeBinary)
    link: Mapped[bytes] = mapped_column(LargeBinary)


class AuditCheckpoint(Base):
    """Signed: the chain had this many entries and this last link at this moment."""

    __tablename__ = "audit_checkpoints"
    __table_args__ = (CheckConstraint("number > 0 AND size > 0", name="counts"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(Position, unique=True)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
