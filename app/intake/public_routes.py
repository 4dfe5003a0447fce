"""Reporting without a login, and the door that a receipt opens."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.problems import problems
from app.core.access import Permission, Surface
from app.intake import dialogue, queries, service
from app.intake.answers import OwnReportView, ReceiptTokenView, ReceivedView
from app.intake.schemas import (
    IdentityBody,
    MessageBody,
    ReceiptCodeBody,
    ReportBody,
    WithdrawalBody,
)
from app.intake.service import Periods
from app.intake.views import own_report_view
from app.settings import Settings

router = APIRouter(prefix="/public", tags=["public"])

Reporting = Annotated[Act, acting(Permission.PUBLIC_REPORT, surface=Surface.PUBLIC, creates=True)]
OwnReport = Annotated[Act, acting(Permission.OWN_REPORT, surface=Surface.PUBLIC)]
OwnReportCreating = Annotated[
    Act, acting(Permission.OWN_REPORT, surface=Surface.PUBLIC, creates=True)
]


def periods(settings: Settings) -> Periods:
    return Periods(
        acknowledge_working_days=settings.acknowledge_working_days,
        answer_working_days=settings.answer_working_days,
        receipt_valid_days=settings.receipt_valid_days,
    )


@router.post(
    "/reports",
    status_code=201,
    response_model=ReceivedView,
    responses=problems(401, 409, 413, 422, 503),
)
def receive_report(body: ReportBody, act: Reporting) -> Response:
    """Report discrimination, with a name or anonymously. The receipt code is shown once."""
    return act.commit(
        lambda session: ReceivedView.model_validate(
            service.receive_public_report(
                session,
                act.actor,
                body.draft(),
                channel=body.channel or "web",
                periods=periods(act.settings),
                at=act.at,
            )
        )
    )


@router.post(
    "/receipts/token", response_model=ReceiptTokenView, responses=problems(401, 413, 422, 503)
)
def open_with_receipt(
    body: ReceiptCodeBody,
    act: Annotated[Act, acting(Permission.PUBLIC_REPORT, surface=Surface.PUBLIC)],
) -> Response:
    """Exchange a receipt code for a short-lived token."""

    def work(session: Session) -> ReceiptTokenView:
        token = dialogue.open_with_receipt(
            session,
            act.actor,
            body.receipt_code,
            lifetime=timedelta(minutes=act.settings.receipt_session_minutes),
            at=act.at,
        )
        return ReceiptTokenView(
            access_token=token.access_token, expires_in=token.expires_in_seconds
        )

    return act.commit(work)


@router.get("/report", response_model=OwnReportView, responses=problems(401, 403, 404, 503))
def read_own_report(act: OwnReport) -> Response:
    """How my report stands."""
    return act.read(
        lambda session: own_report_view(session, queries.own_report(session, act.actor))
    )


@router.post(
    "/report/messages",
    status_code=201,
    response_model=OwnReportView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def write_own_message(body: MessageBody, act: OwnReportCreating) -> Response:
    """Write to the bureau about my report."""
    return act.commit(
        lambda session: own_report_view(
            session, dialogue.write_as_reporter(session, act.actor, body.body, at=act.at)
        )
    )


@router.post(
    "/report/identity",
    response_model=OwnReportView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def give_identity(body: IdentityBody, act: OwnReport) -> Response:
    """I reported anonymously and now want the bureau to know me."""
    return act.commit(
        lambda session: own_report_view(
            session, dialogue.identify(session, act.actor, at=act.at, **body.model_dump())
        )
    )


@router.post(
    "/report/withdrawal",
    response_model=OwnReportView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def withdraw_report(body: WithdrawalBody, act: OwnReport) -> Response:
    """Take my report back."""
    return act.commit(
        lambda session: own_report_view(
            session, dialogue.withdraw(session, act.actor, reason=body.reason, at=act.at)
        )
    )
