"""Second factors of colleagues, and what is open between two steps of a login."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified
from app.identity.domain import StepKind


class StaffTotp(Base):
    """Codes by time. Not confirmed: shown, but not yet in use.

    `last_code_step`: the time step of the last code used, so that none works twice.
    """

    __tablename__ = "staff_totp"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True)
    totp_secret: Mapped[str] = mapped_column(PersonalText)
    last_code_step: Mapped[int | None] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffRecoveryCode(Base):
    """Stands in for the second factor once; the row goes when it is used."""

    __tablename__ = "staff_recovery_codes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class StaffPasskey(Identified, Base):
    """A WebAuthn credential. `credential_id`, `public_key`: base64url, sealed: they are known
    to no other place, and a changed one does not open. `sign_count`: as the device last told.
    """

    __tablename__ = "staff_passkeys"
    __table_args__ = (
        CheckConstraint("sign_count >= 0", name="sign_count"),
        Index(None, "account_id", "made_at", "id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    title: Mapped[str] = mapped_column(PersonalText)
    credential_hash: Mapped[str] = mapped_column(String(64), unique=True)
    credential_id: Mapped[str] = mapped_column(PersonalText)
    public_key: Mapped[str] = mapped_column(PersonalText)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginStep(Base):
    """The first step was taken; the row goes with the second. `challenge`: base64url."""

    __tablename__ = "login_steps"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    kind: Mapped[StepKind] = mapped_column(code_enum(StepKind, "kind"))
    challenge: Mapped[str] = mapped_column(String(100))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
