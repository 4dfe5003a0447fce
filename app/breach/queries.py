"""Whom or what a breach listing is about, and what the trail says of it.

For whoever runs the server, after a breach: nothing is hidden by role, and nothing that a person
said or is called is read, only ids, user names and references.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from app.activities.models import Activity
from app.audit.models import AuditEntry
from app.cases.models import Case, CaseReport
from app.identity.models import StaffAccount
from app.identity.partner_models import PartnerClient, PartnerPerson
from app.intake.models import Report
from app.partners.models import Partner
from app.referrals.models import Referral
from app.resolutions.models import Commitment, Negotiation

MANY = 500  # ids in one statement


def account_of(session: Session, username: str) -> UUID | None:
    return session.scalar(select(StaffAccount.id).where(StaffAccount.username == username))


def actors_of(session: Session, found: UUID) -> set[UUID]:
    """Ids under which this account, client, person or partner acts; empty when it is none."""
    if session.get(StaffAccount, found) is not None:
        return {found}
    of_partner: set[UUID] = set()
    for model in (PartnerClient, PartnerPerson):
        query = select(model.id).where((model.partner_id == found) | (model.id == found))
        of_partner |= set(session.scalars(query))
    if not of_partner and session.get(Partner, found) is not None:
        return {found}  # it never had access: the listing is empty
    return of_partner


def object_of(session: Session, reference: str) -> UUID | None:
    for model in (Report, Case, Activity):
        found = session.scalar(select(model.id).where(model.reference == reference.upper()))
        if found is not None:
            return found
    return None


def is_object(session: Session, found: UUID) -> bool:
    """Whether it is a report or case, or the trail ever told of it."""
    told = select(AuditEntry.id).where(AuditEntry.object_id == found).limit(1)
    return (
        session.scalar(told) is not None
        or session.get(Report, found) is not None
        or session.get(Case, found) is not None
    )


def objects_around(session: Session, found: UUID) -> set[UUID]:
    """The object, and those whose reading shows it: of a report, the case it is in and its
    referrals; of a case, its talks, commitments and reports with their referrals."""
    reports, cases = {found}, {found}
    cases |= set(session.scalars(select(CaseReport.case_id).where(CaseReport.report_id == found)))
    reports |= set(session.scalars(select(CaseReport.report_id).where(CaseReport.case_id == found)))
    around = reports | cases
    for query in (
        select(Negotiation.id).where(Negotiation.case_id.in_(cases)),
        select(Commitment.id).where(Commitment.case_id.in_(cases)),
        select(Referral.id).where(Referral.report_id.in_(reports)),
    ):
        around |= set(session.scalars(query))
    return around


def told_of_actors(
    session: Session, actors: Collection[UUID], since: datetime
) -> list[Row[*tuple[Any, ...]]]:
    query = _told(since).where(AuditEntry.object_id.is_not(None))
    return _in_parts(session, query, AuditEntry.actor_id, actors)


def told_of_objects(
    session: Session, objects: Collection[UUID], since: datetime
) -> list[Row[*tuple[Any, ...]]]:
    return _in_parts(session, _told(since), AuditEntry.object_id, objects)


def usernames(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    query = select(StaffAccount.id, StaffAccount.username)
    return {row[0]: row[1] for row in _in_parts(session, query, StaffAccount.id, ids)}


def references(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for model in (Report, Case, Activity):
        query = select(model.id, model.reference)
        found |= {row[0]: row[1] for row in _in_parts(session, query, model.id, ids)}
    return found


def _told(since: datetime) -> Select[*tuple[Any, ...]]:
    """One row for each actor, surface, object and event."""
    return (
        select(
            AuditEntry.actor_kind,
            AuditEntry.actor_id,
            AuditEntry.surface,
            AuditEntry.object_kind,
            AuditEntry.object_id,
            AuditEntry.event,
            func.count().label("times"),
            func.min(AuditEntry.at).label("first_at"),
            func.max(AuditEntry.at).label("last_at"),
        )
        .where(AuditEntry.at >= since)
        .group_by(
            AuditEntry.actor_kind,
            AuditEntry.actor_id,
            AuditEntry.surface,
            AuditEntry.object_kind,
            AuditEntry.object_id,
            AuditEntry.event,
        )
    )


def _in_parts(
    session: Session, query: Select[*tuple[Any, ...]], column: Any, ids: Iterable[UUID]
) -> list[Row[*tuple[Any, ...]]]:
    ordered: Sequence[UUID] = sorted(set(ids))
    return [
        row
        for start in range(0, len(ordered), MANY)
        for row in session.execute(query.where(column.in_(ordered[start : start + MANY])))
    ]
