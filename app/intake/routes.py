"""Reports, for the bureau's own people."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import CodeQuery, Day, TextQuery
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.core.clock import local_date
from app.intake import changes, dialogue, narrative_search, queries, service, similarity
from app.intake import triage as triaging
from app.intake.answers import (
    EventView,
    FoundNarrativesView,
    ReceiptView,
    ReportSummary,
    ReportView,
    SimilarListView,
    SimilarView,
)
from app.intake.domain import ReportStatus
from app.intake.models import Report
from app.intake.public_routes import periods
from app.intake.queries import ReportFilter
from app.intake.schemas import (
    EventBody,
    EventReportsBody,
    MessageBody,
    NarrativeSearchBody,
    ReportChange,
    StaffReportBody,
    TriageBody,
)
from app.intake.views import event_view, report_summary, report_view

router = APIRouter(tags=["intake"])

Reading = Annotated[Act, acting(Permission.REPORT_READ)]
Handling = Annotated[Act, acting(Permission.REPORT_HANDLE, creates=True)]
Changing = Annotated[Act, acting(Permission.REPORT_HANDLE, changes=True)]


def _filter(
    status: Annotated[ReportStatus | None, Query()] = None,
    request: CodeQuery = None,
    channel: CodeQuery = None,
    ground: CodeQuery = None,
    domain: CodeQuery = None,
    municipality: TextQuery = None,
    district: TextQuery = None,
    received_from: Annotated[Day | None, Query()] = None,
    received_to: Annotated[Day | None, Query()] = None,
    handler: Annotated[UUID | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    q: TextQuery = None,
) -> ReportFilter:
    return ReportFilter(**locals())


ReportQuery = Annotated[ReportFilter, Depends(_filter)]


@router.post(
    "/reports",
    status_code=201,
    response_model=ReportView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def register_report(
    body: StaffReportBody,
    act: Annotated[Act, acting(Permission.REPORT_REGISTER, creates=True)],
) -> Response:
    """Register a report for somebody who calls, visits or writes."""

    def work(session: Session) -> ReportView:
        received = service.register_report(
            session,
            act.actor,
            body.draft(),
            channel=body.channel,
            received_at=body.received_at,
            periods=periods(act.settings),
            at=act.at,
        )
        # Not asked for by the actor's right to see it: who registers a report about himself is
        # barred from it from now on.
        return _shown(session, act, session.get_one(Report, received.report_id))

    return act.commit(work)


@router.get(
    "/reports", response_model=PageView[ReportSummary], responses=problems(401, 403, 422, 503)
)
def list_reports(wanted: ReportQuery, page: PageQuery, act: Reading) -> Response:
    """Reports, the newest day first; no personal data."""
    return act.read(
        lambda session: page_view(
            queries.list_reports(session, act.actor, wanted, page, today=local_date(act.at)),
            report_summary,
        )
    )


@router.get(
    "/reports/{report_id}",
    response_model=ReportView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_report(report_id: UUID, act: Reading) -> Response:
    """One report, whole. That it was read stands in the trail."""

    def work(session: Session) -> ReportView:
        report = queries.get_report(session, act.actor, report_id)
        audit.record(session, act.actor, Event.REPORT_READ, "report", report.id, at=act.at)
        return _shown(session, act, report)

    return act.commit(work)


@router.patch(
    "/reports/{report_id}",
    response_model=ReportView,
    responses=problems(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_report(report_id: UUID, body: ReportChange, act: Changing) -> Response:
    """Change what is given; stored deadlines never move."""

    def work(session: Session) -> ReportView:
        report = changes.change_report(
            session,
            act.actor,
            report_id,
            changes=_changes(body),
            expected_version=act.expected_version,
            at=act.at,
        )
        session.flush()  # the answer shows the new version
        return _shown(session, act, report)

    return act.commit(work)


@router.post(
    "/reports/{report_id}/triage",
    response_model=ReportView,
    responses=problems(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def triage(report_id: UUID, body: TriageBody, act: Changing) -> Response:
    """Decide what becomes of a report."""
    return act.commit(
        lambda session: _shown(
            session,
            act,
            triaging.triage(
                session,
                act.actor,
                report_id,
                expected_version=act.expected_version,
                at=act.at,
                **body.model_dump(),
            ),
        )
    )


@router.post(
    "/reports/{report_id}/messages",
    status_code=201,
    response_model=ReportView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def write_message(report_id: UUID, body: MessageBody, act: Handling) -> Response:
    """Write to the reporter; the first message acknowledges the report."""
    return act.commit(
        lambda session: _shown(
            session,
            act,
            dialogue.write_as_bureau(session, act.actor, report_id, body.body, at=act.at),
        )
    )


@router.post(
    "/reports/{report_id}/receipt",
    status_code=201,
    response_model=ReceiptView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def issue_receipt(report_id: UUID, act: Handling) -> Response:
    """A receipt code for somebody who reported by phone; an earlier code ends."""
    return act.commit(
        lambda session: ReceiptView(
            receipt_code=dialogue.issue_receipt(
                session,
                act.actor,
                report_id,
                valid_days=act.settings.receipt_valid_days,
                at=act.at,
            )
        )
    )


@router.get(
    "/reports/{report_id}/similar",
    response_model=SimilarListView,
    responses=problems(401, 403, 404, 422, 503),
)
def list_similar(report_id: UUID, act: Reading) -> Response:
    """Reports that may tell of the same, with the reasons."""

    def work(session: Session) -> SimilarListView:
        similar = similarity.similar_reports(session, act.actor, report_id)
        audit.record(session, act.actor, Event.SIMILAR_READ, "report", report_id, at=act.at)
        return SimilarListView(
            items=[
                SimilarView(
                    report=report_summary(found.report), score=found.score, reasons=found.reasons
                )
                for found in similar.found
            ],
            candidates=similar.candidates,
        )

    return act.commit(work)


@router.post(
    "/reports/search",
    response_model=FoundNarrativesView,
    responses=problems(401, 403, 413, 422, 503),
)
def search_narratives(body: NarrativeSearchBody, act: Reading) -> Response:
    """Reports whose narrative holds every word, the newest first; at most 50.

    A filter makes it faster: each narrative that fits is opened.
    """

    def work(session: Session) -> FoundNarrativesView:
        found = narrative_search.search_narratives(
            session,
            act.actor,
            body.words,
            ReportFilter(**body.model_dump(exclude={"words"})),
            today=local_date(act.at),
            at=act.at,
        )
        return FoundNarrativesView(
            items=[report_summary(report) for report in found.reports],
            opened=found.opened,
            is_complete=found.is_complete,
        )

    return act.commit(work)


@router.post(
    "/events",
    status_code=201,
    response_model=EventView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def group_event(body: EventBody, act: Handling) -> Response:
    """Group the reports of one event; each stays a report."""
    return act.commit(
        lambda session: event_view(
            session,
            act.actor,
            triaging.group_event(session, act.actor, at=act.at, **body.model_dump()),
        )
    )


@router.get("/events", response_model=PageView[EventView], responses=problems(401, 403, 422, 503))
def list_events(page: PageQuery, act: Reading) -> Response:
    """Events, the newest first."""
    return act.read(
        lambda session: page_view(
            queries.list_events(session, act.actor, page),
            lambda event: event_view(session, act.actor, event),
        )
    )


@router.get(
    "/events/{event_id}", response_model=EventView, responses=problems(401, 403, 404, 422, 503)
)
def read_event(event_id: UUID, act: Reading) -> Response:
    """One event and its reports."""
    return act.read(
        lambda session: event_view(
            session, act.actor, queries.get_event(session, act.actor, event_id)
        )
    )


@router.post(
    "/events/{event_id}/reports",
    status_code=201,
    response_model=EventView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def add_to_event(event_id: UUID, body: EventReportsBody, act: Handling) -> Response:
    """Add reports to an event."""
    return act.commit(
        lambda session: event_view(
            session,
            act.actor,
            triaging.add_to_event(
                session, act.actor, event_id, report_ids=body.report_ids, at=act.at
            ),
        )
    )


def _shown(session: Session, act: Act, report: Report) -> ReportView:
    return report_view(session, act.actor, report, own=act.settings.municipality)


_COLUMN_OF = {
    "municipality": "incident_municipality",
    "district": "incident_district",
    "place": "incident_place",
    "sign_language": "needs_sign_language",
    "reading_help": "needs_reading_help",
    "other": "other_needs",
}


def _changes(body: ReportChange) -> dict[str, Any]:
    """The body as changes of columns."""
    given = body.model_dump(exclude_unset=True)
    changes: dict[str, Any] = {}
    for field in ("incident", "needs"):
        changes |= {_COLUMN_OF.get(k, k): v for k, v in given.pop(field, {}).items()}
    changes |= {f"consent_{k}": v for k, v in given.pop("consents", {}).items()}
    if "respondent" in changes and changes["respondent"] is not None:
        respondent = changes["respondent"]
        changes["respondent"] = (respondent["kind"], respondent.get("name"))
    if "grounds" in given:
        assert body.grounds is not None  # noqa: S101  (it was given)
        changes["grounds"] = [(ground.code, ground.link) for ground in body.grounds]
        del given["grounds"]
    return changes | given
