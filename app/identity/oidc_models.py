"""Who a colleague is at the provider of identities, and logins that are under way there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, UtcDateTime
from app.core.models import Base


class StaffIdentity(Base):
    """`subject_hash`: of the issuer and of the name it gives the person, which never changes."""

    __tablename__ = "staff_identities"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True)
    subject_hash: Mapped[str] = mapped_column(String(64), unique=True)


class OidcLogin(Base):
    """Sent to the provider, not yet back; the row goes when it comes back.

    `state_hash`, `browser_hash`: of what the address and the cookie must bring back together.
    """

    __tablename__ = "oidc_logins"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(PersonalText)
    proof_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
