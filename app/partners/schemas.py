from datetime import datetime
from uuid import UUID

from app.api.fields import Body, Code, Line, VersionedView, View, omittable
from app.partners.models import Partner


class PartnerRegistration(Body):
    name: Line
    kind: Code
    contact: Line | None = None


class PartnerChange(Body):
    name: Line = omittable()
    kind: Code = omittable()
    contact: Line | None = None
    is_active: bool = omittable()


class PartnerSummary(View):
    """A row of the register, without the contact: that is personal data."""

    id: UUID
    name: str
    kind: str
    is_active: bool

    @classmethod
    def of(cls, row: Partner) -> "PartnerSummary":
        return cls(id=row.id, name=row.organisation, kind=row.kind, is_active=row.is_active)


class PartnerView(VersionedView):
    id: UUID
    name: str
    kind: str
    contact: str | None
    is_active: bool
    created_at: datetime

    @classmethod
    def of(cls, row: Partner) -> "PartnerView":
        return cls(
            id=row.id,
            name=row.organisation,
            kind=row.kind,
            contact=row.contact,
            is_active=row.is_active,
            created_at=row.created_at,
            version=row.version,
        )
