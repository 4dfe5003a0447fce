"""Organisations the bureau works with, and what was agreed with them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import Lines, PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned
from app.partners.domain import CooperationKind, TierPeriod


class Partner(Identified, Versioned, Base):
    """An organisation. Empty `territory` is everywhere; empty `grounds` and `domains` are all.

    active_from and active_to: inclusive; active_to None is until further notice.
    """

    __tablename__ = "partners"
    __table_args__ = (
        CheckConstraint("active_to >= active_from", name="active_period"),
        Index(None, "search_text", "id"),
    )

    organisation: Mapped[str] = mapped_column(String(200), unique=True)
    search_text: Mapped[str] = mapped_column(String(600))
    """The organisation, folded: what `q` looks in and what the register is ordered by."""
    kind: Mapped[str] = mapped_column(String(60))
    territory: Mapped[Sequence[str]] = mapped_column(Lines, default=())
    territory_folded: Mapped[Sequence[str]] = mapped_column(Lines, default=())
    grounds: Mapped[Sequence[str]] = mapped_column(Lines, default=())
    domains: Mapped[Sequence[str]] = mapped_column(Lines, default=())
    languages: Mapped[Sequence[str]] = mapped_column(Lines, default=())
    accessibility: Mapped[Sequence[str]] = mapped_column(Lines, default=())
    active_from: Mapped[date]
    active_to: Mapped[date | None]
    accepts_referrals: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    tiers: Mapped[list["PartnerTier"]] = relationship(
        cascade="all, delete-orphan", order_by="PartnerTier.valid_from", lazy="selectin"
    )
    contacts: Mapped[list["PartnerContact"]] = relationship(
        cascade="all, delete-orphan", order_by="PartnerContact.position"
    )

    @property
    def tier_periods(self) -> list[TierPeriod]:
        return [TierPeriod(row.tier, row.valid_from, row.valid_to) for row in self.tiers]

    def tier_on(self, day: date) -> str | None:
        return next((period.tier for period in self.tier_periods if period.holds_on(day)), None)


class PartnerTier(Identified, Base):
    """The tier of a partner from one day to another, both inclusive; two never on one day."""

    __tablename__ = "partner_tiers"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="period"),
        UniqueConstraint("partner_id", "valid_from"),
    )

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    tier: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PartnerContact(Identified, Base):
    """A person at a partner."""

    __tablename__ = "partner_contacts"
    sealed_by = "partner_id"
    __table_args__ = (Index(None, "partner_id", "position"),)

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(PersonalText)
    function: Mapped[str | None] = mapped_column(PersonalText)
    email: Mapped[str | None] = mapped_column(PersonalText)
    phone: Mapped[str | None] = mapped_column(PersonalText)
    wants_bulletins: Mapped[bool] = mapped_column(default=True)


class PartnerRevision(Base):
    """What one act changed of a partner; never changed itself.

    version: of the partner after the act. changes: field -> [old, new]; of contacts, which are
    personal data, only how many there were and are.
    """

    __tablename__ = "partner_revisions"

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


class CooperationAgreement(Identified, Versioned, Base):
    """What the bureau and a partner agreed on paper. valid_from and valid_to: inclusive.

    While it is in force and `extends_service_area`, its territory belongs to the service area.
    renewal_on: when somebody must decide whether it goes on; empty once that is settled.
    """

    __tablename__ = "cooperation_agreements"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="validity"),
        CheckConstraint("renewal_on >= valid_from", name="renewal_after_start"),
        CheckConstraint("renewal_on <= valid_to", name="renewal_before_end"),
        CheckConstraint("NOT extends_service_area OR territory <> ''", name="extension_has_place"),
        Index(None, "partner_id", "valid_from", "id"),
        Index(None, "renewal_on", "id"),
        Index(None, "extends_service_area", "valid_from"),
    )

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    kind: Mapped[CooperationKind] = mapped_column(code_enum(CooperationKind, "kind"))
    purposes: Mapped[Sequence[str]] = mapped_column(Lines)
    shared_fields: Mapped[Sequence[str]] = mapped_column(Lines)
    territory: Mapped[Sequence[str]] = mapped_column(Lines)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    renewal_on: Mapped[date | None]
    extends_service_area: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
