"""Staff accounts, their roles, their sessions, and failed logins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.access import Role
from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned
from app.identity.domain import Proof

NO_PASSWORD = ""
"""In the place of a hash: no password opens the account; it logs in elsewhere or waits for its
invitation to be taken."""


class StaffAccount(Identified, Versioned, Base):
    """A colleague. `username` is what they log in with; it need not be their name.

    `password_hash` is empty until they chose a password by their invitation: then none fits.
    """

    __tablename__ = "staff_accounts"

    username: Mapped[str] = mapped_column(String(60), unique=True)
    display_name: Mapped[str] = mapped_column(PersonalText)
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    role_rows: Mapped[list["StaffRole"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def has_password(self) -> bool:
        return self.password_hash != NO_PASSWORD

    @property
    def roles(self) -> list[Role]:
        return sorted(row.role for row in self.role_rows)


class StaffInvitation(Base):
    """The link by which a colleague chooses a password; the row goes when it is used."""

    __tablename__ = "staff_invitations"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class StaffRole(Base):
    __tablename__ = "staff_roles"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(code_enum(Role, "role"), primary_key=True)


class StaffSession(Identified, Base):
    """A bearer token, of which only the hash is kept.

    proved_by, proved_at: how and when it was last shown who holds it.
    """

    __tablename__ = "staff_sessions"
    __table_args__ = (CheckConstraint("(proved_at IS NULL) = (proved_by IS NULL)", name="proved"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proved_by: Mapped[Proof | None] = mapped_column(code_enum(Proof, "proved_by"))


class LoginThrottle(Base):
    """Failures in a row for one name from one address, under a keyed hash of the two."""

    __tablename__ = "login_throttles"
    __table_args__ = (CheckConstraint("failures >= 1", name="failures"),)

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
