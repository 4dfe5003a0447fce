"""How a partner gets in: its software (clients), its people, and the sessions of both."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, UtcDateTime
from app.core.models import Base, Identified


class PartnerClient(Identified, Base):
    """Credentials of one program of a partner.

    `client_id` is public and drawn by chance. `public_key` is a JWK: with it the client may sign
    instead of sending its secret. After a rotation both secrets work until
    `previous_secret_until`.
    """

    __tablename__ = "partner_clients"
    __table_args__ = (
        CheckConstraint(
            "(previous_secret_hash IS NULL) = (previous_secret_until IS NULL)",
            name="previous_secret",
        ),
        Index(None, "partner_id", "created_at", "id"),
    )

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    title: Mapped[str] = mapped_column(String(100))
    client_id: Mapped[str] = mapped_column(String(40), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    previous_secret_hash: Mapped[str | None] = mapped_column(String(64))
    previous_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    public_key: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_on: Mapped[date]
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PartnerPerson(Identified, Base):
    """Somebody at a partner.

    Invited, then joining (a name and a password, the second factor not yet confirmed), then
    active. `joining_hash` is of the link that leads to the next step. `last_code_step`: the time
    step of the last code used, so that none works twice.
    """

    __tablename__ = "partner_people"
    sealed_by = "id"
    __table_args__ = (
        CheckConstraint(
            "(username IS NULL) = (password_hash IS NULL)"
            " AND (username IS NULL) = (totp_secret IS NULL)",
            name="credentials",
        ),
        CheckConstraint("confirmed_at IS NULL OR username IS NOT NULL", name="confirmed"),
        CheckConstraint("(joining_hash IS NULL) = (joining_until IS NULL)", name="joining"),
        CheckConstraint("ended_at IS NULL OR joining_hash IS NULL", name="ended"),
        Index(None, "partner_id", "invited_at", "id"),
    )

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    name: Mapped[str] = mapped_column(PersonalText)
    email: Mapped[str] = mapped_column(PersonalText)
    username: Mapped[str | None] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(PersonalText)
    last_code_step: Mapped[int | None] = mapped_column(BigInteger)
    joining_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    joining_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """Stands in for the second factor once; the row goes when it is used."""

    __tablename__ = "partner_recovery_codes"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("partner_people.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class PartnerSession(Identified, Base):
    """A bearer token of a client or of a person, of which only the hash is kept."""

    __tablename__ = "partner_sessions"
    __table_args__ = (
        CheckConstraint(
            "(partner_client_id IS NULL) <> (partner_person_id IS NULL)", name="one_holder"
        ),
    )

    partner_client_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("partner_clients.id"), index=True
    )
    partner_person_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("partner_people.id"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UsedAssertion(Base):
    """A signed login that was used, kept until it would have expired anyway."""

    __tablename__ = "partner_used_assertions"

    assertion_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
