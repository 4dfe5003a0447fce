"""Reading the partner register. Every query starts from what the actor may see."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.columns import holds_nothing, holds_one_of
from app.core.due import DueItem
from app.core.errors import NotFoundError
from app.core.folding import fold, fold_line
from app.core.paging import Page, PageRequest, fetch_page
from app.core.partner_rows import house_rows
from app.partners.models import (
    CooperationAgreement,
    Partner,
    PartnerContact,
    PartnerRevision,
    PartnerTier,
)
from app.partners.scoring import Candidate
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList


@dataclass(frozen=True)
class PartnerFilter:
    """Each None does not filter. Who knows all grounds or domains knows this one too.

    active_in: a year; on one of its days at least.
    """

    kind: str | None = None
    tier: str | None = None
    ground: str | None = None
    domain: str | None = None
    municipality: str | None = None
    language: str | None = None
    active_on: date | None = None
    active_in: int | None = None
    q: str | None = None


def visible_partners(actor: Actor) -> Select[Partner]:
    actor.require(Permission.PARTNER_READ)
    return select(Partner)


def list_partners(
    session: Session, actor: Actor, wanted: PartnerFilter, page: PageRequest, *, today: date
) -> Page[Partner]:
    """By name, without case and accents. The tier is that of `active_on`, else of today."""
    vocabulary.current(session).require_known(
        kind=(CodeList.PARTNER_KINDS, wanted.kind),
        tier=(CodeList.PARTNER_TIERS, wanted.tier),
        ground=(CodeList.GROUNDS, wanted.ground),
        domain=(CodeList.DOMAINS, wanted.domain),
    )
    query = visible_partners(actor)
    if wanted.kind is not None:
        query = query.where(Partner.kind == wanted.kind)
    if wanted.tier is not None:
        query = query.where(has_tier([wanted.tier], wanted.active_on or today))
    if wanted.ground is not None:
        codes = vocabulary.current(session).lineage(CodeList.GROUNDS, wanted.ground)
        query = query.where(
            or_(holds_nothing(Partner.grounds), holds_one_of(Partner.grounds, codes))
        )
    if wanted.domain is not None:
        query = query.where(
            or_(holds_nothing(Partner.domains), holds_one_of(Partner.domains, [wanted.domain]))
        )
    if wanted.municipality is not None:
        place = holds_one_of(Partner.territory_folded, [fold(wanted.municipality)])
        query = query.where(or_(holds_nothing(Partner.territory_folded), place))
    if wanted.language is not None:
        query = query.where(holds_one_of(Partner.languages, [wanted.language]))
    if wanted.active_on is not None:
        query = query.where(is_active_on(wanted.active_on))
    if wanted.active_in is not None:
        first, last = date(wanted.active_in, 1, 1), date(wanted.active_in, 12, 31)
        query = query.where(is_active_between(first, last))
    if wanted.q is not None:
        query = query.where(Partner.search_text.contains(fold(wanted.q), autoescape=True))
    return fetch_page(session, query, page, order=(Partner.search_text, Partner.id))


def is_active_on(day: date) -> ColumnElement[bool]:
    return and_(
        Partner.active_from <= day, or_(Partner.active_to.is_(None), Partner.active_to >= day)
    )


def is_active_between(first: date, last: date) -> ColumnElement[bool]:
    """On one day of the period at least."""
    return and_(
        Partner.active_from <= last, or_(Partner.active_to.is_(None), Partner.active_to >= first)
    )


def get_partner(session: Session, actor: Actor, partner_id: UUID) -> Partner:
    partner = session.scalar(visible_partners(actor).where(Partner.id == partner_id))
    if partner is None:
        raise NotFoundError
    return partner


def is_active_partner(session: Session, partner_id: UUID, day: date) -> bool:
    return (
        session.scalar(select(Partner.id).where(Partner.id == partner_id, is_active_on(day)))
        is not None
    )


def list_revisions(
    session: Session, actor: Actor, partner_id: UUID, page: PageRequest
) -> Page[PartnerRevision]:
    """What changed of a partner, the latest first."""
    partner = get_partner(session, actor, partner_id)
    query = select(PartnerRevision).where(PartnerRevision.partner_id == partner.id)
    return fetch_page(session, query, page, order=(PartnerRevision.version,), descending=True)


def candidates(session: Session, actor: Actor) -> list[Candidate]:
    """The whole register as plain values: rows of the mapper would cost more than the match."""
    rows: Iterable[Any] = session.execute(
        visible_partners(actor).with_only_columns(
            Partner.id,
            Partner.organisation,
            Partner.search_text,
            Partner.kind,
            Partner.active_from,
            Partner.active_to,
            Partner.accepts_referrals,
            Partner.territory_folded,
            Partner.grounds,
            Partner.domains,
            Partner.languages,
            Partner.accessibility,
        )
    )
    return [Candidate(*row) for row in rows]


def tiers_on(session: Session, partner_ids: Collection[UUID], day: date) -> dict[UUID, str]:
    """The tier of each of these partners that has one on this day."""
    rows = session.execute(
        select(PartnerTier.partner_id, PartnerTier.tier).where(
            PartnerTier.partner_id.in_(partner_ids), _is_held_on(day)
        )
    )
    return {row.partner_id: row.tier for row in rows}


def known_places(session: Session, *, own: str) -> dict[str, str]:
    """The municipalities that the register knows, spelled as it does, by `fold_line`.

    own: the bureau's own, which prevails. Places of agreements and partners that ended too: what
    was shown once does not change with them.
    """
    told: Iterable[Sequence[str]]
    agreed: Iterable[Sequence[str]]
    with house_rows(session):
        told = session.scalars(select(Partner.territory)).all()
        agreed = session.scalars(select(CooperationAgreement.territory)).all()
    places = [*(place for row in (*told, *agreed) for place in row), own]
    return {fold_line(place): place for place in places}


def visible_agreements(actor: Actor) -> Select[CooperationAgreement]:
    actor.require(Permission.PARTNER_READ)
    return select(CooperationAgreement)


def list_agreements(
    session: Session, actor: Actor, partner_id: UUID, page: PageRequest
) -> Page[CooperationAgreement]:
    """The agreements with a partner, the latest start first."""
    partner = get_partner(session, actor, partner_id)
    return fetch_page(
        session,
        visible_agreements(actor).where(CooperationAgreement.partner_id == partner.id),
        page,
        order=(CooperationAgreement.valid_from, CooperationAgreement.id),
        descending=True,
    )


def get_agreement(session: Session, actor: Actor, agreement_id: UUID) -> CooperationAgreement:
    agreement = session.scalar(
        visible_agreements(actor).where(CooperationAgreement.id == agreement_id)
    )
    if agreement is None:
        raise NotFoundError
    return agreement


def require_for_files(
    session: Session, actor: Actor, agreement_id: UUID, for_writing: bool
) -> None:
    """Whether the actor may see, or add to, the files of an agreement, also of one that ended."""
    if for_writing:
        actor.require(Permission.PARTNER_MANAGE)
    get_agreement(session, actor, agreement_id)


def extensions_between(
    session: Session, first: date, last: date
) -> list[tuple[CooperationAgreement, date | None]]:
    """The agreements that may extend the service area on a day of the period, each with the last
    day of its partner."""
    return [
        (agreement, active_to)
        for agreement, active_to in session.execute(
            select(CooperationAgreement, Partner.active_to)
            .join(Partner, Partner.id == CooperationAgreement.partner_id)
            .where(
                CooperationAgreement.extends_service_area,
                CooperationAgreement.valid_from <= last,
                or_(
                    CooperationAgreement.valid_to.is_(None),
                    CooperationAgreement.valid_to >= first,
                ),
            )
            .order_by(CooperationAgreement.valid_from, CooperationAgreement.id)
        )
    ]


def due_renewals(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Agreements of which somebody must decide whether they go on."""
    rows = session.execute(
        visible_agreements(actor)
        .join(Partner, Partner.id == CooperationAgreement.partner_id)
        .where(CooperationAgreement.renewal_on <= until)
        .order_by(CooperationAgreement.renewal_on, CooperationAgreement.id)
        .limit(most)
        .with_only_columns(
            CooperationAgreement.renewal_on, CooperationAgreement.id, Partner.organisation
        )
    )
    return [
        DueItem("renew_agreement", renewal_on, "cooperation_agreement", agreement_id, name, None)
        for renewal_on, agreement_id, name in rows
        if renewal_on is not None
    ]


def has_tier(tiers: Collection[str], day: date) -> ColumnElement[bool]:
    """Partners that have one of these tiers on a day."""
    return exists().where(
        PartnerTier.partner_id == Partner.id, PartnerTier.tier.in_(tiers), _is_held_on(day)
    )


def mail_addresses_of(session: Session, partner_ids: Collection[UUID]) -> list[str]:
    """Of the contacts that want bulletins, each address once."""
    found = session.scalars(
        select(PartnerContact)
        .where(
            PartnerContact.partner_id.in_(partner_ids),
            PartnerContact.wants_bulletins,
            PartnerContact.email.is_not(None),
        )
        .order_by(PartnerContact.partner_id, PartnerContact.position)
    )
    return list(dict.fromkeys(contact.email for contact in found if contact.email is not None))


def _is_held_on(day: date) -> ColumnElement[bool]:
    return and_(
        PartnerTier.valid_from <= day,
        or_(PartnerTier.valid_to.is_(None), PartnerTier.valid_to >= day),
    )
