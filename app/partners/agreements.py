"""Keeping what was agreed with partners."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.errors import InvalidInputError, duplicate_errors
from app.partners import queries
from app.partners.domain import (
    CooperationKind,
    ReferralField,
    cooperation_errors,
    partnership_errors,
)
from app.partners.models import CooperationAgreement, Partner


def agree(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    *,
    kind: CooperationKind,
    valid_from: date,
    at: datetime,
    valid_to: date | None = None,
    renewal_on: date | None = None,
    purposes: Sequence[str] = (),
    shared_fields: Sequence[ReferralField] = (),
    territory: Sequence[str] = (),
    extends_service_area: bool | None = None,
) -> CooperationAgreement:
    """extends_service_area: None follows the kind.

    Raises InvalidInputError also when it begins after its partner has ended.
    """
    actor.require(Permission.PARTNER_MANAGE)
    partner = queries.get_partner(session, actor, partner_id)
    if extends_service_area is None:
        extends_service_area = kind is CooperationKind.SERVICE_AREA
    agreement = CooperationAgreement(
        partner_id=partner.id,
        kind=kind,
        purposes=purposes,
        shared_fields=shared_fields,
        territory=territory,
        valid_from=valid_from,
        valid_to=valid_to,
        renewal_on=renewal_on,
        extends_service_area=extends_service_area,
        created_at=at,
    )
    _require_valid(agreement, partner)
    session.add(agreement)
    session.flush()  # gives the id that the trail names
    audit.record(
        session,
        actor,
        Event.COOPERATION_AGREED,
        "cooperation_agreement",
        agreement.id,
        at=at,
        kind=kind.value,
    )
    return agreement


def change(
    session: Session,
    actor: Actor,
    agreement_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected_version: int | None,
    at: datetime,
) -> CooperationAgreement:
    """Prolong, end or correct an agreement. changes: any of its terms."""
    actor.require(Permission.PARTNER_MANAGE)
    agreement = queries.get_agreement(session, actor, agreement_id)
    agreement.require_version(expected_version)
    # Read before anything changes: a query would send terms to the store that are not valid yet.
    has_other_days = changes.keys() & {"valid_from", "valid_to"}
    partner = queries.get_partner(session, actor, agreement.partner_id) if has_other_days else None
    for field, value in changes.items():
        setattr(agreement, field, value)
    _require_valid(agreement, partner)
    agreement.touch()
    audit.record(
        session,
        actor,
        Event.COOPERATION_CHANGED,
        "cooperation_agreement",
        agreement.id,
        at=at,
        fields=" ".join(sorted(changes)),
    )
    return agreement


def _require_valid(agreement: CooperationAgreement, partner: Partner | None) -> None:
    """partner: None when its last day is not asked: it may have come since."""
    errors = cooperation_errors(
        valid_from=agreement.valid_from,
        valid_to=agreement.valid_to,
        renewal_on=agreement.renewal_on,
        extends_service_area=agreement.extends_service_area,
        territory=agreement.territory,
    )
    if partner is not None:
        errors += partnership_errors(agreement.valid_from, active_to=partner.active_to)
    for field in ("purposes", "shared_fields", "territory"):
        errors += duplicate_errors(getattr(agreement, field), f"/{field}")
    if errors:
        raise InvalidInputError(*errors)
