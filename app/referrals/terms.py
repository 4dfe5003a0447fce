"""Whether a partner may get this referral: what it takes, where, and what was agreed with it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.errors import FieldError, InvalidInputError, invalid
from app.core.folding import fold_line
from app.partners import queries as partner_queries
from app.partners.domain import ReferralField
from app.partners.models import CooperationAgreement
from app.referrals.domain import ReferralPurpose


def is_outside_territory(
    session: Session, actor: Actor, partner_id: UUID, municipality: str | None
) -> bool:
    """Whether the partner does not work there. Raises InvalidInputError when it takes none at all.

    An unknown place lies outside of nothing, and a partner without a territory works everywhere.
    """
    partner = partner_queries.get_partner(session, actor, partner_id)
    if not partner.accepts_referrals:
        raise invalid("/partner_id", "takes no referrals", "takes_no_referrals")
    if municipality is None or not partner.territory:
        return False
    return fold_line(municipality) not in map(fold_line, partner.territory)


def require_agreed(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    *,
    fields: Sequence[ReferralField],
    purpose: ReferralPurpose,
    on: date,
) -> None:
    """Raises InvalidInputError unless one agreement in force allows all of it, or none limits it.

    Purposes of agreements are lines of text: those that are no code of a referral limit nothing.
    """
    in_force = session.scalars(
        partner_queries.visible_agreements(actor)
        .where(
            CooperationAgreement.partner_id == partner_id,
            CooperationAgreement.valid_from <= on,
            or_(CooperationAgreement.valid_to.is_(None), CooperationAgreement.valid_to >= on),
        )
        .order_by(CooperationAgreement.valid_from, CooperationAgreement.id)
    )
    found = [
        _errors(agreement, fields, purpose) for agreement in in_force if _is_limiting(agreement)
    ]
    if found and all(found):
        raise InvalidInputError(*min(found, key=len))


def _purposes(agreement: CooperationAgreement) -> set[str]:
    return set(agreement.purposes) & set(ReferralPurpose)


def _is_limiting(agreement: CooperationAgreement) -> bool:
    return bool(agreement.shared_fields or _purposes(agreement))


def _errors(
    agreement: CooperationAgreement, fields: Sequence[ReferralField], purpose: ReferralPurpose
) -> list[FieldError]:
    purposes = _purposes(agreement)
    errors = []
    if purposes and purpose not in purposes:
        errors.append(FieldError("/purpose", "not agreed with this partner", "not_agreed"))
    if agreement.shared_fields:
        errors += [
            FieldError(f"/shared_fields/{i}", "not agreed with this partner", "not_agreed")
            for i, field in enumerate(fields)
            if field not in agreement.shared_fields
        ]
    return errors
