"""Who a colleague is at the provider of identities, and who was sent there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import UtcDateTime, code_enum
from app.core.models import Base
from app.identity.domain import OpenIdAim


class StaffIdentity(Base):
    """One for each colleague and provider. `subject_hash`: of the issuer and what it calls them."""

    __tablename__ = "staff_identities"
    __table_args__ = (UniqueConstraint("account_id", "issuer"),)

    subject_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    issuer: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OpenIdStep(Base):
    """Somebody is at the provider; the row goes when they come back.

    `token_hash`: of what only the one who was sent holds; state, nonce and PKCE verifier are made
    of it. `account_id`, `session_hash`: of the session in which it is done, unless it is a login.
    """

    __tablename__ = "openid_steps"
    __table_args__ = (
        CheckConstraint("(aim = 'login') = (account_id IS NULL)", name="login_by_nobody"),
        CheckConstraint("(account_id IS NULL) = (session_hash IS NULL)", name="session_of_account"),
    )

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    aim: Mapped[OpenIdAim] = mapped_column(code_enum(OpenIdAim, "aim"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    session_hash: Mapped[str | None] = mapped_column(String(64))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
