"""Rows as the shapes of the contract."""

from sqlalchemy.orm import Session

from app.core.access import Actor
from app.intake import queries
from app.intake.answers import (
    BarView,
    ConsentsView,
    EventView,
    GroundView,
    IncidentView,
    MessageView,
    NeedsView,
    OwnMessageView,
    OwnReportView,
    ReporterView,
    ReportSummary,
    ReportView,
    RespondentView,
    SelfDescriptionView,
    TriageView,
)
from app.intake.models import MassEvent, Report, ReportBar
from app.intake.network import report_area


def report_view(session: Session, actor: Actor, report: Report, *, own: str) -> ReportView:
    """own: the bureau's municipality, by which the report lies in the service area or not.

    A duplicate of a report that this actor may not know of does not name it.
    """
    triages = queries.triages_of(session, report.id)
    named = {row.duplicate_of_id for row in triages} | {report.duplicate_of_id}
    shown = queries.visible_among(session, actor, named - {None})
    return ReportView(
        id=report.id,
        version=report.version,
        reference=report.reference,
        status=report.status,
        request=report.request,
        channel=report.channel,
        language=report.language,
        received_at=report.received_at,
        received_on=report.received_on,
        acknowledge_by=report.acknowledge_by,
        answer_by=report.answer_by,
        acknowledged_on=report.acknowledged_on,
        answered_on=report.answered_on,
        handler_id=report.handler_id,
        reporter=_reporter(session, report),
        incident=_incident(report),
        grounds=[GroundView.model_validate(ground) for ground in report.grounds],
        multiplicity=report.multiplicity,
        wishes=report.wishes,
        consents=ConsentsView(
            contact=report.consent_contact,
            approach_respondent=report.consent_approach_respondent,
            share_with_partners=report.consent_share_with_partners,
            statistics=report.consent_statistics,
        ),
        event_id=report.event_id,
        duplicate_of=report.duplicate_of_id if report.duplicate_of_id in shown else None,
        partner_id=report.partner_id,
        is_restricted=report.is_restricted,
        service_area=report_area(session, report, own=own),
        triages=[
            TriageView(
                decision=row.decision,
                reason=row.reason,
                decided_at=row.decided_at,
                decided_by_id=row.decided_by_id,
                partner_id=row.partner_id,
                duplicate_of=row.duplicate_of_id if row.duplicate_of_id in shown else None,
            )
            for row in triages
        ],
        messages=[
            MessageView.model_validate(row) for row in queries.messages_of(session, report.id)
        ],
    )


def own_report_view(session: Session, report: Report) -> OwnReportView:
    return OwnReportView(
        reference=report.reference,
        status=report.status,
        is_anonymous=report.is_anonymous,
        received_on=report.received_on,
        acknowledge_by=report.acknowledge_by,
        answer_by=report.answer_by,
        acknowledged_on=report.acknowledged_on,
        answered_on=report.answered_on,
        messages=[
            OwnMessageView.model_validate(row) for row in queries.messages_of(session, report.id)
        ],
    )


def event_view(session: Session, actor: Actor, event: MassEvent) -> EventView:
    return EventView(
        id=event.id,
        version=event.version,
        title=event.title,
        occurred_on=event.occurred_on,
        created_on=event.created_on,
        report_ids=queries.event_report_ids(session, actor, event.id),
    )


def report_summary(report: Report) -> ReportSummary:
    return ReportSummary.model_validate(report)


def _reporter(session: Session, report: Report) -> ReporterView:
    traits = queries.traits_of(session, report.id)
    return ReporterView(
        role=report.reporter_role,
        is_anonymous=report.is_anonymous,
        name=report.reporter_name,
        email=report.reporter_email,
        phone=report.reporter_phone,
        postal=report.reporter_postal,
        municipality=report.reporter_municipality,
        needs=NeedsView(
            interpreter_language=report.interpreter_language,
            sign_language=report.needs_sign_language,
            reading_help=report.needs_reading_help,
            other=report.other_needs,
        ),
        safe_contact=report.safe_contact,
        self_described=SelfDescriptionView.model_validate(traits) if traits else None,
    )


def _incident(report: Report) -> IncidentView:
    respondent = None
    if report.respondent_kind is not None:
        respondent = RespondentView(
            kind=report.respondent_kind,
            name=report.respondent_organisation or report.respondent_person,
        )
    return IncidentView(
        narrative=report.narrative,
        occurred_from=report.occurred_from,
        occurred_to=report.occurred_to,
        is_ongoing=report.is_ongoing,
        municipality=report.incident_municipality,
        district=report.incident_district,
        place=report.incident_place,
        domain=report.domain,
        conducts=[conduct.code for conduct in report.conducts],
        respondent=respondent,
    )


def bar_view(row: ReportBar, work: list[str]) -> BarView:
    return BarView(
        account_id=row.account_id,
        kind=row.kind,
        reason=row.reason,
        barred_on=row.barred_on,
        barred_by_id=row.barred_by_id,
        work=work,
    )
