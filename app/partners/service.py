"""Keeping the partner register; the service area."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core import clock
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    duplicate_errors,
    invalid,
)
from app.core.folding import fold
from app.partners import queries
from app.partners.domain import (
    Area,
    AreaSource,
    TierPeriod,
    locate,
    overlap,
    period_errors,
    tier_errors,
    tiers_after,
)
from app.partners.models import Partner, PartnerContact, PartnerRevision, PartnerTier
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Use

Contact = Mapping[str, Any]
"""name, function, email, phone, wants_bulletins of a person at a partner: personal data."""

LISTS = ("territory", "grounds", "domains", "languages", "accessibility")


def register_partner(
    session: Session,
    actor: Actor,
    *,
    name: str,
    kind: str,
    at: datetime,
    tier: str | None = None,
    contacts: Sequence[Contact] = (),
    active_from: date | None = None,
    active_to: date | None = None,
    accepts_referrals: bool = True,
    **lists: Sequence[str],
) -> Partner:
    """active_from: today when None; the tier begins with it. lists: any of LISTS."""
    actor.require(Permission.PARTNER_MANAGE)
    first = active_from or local_date(at)
    given = {"kind": kind, "tier": tier, **lists}
    _require_valid(session, given, period_errors(first, active_to, "/active_to"), at)
    _require_free_name(session, name)
    partner = Partner(
        organisation=name,
        search_text=_search_text(name),
        kind=kind,
        active_from=first,
        active_to=active_to,
        accepts_referrals=accepts_referrals,
        created_at=at,
        version=1,
    )
    _set_lists(partner, lists)
    if tier is not None:
        partner.tiers = [PartnerTier(tier=tier, valid_from=first)]
    partner.contacts = _contact_rows(contacts)
    session.add(partner)
    session.flush()  # gives the id that the trail names
    _note(session, actor, partner, {}, set(), at=at)
    audit.record(session, actor, Event.PARTNER_REGISTERED, "partner", partner.id, at=at)
    return partner


def change_partner(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected_version: int | None,
    at: datetime,
) -> Partner:
    """Change what `changes` holds.

    changes: any of name, kind, active_from, active_to, accepts_referrals, contacts (all of them),
    LISTS, and of the tier either `tier` with `tier_from` (today when absent) or the whole `tiers`.
    """
    actor.require(Permission.PARTNER_MANAGE)
    partner = queries.get_partner(session, actor, partner_id)
    partner.require_version(expected_version)
    before = _recorded(partner)
    tiers = _changed_tiers(partner, changes, local_date(at))
    first = changes.get("active_from", partner.active_from)
    last = changes.get("active_to", partner.active_to)
    errors = period_errors(first, last, "/active_to") + tier_errors(tiers)
    _require_valid(session, changes, errors, at)
    if changes.get("name", partner.organisation) != partner.organisation:
        _require_free_name(session, changes["name"], but=partner.id)
        partner.organisation = changes["name"]
        partner.search_text = _search_text(partner.organisation)
    for field in ("kind", "active_from", "active_to", "accepts_referrals"):
        if field in changes:
            setattr(partner, field, changes[field])
    _set_lists(partner, {field: changes[field] for field in LISTS if field in changes})
    if "contacts" in changes:
        partner.contacts = _contact_rows(changes["contacts"])
    _replace_tiers(partner, tiers)
    partner.touch()
    session.flush()  # a second change at once ends here, before it is noted
    _note(session, actor, partner, before, set(changes), at=at)
    audit.record(
        session,
        actor,
        Event.PARTNER_CHANGED,
        "partner",
        partner.id,
        at=at,
        fields=" ".join(sorted(changes)),
    )
    return partner


def require_active(session: Session, actor: Actor, partner_id: UUID, pointer: str) -> None:
    """Raises InvalidInputError unless this is a partner today."""
    today = local_date(clock.now())
    require_active_on(session, actor, partner_id, pointer, on=today)


def require_active_on(
    session: Session, actor: Actor, partner_id: UUID, pointer: str, *, on: date
) -> None:
    """Raises InvalidInputError unless this is a partner on that day."""
    found = session.scalar(
        queries.visible_partners(actor).where(Partner.id == partner_id, queries.is_active_on(on))
    )
    if found is None:
        raise invalid(pointer, "not an active partner", "unknown_partner")


def areas_between(session: Session, first: date, last: date, *, own: str) -> list[Area]:
    """What belongs to the service area on at least one day of the period, ours first.

    An agreement counts on the days on which it is valid, until its partner ends: the day on which
    a partner was entered says nothing of an agreement before. own: the bureau's own municipality.
    A caller decides each report's day with `domain.locate`.
    """
    areas = [Area(own, AreaSource.OWN)]
    for row, active_to in queries.extensions_between(session, first, last):
        days = overlap(row.valid_from, row.valid_to, None, active_to)
        if days is None or overlap(*days, first, last) is None:
            continue
        areas += [
            Area(
                municipality,
                AreaSource.AGREEMENT,
                agreement_id=row.id,
                partner_id=row.partner_id,
                valid_from=days[0],
                valid_to=days[1],
            )
            for municipality in row.territory
        ]
    return areas


def area_on(session: Session, day: date, *, own: str) -> list[Area]:
    """The municipalities of the service area on a day, ours first."""
    return areas_between(session, day, day, own=own)


def locate_on(session: Session, municipality: str, day: date, *, own: str) -> Area | None:
    """The area in which a municipality lies on a day; None: outside."""
    return locate(area_on(session, day, own=own), municipality, on=day)


def _changed_tiers(
    partner: Partner, changes: Mapping[str, Any], today: date
) -> Sequence[TierPeriod]:
    if "tiers" in changes and changes.keys() & {"tier", "tier_from"}:
        raise invalid("/tiers", "goes without tier and tier_from", "unfitting")
    if "tiers" in changes:
        return [TierPeriod(**period) for period in changes["tiers"]]
    if "tier" in changes:
        first = changes.get("tier_from") or today
        return tiers_after(partner.tier_periods, changes["tier"], first=first)
    if "tier_from" in changes:
        raise invalid("/tier_from", "goes with tier only", "unfitting")
    return partner.tier_periods


def _replace_tiers(partner: Partner, tiers: Sequence[TierPeriod]) -> None:
    # A row that stays is the same row: a new one beside it would break its UNIQUE before it goes.
    standing = {row.valid_from: row for row in partner.tiers}
    rows = []
    for period in sorted(tiers, key=lambda period: period.valid_from):
        row = standing.get(period.valid_from) or PartnerTier(valid_from=period.valid_from)
        row.tier = period.tier
        row.valid_to = period.valid_to
        rows.append(row)
    partner.tiers = rows


def _set_lists(partner: Partner, lists: Mapping[str, Sequence[str]]) -> None:
    for field, values in lists.items():
        setattr(partner, field, tuple(values))
    if "territory" in lists:
        partner.territory_folded = tuple(map(fold, lists["territory"]))


def _contact_rows(contacts: Sequence[Contact]) -> list[PartnerContact]:
    return [PartnerContact(position=i, **contact) for i, contact in enumerate(contacts)]


def _recorded(partner: Partner) -> dict[str, Any]:
    """What the history keeps of a partner: no personal data."""
    return {
        "name": partner.organisation,
        "kind": partner.kind,
        "tiers": [
            {"tier": p.tier, "valid_from": str(p.valid_from), "valid_to": _text(p.valid_to)}
            for p in partner.tier_periods
        ],
        **{field: list(getattr(partner, field) or ()) for field in LISTS},
        "active_from": str(partner.active_from),
        "active_to": _text(partner.active_to),
        "accepts_referrals": partner.accepts_referrals,
        "contacts": len(partner.contacts),
    }


def _note(
    session: Session,
    actor: Actor,
    partner: Partner,
    before: Mapping[str, Any],
    given: Collection[str],
    *,
    at: datetime,
) -> None:
    """Add what this act changed to the history; contacts, whose number may stay, when given."""
    changes = {
        field: [before.get(field), value]
        for field, value in _recorded(partner).items()
        if before.get(field) != value or (field == "contacts" and field in given)
    }
    session.add(
        PartnerRevision(
            partner_id=partner.id,
            version=partner.version,
            changed_at=at,
            changed_by_id=actor.id,
            changes=changes,
        )
    )


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)


def _search_text(name: str) -> str:
    return fold(name)[:600]


def _require_valid(
    session: Session, given: Mapping[str, Any], errors: Sequence[FieldError], at: datetime
) -> None:
    """The codes and lists of what was given, and the errors found before, all at once."""
    uses = [
        Use(CodeList.PARTNER_KINDS, given.get("kind"), "/kind"),
        Use(CodeList.PARTNER_TIERS, given.get("tier"), "/tier"),
        *(
            Use(CodeList.PARTNER_TIERS, period["tier"], f"/tiers/{i}/tier")
            for i, period in enumerate(given.get("tiers") or ())
        ),
        *(
            Use(codes, code, f"/{field}/{i}")
            for codes, field in ((CodeList.GROUNDS, "grounds"), (CodeList.DOMAINS, "domains"))
            for i, code in enumerate(given.get(field) or ())
        ),
    ]
    found = vocabulary.current(session).errors(uses, local_date(at))
    for field in LISTS:
        found += duplicate_errors(given.get(field) or (), f"/{field}")
    found += errors
    if found:
        raise InvalidInputError(*found)


def _require_free_name(session: Session, name: str, but: UUID | None = None) -> None:
    taken = session.scalars(select(Partner.id).where(Partner.search_text == _search_text(name)))
    if any(partner_id != but for partner_id in taken):
        raise ConflictError("A partner of this name is registered.", code="name_taken")
