"""Putting right what a report says of its reporter; what it said before stays readable."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import day_only, local_date
from app.core.errors import invalid
from app.core.paging import Page, PageRequest, fetch_page
from app.intake import queries
from app.intake.domain import ReporterField
from app.intake.models import Report, ReporterTraits, ReportRectification

F = ReporterField

COLUMNS: Mapping[ReporterField, str] = {
    F.NAME: "reporter_name",
    F.EMAIL: "reporter_email",
    F.PHONE: "reporter_phone",
    F.POSTAL: "reporter_postal",
    F.MUNICIPALITY: "reporter_municipality",
    F.SAFE_CONTACT: "safe_contact",
}
"""Of Report; the other fields are columns of ReporterTraits."""

IDENTIFYING = frozenset({F.NAME, F.EMAIL, F.PHONE, F.POSTAL})
WAYS = (F.EMAIL, F.PHONE, F.POSTAL, F.SAFE_CONTACT)


def rectify(
    session: Session,
    actor: Actor,
    report_id: UUID,
    *,
    field: ReporterField,
    value: str | None,
    reason: str,
    request_id: UUID,
    at: datetime,
) -> ReportRectification:
    """value: already of the form of its field; None empties it.

    It is the person's own wish, so a restriction of the processing does not stand in the way.
    """
    actor.require(Permission.PERSON_REQUEST_MANAGE)
    report = queries.get_report(session, actor, report_id, for_update=True, even_restricted=True)
    traits = queries.traits_of(session, report.id)
    old = _standing(report, traits, field)
    _check(report, field, value, old)
    if field in COLUMNS:
        setattr(report, COLUMNS[field], value)
    else:
        if traits is None:
            traits = ReporterTraits(report_id=report.id)
            session.add(traits)
        setattr(traits, field.value, value)
    report.touch()
    noted_at = day_only(at) if report.is_anonymous else at
    assert actor.id is not None  # noqa: S101  (a colleague has an account)
    row = ReportRectification(
        report_id=report.id,
        position=_next_position(session, report.id),
        field=field,
        old_value=old,
        reason=reason,
        rectified_on=local_date(at),
        rectified_by_id=actor.id,
        request_id=request_id,
    )
    session.add(row)
    session.flush()  # gives the id
    audit.record(
        session,
        actor,
        Event.REPORTER_RECTIFIED,
        "report",
        report.id,
        at=noted_at,
        field=field.value,
    )
    return row


def list_rectifications(
    session: Session, actor: Actor, report_ids: list[UUID], page: PageRequest
) -> Page[ReportRectification]:
    """Of those that the actor may see: each report's, the oldest first."""
    visible = queries.visible_reports(actor).where(Report.id.in_(report_ids))
    query = select(ReportRectification).where(
        ReportRectification.report_id.in_(visible.with_only_columns(Report.id))
    )
    order = (ReportRectification.report_id, ReportRectification.position)
    return fetch_page(session, query, page, order=order)


def _standing(report: Report, traits: ReporterTraits | None, field: ReporterField) -> str | None:
    if field in COLUMNS:
        found: str | None = getattr(report, COLUMNS[field])
        return found
    return getattr(traits, field.value, None)


def _check(report: Report, field: ReporterField, value: str | None, old: str | None) -> None:
    if value == old:
        raise invalid("/value", "stands there already", "unchanged")
    if report.is_anonymous and field in IDENTIFYING:
        raise invalid("/field", "an anonymous report cannot hold this", "anonymous")
    if field is F.NAME and value is None:
        raise invalid("/value", "a reporter who is known has a name", "missing")
    if value is None and field in WAYS and report.consent_contact and not report.is_anonymous:
        others = (_standing(report, None, way) for way in WAYS if way is not field)
        if not any(others):
            raise invalid("/value", "no way to reach the reporter would be left", "no_contact")


def _next_position(session: Session, report_id: UUID) -> int:
    """From 1. The report is locked by the caller."""
    last = select(func.max(ReportRectification.position)).where(
        ReportRectification.report_id == report_id
    )
    return (session.scalar(last) or 0) + 1
