"""Activities, their action points, and calendar addresses."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import PersonalText, UtcDateTime
from app.core.models import Base, Identified, Versioned


class ActivityCounter(Base):
    """The last activity number of a year."""

    __tablename__ = "activity_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


class Activity(Identified, Versioned, Base):
    """A meeting, training, campaign or measurement. One that lies in the future is planned.

    population, sample, aware: of an awareness measurement; participants: of every other kind.
    """

    __tablename__ = "activities"
    sealed_by = "id"
    __table_args__ = (
        CheckConstraint("ended_on >= held_on", name="period"),
        CheckConstraint("participants >= 0", name="participants"),
        CheckConstraint(
            "aware >= 0 AND sample >= aware AND population >= sample", name="measurement"
        ),
        CheckConstraint(
            "(population IS NULL) = (sample IS NULL) AND (sample IS NULL) = (aware IS NULL)",
            name="measurement_is_whole",
        ),
        CheckConstraint("participants IS NULL OR sample IS NULL", name="figures_of_one_kind"),
        Index(None, "held_on", "id"),
        Index(None, "kind", "held_on", "id"),
    )

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    held_on: Mapped[date]
    ended_on: Mapped[date | None]
    place: Mapped[str | None] = mapped_column(String(200))
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    target_groups: Mapped[Sequence[str]] = mapped_column(JSON)
    minutes: Mapped[str | None] = mapped_column(PersonalText)
    participants: Mapped[int | None]
    population: Mapped[int | None]
    sample: Mapped[int | None]
    aware: Mapped[int | None]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    partners: Mapped[list["ActivityPartner"]] = relationship(
        cascade="all, delete-orphan", order_by="ActivityPartner.partner_id"
    )
    attendees: Mapped[list["ActivityAttendee"]] = relationship(
        cascade="all, delete-orphan", order_by="ActivityAttendee.account_id"
    )
    guests: Mapped[list["ActivityGuest"]] = relationship(
        cascade="all, delete-orphan", order_by="ActivityGuest.position"
    )
    groups: Mapped[list["AwarenessGroup"]] = relationship(
        cascade="all, delete-orphan", order_by="AwarenessGroup.position"
    )
    action_points: Mapped[list["ActionPoint"]] = relationship(
        cascade="all, delete-orphan", order_by="ActionPoint.due_on, ActionPoint.id"
    )


class ActivityPartner(Base):
    __tablename__ = "activity_partners"
    __table_args__ = (Index(None, "partner_id"),)

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), primary_key=True)


class ActivityAttendee(Base):
    """A colleague who takes part."""

    __tablename__ = "activity_attendees"
    __table_args__ = (Index(None, "account_id"),)

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True)


class ActivityGuest(Base):
    """Somebody from outside who takes part."""

    __tablename__ = "activity_guests"
    sealed_by = "activity_id"

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(PersonalText)


class AwarenessGroup(Base):
    """One group of an awareness measurement."""

    __tablename__ = "awareness_groups"
    __table_args__ = (CheckConstraint("aware >= 0 AND sample >= aware", name="measurement"),)

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group: Mapped[str] = mapped_column("group_label", String(100))
    sample: Mapped[int]
    aware: Mapped[int]


class ActionPoint(Identified, Base):
    """What a colleague promised at an activity to do by a day."""

    __tablename__ = "action_points"
    sealed_by = "activity_id"
    __table_args__ = (
        Index(None, "activity_id"),
        Index(None, "done_on", "due_on", "id"),
    )

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"))
    text: Mapped[str] = mapped_column(PersonalText)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    set_on: Mapped[date]
    due_on: Mapped[date]
    done_on: Mapped[date | None]


class CalendarAddress(Identified, Base):
    """The secret address of a calendar, of which only the hash is kept; one each at most."""

    __tablename__ = "calendar_addresses"
    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (partner_id IS NULL)", name="of_one"),
    )

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"), unique=True)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
