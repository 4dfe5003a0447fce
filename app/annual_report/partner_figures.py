"""What a partner sees of a year: totals in which no small count can be told, as they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.annual_report.models import KeptPartnerYear, KeptYear
from app.annual_report.small_counts import ShownTable
from app.core.access import Actor, Permission


@dataclass(frozen=True)
class OwnReferrals:
    """numbers: answered and unanswered. median_days: None when too few were answered."""

    as_of: datetime
    numbers: ShownTable
    median_days: Decimal | None


@dataclass(frozen=True)
class PartnerFigures:
    """as_of: when they were counted, once for all partners."""

    year: int
    as_of: datetime
    by_domain: ShownTable
    by_ground: ShownTable
    by_outcome: ShownTable
    own: OwnReferrals


def partner_figures(session: Session, actor: Actor, year: int) -> PartnerFigures:
    """Of a year that `kept_years` has kept, for this partner too."""
    actor.require(Permission.BULLETIN_RECEIVE)
    kept = session.get_one(KeptYear, year)
    own = session.get_one(KeptPartnerYear, (year, actor.partner_id))
    median_days = own.figures["median_days"]
    return PartnerFigures(
        year=year,
        as_of=kept.kept_at,
        by_domain=_table(kept.figures["by_domain"]),
        by_ground=_table(kept.figures["by_ground"]),
        by_outcome=_table(kept.figures["by_outcome"]),
        own=OwnReferrals(
            own.kept_at,
            _table(own.figures["numbers"]),
            None if median_days is None else Decimal(median_days),
        ),
    )


def _table(kept: Mapping[str, Any]) -> ShownTable:
    return ShownTable(kept["total"], kept["cells"])
