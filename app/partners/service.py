"""Keeping the partner register."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, invalid
from app.partners import queries
from app.partners.models import Partner
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Use


def register_partner(
    session: Session,
    actor: Actor,
    *,
    name: str,
    kind: str,
    contact: str | None,
    at: datetime,
) -> Partner:
    actor.require(Permission.PARTNER_MANAGE)
    _require_kind(session, kind, at)
    _require_free_name(session, name)
    partner = Partner(organisation=name, kind=kind, contact=contact, created_at=at)
    session.add(partner)
    session.flush()  # gives the id that the trail names
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
    """changes: any of name, kind, contact, is_active."""
    actor.require(Permission.PARTNER_MANAGE)
    partner = queries.get_partner(session, actor, partner_id)
    partner.require_version(expected_version)
    if "kind" in changes:
        _require_kind(session, changes["kind"], at)
    if changes.get("name", partner.organisation) != partner.organisation:
        _require_free_name(session, changes["name"])
    for field, value in changes.items():
        setattr(partner, "organisation" if field == "name" else field, value)
    partner.touch()
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
    """Raises InvalidInputError unless a report can be referred to this partner."""
    found = session.scalar(
        queries.visible_partners(actor).where(Partner.id == partner_id, Partner.is_active)
    )
    if found is None:
        raise invalid(pointer, "not an active partner", "unknown_partner")


def _require_kind(session: Session, kind: str, at: datetime) -> None:
    vocabulary.current(session).require(
        [Use(CodeList.PARTNER_KINDS, kind, "/kind")], local_date(at)
    )


def _require_free_name(session: Session, name: str) -> None:
    if session.scalar(select(Partner.id).where(Partner.organisation == name)) is not None:
        raise ConflictError("A partner of this name is registered.", code="name_taken")
