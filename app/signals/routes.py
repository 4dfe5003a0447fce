"""Signals: reading them, registering what was seen, deciding."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import CodeQuery
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.intake.answers import ReportSummary
from app.intake.views import report_summary
from app.signals import chart, queries, service
from app.signals.domain import Cell, Origin, SignalStatus
from app.signals.queries import SignalFilter
from app.signals.schemas import DecisionBody, ObservationBody
from app.signals.views import SignalSummary, SignalView, signal_summary, signal_view
from app.vocabulary.domain import Language

router = APIRouter(tags=["signals"])

Reading = Annotated[Act, acting(Permission.SIGNAL_READ)]
ReadingReports = Annotated[Act, acting(Permission.REPORT_READ)]
Observing = Annotated[Act, acting(Permission.SIGNAL_OBSERVE, creates=True)]
Deciding = Annotated[Act, acting(Permission.SIGNAL_DECIDE, changes=True)]


def _filter(
    status: Annotated[SignalStatus | None, Query()] = None,
    origin: Annotated[Origin | None, Query()] = None,
    ground: CodeQuery = None,
    domain: CodeQuery = None,
    year: Annotated[int | None, Query(ge=1990, le=2199)] = None,
) -> SignalFilter:
    return SignalFilter(**locals())


SignalQuery = Annotated[SignalFilter, Depends(_filter)]


@router.get(
    "/signals", response_model=PageView[SignalSummary], responses=problems(401, 403, 422, 503)
)
def list_signals(wanted: SignalQuery, page: PageQuery, act: Reading) -> Response:
    """What the counts show and what people saw, the last found first."""
    return act.read(
        lambda session: page_view(
            queries.list_signals(session, act.actor, wanted, page),
            lambda signal: signal_summary(session, signal),
        )
    )


@router.post(
    "/signals",
    status_code=201,
    response_model=SignalView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def register_observation(body: ObservationBody, act: Observing) -> Response:
    """Register what a partner, the street, a meeting or a legal watch showed."""
    return act.commit(
        lambda session: signal_view(
            session,
            service.observe(
                session,
                act.actor,
                source=body.source,
                description=body.description,
                first_month=body.first_month,
                last_month=body.last_month,
                cell=Cell(body.ground, body.domain, body.municipality, body.district),
                partner_id=body.partner_id,
                at=act.at,
            ),
        )
    )


@router.get(
    "/signals/{signal_id}",
    response_model=SignalView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_signal(signal_id: UUID, act: Reading) -> Response:
    """One signal: its sentence in each language, figures, series, possible explanations."""

    def work(session: Session) -> SignalView:
        signal = queries.get_signal(session, act.actor, signal_id)
        audit.record(session, act.actor, Event.SIGNAL_READ, "signal", signal.id, at=act.at)
        return signal_view(session, signal)

    return act.commit(work)


@router.get(
    "/signals/{signal_id}/reports",
    response_model=PageView[ReportSummary],
    responses=problems(401, 403, 404, 422, 503),
)
def list_signal_reports(signal_id: UUID, page: PageQuery, act: ReadingReports) -> Response:
    """Exactly the reports that it counts."""

    def work(session: Session) -> PageView[ReportSummary]:
        signal = queries.get_signal(session, act.actor, signal_id)
        audit.record(session, act.actor, Event.SIGNAL_READ, "signal", signal.id, at=act.at)
        return page_view(queries.reports_of(session, act.actor, signal.id, page), report_summary)

    return act.commit(work)


@router.get(
    "/signals/{signal_id}/chart",
    responses=problems(401, 403, 404, 422, 503) | {200: {"content": {"image/svg+xml": {}}}},
    response_class=Response,
)
def read_signal_chart(
    signal_id: UUID,
    act: Reading,
    language: Annotated[Language, Query()] = Language.NL,
    if_none_match: Annotated[str | None, Header(max_length=500)] = None,
) -> Response:
    """The series of the last years as a picture (SVG); its table is in the signal itself."""
    return act.read_text(
        lambda session: chart.draw(
            signal_view(session, queries.get_signal(session, act.actor, signal_id)), language
        ),
        media_type="image/svg+xml",
        known_tags=if_none_match,
    )


@router.post(
    "/signals/{signal_id}/decisions",
    status_code=201,
    response_model=SignalView,
    responses=problems(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def decide_on_signal(signal_id: UUID, body: DecisionBody, act: Deciding) -> Response:
    """Confirm, dismiss with a reason, or watch."""

    def work(session: Session) -> SignalView:
        signal = service.decide(
            session,
            act.actor,
            signal_id,
            decision=body.decision,
            reason=body.reason,
            expected_version=act.expected_version,
            at=act.at,
        )
        session.flush()
        return signal_view(session, signal)

    return act.commit(work)
