"""Which partners a bulletin is for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from app.partners.models import Partner


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
        described.append(_is_of_tier(audience.tiers, on))
    if audience.kinds:
        described.append(Partner.kind.in_(audience.kinds))
    wanted: list[ColumnElement[bool]] = [Partner.id.in_(audience.partner_ids)]
    if described:
        wanted.append(and_(*described))
    return list(
        session.scalars(
            select(Partner.id).where(_is_active_on(on), or_(*wanted)).order_by(Partner.id)
        )
    )


def is_active(session: Session, partner_id: UUID, on: date) -> bool:
    return (
        session.scalar(select(Partner.id).where(Partner.id == partner_id, _is_active_on(on)))
        is not None
    )


def _is_active_on(_on: date) -> ColumnElement[bool]:
    return Partner.is_active.is_(True)


def _is_of_tier(_tiers: Sequence[str], _on: date) -> ColumnElement[bool]:
    """Nobody, as long as the register knows no tiers."""
    return false()
