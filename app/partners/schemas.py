"""What may be sent and what is answered about partners."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.fields import (
    Body,
    Code,
    Day,
    Email,
    Language,
    Line,
    Phone,
    ShortLine,
    VersionedView,
    View,
    omittable,
)
from app.partners.domain import Accessibility
from app.partners.models import Partner, PartnerRevision

Territory = Annotated[list[ShortLine], Field(max_length=600)]
Codes = Annotated[list[Code], Field(max_length=100)]
Languages = Annotated[list[Language], Field(max_length=100)]
Offers = Annotated[list[Accessibility], Field(max_length=20)]


class ContactBody(Body):
    name: Line
    function: Line | None = None
    email: Email | None = Field(default=None, max_length=200)
    phone: Phone | None = None
    wants_bulletins: bool = True


Contacts = Annotated[list[ContactBody], Field(max_length=30)]


class TierBody(Body):
    tier: Code
    valid_from: Day
    valid_to: Day | None = None


class PartnerRegistration(Body):
    """Empty territory: everywhere; empty grounds or domains: all. The tier begins with the rest."""

    name: Line
    kind: Code
    tier: Code | None = None
    territory: Territory = []
    grounds: Codes = []
    domains: Codes = []
    languages: Languages = []
    accessibility: Offers = []
    contacts: Contacts = []
    active_from: Day | None = None
    active_to: Day | None = None
    accepts_referrals: bool = True


class PartnerChange(Body):
    """Only what is given changes; a list as a whole.

    `tier` begins on `tier_from`, or today, and ends the one before; `tiers` corrects them all.
    """

    name: Line = omittable()
    kind: Code = omittable()
    tier: Code | None = None
    tier_from: Day = omittable()
    tiers: Annotated[list[TierBody], Field(max_length=100)] = omittable()
    territory: Territory = omittable()
    grounds: Codes = omittable()
    domains: Codes = omittable()
    languages: Languages = omittable()
    accessibility: Offers = omittable()
    contacts: Contacts = omittable()
    active_from: Day = omittable()
    active_to: Day | None = None
    accepts_referrals: bool = omittable()


class PartnerSummary(View):
    """A row of the register, without the contacts: they are personal data. `tier`: of today."""

    id: UUID
    name: str
    kind: str
    tier: str | None
    territory: list[str]
    grounds: list[str]
    domains: list[str]
    languages: list[str]
    accessibility: list[str]
    active_from: date
    active_to: date | None
    accepts_referrals: bool

    @classmethod
    def of(cls, row: Partner, *, today: date) -> "PartnerSummary":
        return cls(**_shared(row, today))


class ContactView(View):
    id: UUID
    name: str
    function: str | None
    email: str | None
    phone: str | None
    wants_bulletins: bool


class TierView(View):
    tier: str
    valid_from: date
    valid_to: date | None


class PartnerView(VersionedView):
    id: UUID
    name: str
    kind: str
    tier: str | None
    tiers: list[TierView]
    territory: list[str]
    grounds: list[str]
    domains: list[str]
    languages: list[str]
    accessibility: list[str]
    contacts: list[ContactView]
    active_from: date
    active_to: date | None
    accepts_referrals: bool
    created_at: datetime

    @classmethod
    def of(cls, row: Partner, *, today: date) -> "PartnerView":
        return cls(
            **_shared(row, today),
            tiers=[TierView.model_validate(tier) for tier in row.tiers],
            contacts=[ContactView.model_validate(contact) for contact in row.contacts],
            created_at=row.created_at,
            version=row.version,
        )


class RevisionView(View):
    """What one act changed: field -> [before, after]; of contacts only how many."""

    version: int
    changed_at: datetime
    changed_by_id: UUID | None
    changes: dict[str, list[Any]]

    @classmethod
    def of(cls, row: PartnerRevision) -> "RevisionView":
        return cls.model_validate(row)


def _shared(row: Partner, today: date) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.organisation,
        "kind": row.kind,
        "tier": row.tier_on(today),
        "territory": list(row.territory),
        "grounds": list(row.grounds),
        "domains": list(row.domains),
        "languages": list(row.languages),
        "accessibility": list(row.accessibility),
        "active_from": row.active_from,
        "active_to": row.active_to,
        "accepts_referrals": row.accepts_referrals,
    }
