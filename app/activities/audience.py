"""Which partners a bulletin is for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.partners.models import Partner
from app.partners.queries import has_tier, is_active_on


@dataclass(frozen=True)
class Audience:
    """Partners of one of these tiers and one of these kinds (empty: any), and those named."""

    tiers: Sequence[str] = ()
    kinds: Sequence[str] = ()
    partner_ids: Sequence[UUID] = ()

    def kept(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "tiers": list(self.tiers),
            "kinds": list(self.kinds),
            "partner_ids": [str(partner_id) for partner_id in self.partner_ids],
        }


def partners_of(session: Session, audience: Audience, on: date) -> list[UUID]:
    """The active partners of the audience, in the order of their ids."""
    described: list[ColumnElement[bool]] = []
    if audience.tiers:
        described.append(has_tier(audience.tiers, on))
    if audience.kinds:
        described.append(Partner.kind.in_(audience.kinds))
    wanted: list[ColumnElement[bool]] = [Partner.id.in_(audience.partner_ids)]
    if described:
        wanted.append(and_(*described))
    return list(
        session.scalars(
            select(Partner.id).where(is_active_on(on), or_(*wanted)).order_by(Partner.id)
        )
    )
