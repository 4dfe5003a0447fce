"""What the partner register shows of the indicators of a plan."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.indicators.calculators import Asked, Calculator, Counted
from app.partners import queries
from app.partners.models import CooperationAgreement, Partner


def _count_partners(session: Session, actor: Actor, asked: Asked) -> Mapping[int, Counted]:
    """Partners active on a day of the year at least, and agreements in force on one."""
    found = {}
    may_read = actor.may(Permission.PARTNER_READ)
    for year in asked.years:
        first, last = date(year, 1, 1), min(date(year, 12, 31), asked.today)
        partners = session.scalar(
            select(func.count()).select_from(Partner).where(queries.is_active_between(first, last))
        )
        agreements = session.scalar(
            select(func.count())
            .select_from(CooperationAgreement)
            .join(Partner, Partner.id == CooperationAgreement.partner_id)
            .where(
                CooperationAgreement.valid_from <= last,
                or_(
                    CooperationAgreement.valid_to.is_(None), CooperationAgreement.valid_to >= first
                ),
                queries.is_active_between(first, last),
            )
        )
        figures = {"partners": partners or 0, "agreements_in_force": agreements or 0}
        link = f"/api/v1/partners?active_in={year}" if may_read else None
        found[year] = Counted(partners or 0, figures, link)
    return found


def _count_extensions(session: Session, actor: Actor, asked: Asked) -> Mapping[int, Counted]:
    """Agreements that extend the service area in the year. Without one it was not extended, and
    nothing is due: a plan asks for such agreements only then."""
    found = {}
    may_read = actor.may(Permission.PARTNER_READ)
    for year in asked.years:
        first, last = date(year, 1, 1), min(date(year, 12, 31), asked.today)
        number = sum(
            ends_on is None or ends_on >= max(first, agreement.valid_from)
            for agreement, ends_on in queries.extensions_between(session, first, last)
        )
        link = f"/api/v1/service-area?on={last}" if may_read else None
        found[year] = Counted(number, {"agreements": number}, link, is_due=number > 0)
    return found


CALCULATORS: Mapping[str, Calculator] = {
    "partner_overview": _count_partners,
    "cooperation_agreement": _count_extensions,
}
"""Kind of evidence -> how it is counted."""
