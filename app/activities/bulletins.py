"""Bulletins: written by the coordinator, addressed to partners, read by them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import bulletin_queries as queries
from app.activities import figure_sources
from app.activities.audience import Audience, partners_of
from app.activities.bulletin_models import Bulletin, BulletinRecipient
from app.activities.domain import LEAST_TOTAL, settling_error
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, FieldError, InvalidInputError, invalid
from app.core.rows import insert_rows
from app.notifications import service as notifications
from app.partners import queries as partner_queries
from app.partners.models import Partner
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Language, Use


@dataclass(frozen=True)
class Figure:
    """One total of one year; `name` as registered in `figure_sources`."""

    name: str
    year: int


def write_bulletin(
    session: Session,
    actor: Actor,
    *,
    title: str,
    body: str,
    language: Language,
    audience: Audience,
    figures: Sequence[Figure],
    at: datetime,
) -> Bulletin:
    """A draft; nobody receives it before it is sent. The years of `figures` are kept before."""
    actor.require(Permission.BULLETIN_SEND)
    _require_audience(session, actor, audience, at)
    _totals(session, figures, at)
    bulletin = Bulletin(
        title=title,
        body=body,
        language=language,
        audience=audience.kept(),
        figures=_kept(figures),
        written_at=at,
        written_by_id=actor.id,
    )
    session.add(bulletin)
    session.flush()  # gives the id that the trail names
    audit.record(session, actor, Event.BULLETIN_WRITTEN, "bulletin", bulletin.id, at=at)
    return bulletin


def change_bulletin(
    session: Session,
    actor: Actor,
    bulletin_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected_version: int | None,
    at: datetime,
) -> Bulletin:
    """Only of a draft. changes: any argument of `write_bulletin`."""
    actor.require(Permission.BULLETIN_SEND)
    bulletin = _draft(session, actor, bulletin_id, expected_version)
    for field in ("title", "body", "language"):
        if field in changes:
            setattr(bulletin, field, changes[field])
    if "audience" in changes:
        _require_audience(session, actor, changes["audience"], at)
        bulletin.audience = changes["audience"].kept()
    if "figures" in changes:
        _totals(session, changes["figures"], at)
        bulletin.figures = _kept(changes["figures"])
    bulletin.touch()
    audit.record(
        session,
        actor,
        Event.BULLETIN_WRITTEN,
        "bulletin",
        bulletin.id,
        at=at,
        fields=" ".join(sorted(changes)),
    )
    return bulletin


def send_bulletin(
    session: Session,
    actor: Actor,
    bulletin_id: UUID,
    *,
    expected_version: int | None,
    at: datetime,
) -> Bulletin:
    """Freeze it with its totals, and address it to the partners of its audience."""
    actor.require(Permission.BULLETIN_SEND)
    bulletin = _draft(session, actor, bulletin_id, expected_version)
    partner_ids = partners_of(session, audience_of(bulletin), local_date(at))
    if not partner_ids:
        raise ConflictError("No active partner is in the audience.", code="nobody_addressed")
    figures = [Figure(figure["name"], figure["year"]) for figure in bulletin.figures]
    totals = _totals(session, figures, at)
    bulletin.figures = _kept(figures, totals)
    bulletin.sent_at = at
    bulletin.touch()
    insert_rows(
        session,
        BulletinRecipient,
        [
            {"bulletin_id": bulletin.id, "partner_id": partner_id, "sent_at": at, "read_at": None}
            for partner_id in partner_ids
        ],
    )
    addresses = partner_queries.mail_addresses_of(session, partner_ids)
    body = _with_totals(bulletin.body, figures, totals, bulletin.language)
    for address in addresses:
        notifications.queue_mail(
            session, to=address, subject=bulletin.title, body=body, at=at, reference=bulletin.id
        )
    audit.record(
        session,
        actor,
        Event.BULLETIN_SENT,
        "bulletin",
        bulletin.id,
        at=at,
        partners=len(partner_ids),
        mails=len(addresses),
    )
    return bulletin


def years_of(session: Session, actor: Actor, bulletin_id: UUID) -> set[int]:
    """The years that the figures of a draft are of."""
    actor.require(Permission.BULLETIN_SEND)
    bulletin = queries.get_bulletin(session, actor, bulletin_id)
    return {figure["year"] for figure in bulletin.figures}


def read_bulletin(session: Session, actor: Actor, bulletin_id: UUID, *, at: datetime) -> Bulletin:
    bulletin = queries.get_bulletin(session, actor, bulletin_id)
    audit.record(session, actor, Event.BULLETIN_READ, "bulletin", bulletin.id, at=at)
    return bulletin


def receive_bulletin(
    session: Session, actor: Actor, bulletin_id: UUID, *, at: datetime
) -> BulletinRecipient:
    """A partner reads one that was addressed to it; the first time is noted."""
    row = queries.get_received(session, actor, bulletin_id)
    if row.read_at is None:
        row.read_at = at
    audit.record(session, actor, Event.BULLETIN_READ, "bulletin", row.bulletin_id, at=at)
    return row


def audience_of(bulletin: Bulletin) -> Audience:
    kept = bulletin.audience
    return Audience(
        tiers=kept["tiers"],
        kinds=kept["kinds"],
        partner_ids=[UUID(partner_id) for partner_id in kept["partner_ids"]],
    )


def _draft(
    session: Session, actor: Actor, bulletin_id: UUID, expected_version: int | None
) -> Bulletin:
    bulletin = queries.get_bulletin(session, actor, bulletin_id, for_update=True)
    bulletin.require_version(expected_version)
    if bulletin.sent_at is not None:
        raise ConflictError("A bulletin that was sent never changes.", code="bulletin_sent")
    return bulletin


def _require_audience(session: Session, actor: Actor, audience: Audience, at: datetime) -> None:
    if not (audience.tiers or audience.kinds or audience.partner_ids):
        raise invalid("/audience", "say for whom it is", "missing")
    wrong = vocabulary.current(session).errors(
        [
            *(
                Use(CodeList.PARTNER_TIERS, code, f"/audience/tiers/{place}")
                for place, code in enumerate(audience.tiers)
            ),
            *(
                Use(CodeList.PARTNER_KINDS, code, f"/audience/kinds/{place}")
                for place, code in enumerate(audience.kinds)
            ),
        ],
        local_date(at),
    )
    known = set(
        session.scalars(
            partner_queries.visible_partners(actor)
            .where(Partner.id.in_(audience.partner_ids))
            .with_only_columns(Partner.id)
        )
    )
    wrong += [
        FieldError(f"/audience/partner_ids/{place}", "no such partner", "unknown_partner")
        for place, partner_id in enumerate(audience.partner_ids)
        if partner_id not in known
    ]
    if wrong:
        raise InvalidInputError(*wrong)


def _totals(session: Session, figures: Collection[Figure], at: datetime) -> list[int]:
    """The totals as they are kept. Raises InvalidInputError naming each that may not be told.

    A small one is refused, never rounded: there is no disclosure control yet.
    """
    totals: list[int] = []
    wrong: list[FieldError] = []
    for place, figure in enumerate(figures):
        source = figure_sources.find(figure.name)
        if source is None:
            wrong.append(FieldError(f"/figures/{place}/name", "no such figure", "unknown_figure"))
            continue
        pointer = f"/figures/{place}/year"
        if error := settling_error(figure.year, pointer, today=local_date(at)):
            wrong.append(error)
            continue
        total = source.total(session, figure.year)
        if total is None or total < LEAST_TOTAL:
            message = f"{figure.name} of {figure.year} is a total below {LEAST_TOTAL}"
            wrong.append(FieldError(f"/figures/{place}", message, "small_total"))
            continue
        totals.append(total)
    if wrong:
        raise InvalidInputError(*wrong)
    return totals


def _kept(
    figures: Sequence[Figure], totals: Sequence[int | None] | None = None
) -> list[dict[str, Any]]:
    totals = totals if totals is not None else [None] * len(figures)
    return [
        {"name": figure.name, "year": figure.year, "total": total}
        for figure, total in zip(figures, totals, strict=True)
    ]


def _with_totals(
    body: str, figures: Sequence[Figure], totals: Sequence[int], language: Language
) -> str:
    """The text of the mail: the figures stand below what was written."""
    lines = [
        f"- {figure_sources.label(figure.name, figure.year, language)}: {total}"
        for figure, total in zip(figures, totals, strict=True)
    ]
    return "\n".join([body, "", *lines]) if lines else body
