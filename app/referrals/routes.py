"""Referrals, for the bureau's own people."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.core.clock import local_date
from app.core.errors import invalid
from app.referrals import queries, service
from app.referrals.domain import ReferralDirection, ReferralStatus
from app.referrals.queries import ReferralFilter
from app.referrals.schemas import (
    ConsentWithdrawalBody,
    ReferralBody,
    ReferralMessageBody,
    ReferralSummary,
    ReferralView,
    ReferralWithdrawalBody,
)
from app.referrals.views import referral_view

router = APIRouter(prefix="/referrals", tags=["referrals"])

Reading = Annotated[Act, acting(Permission.REFERRAL_READ)]
Making = Annotated[Act, acting(Permission.REFERRAL_MAKE)]
MakingNew = Annotated[Act, acting(Permission.REFERRAL_MAKE, creates=True)]

ACT_PROBLEMS = problems(401, 403, 404, 409, 413, 422, 503)


def _filter(
    partner: Annotated[UUID | None, Query()] = None,
    status: Annotated[ReferralStatus | None, Query()] = None,
    direction: Annotated[ReferralDirection | None, Query()] = None,
    overdue: Annotated[bool | None, Query(description="answer or result is late")] = None,
    report_id: Annotated[UUID | None, Query()] = None,
    case_id: Annotated[UUID | None, Query()] = None,
) -> ReferralFilter:
    return ReferralFilter(**locals())


@router.post(
    "",
    status_code=201,
    response_model=ReferralView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def make_referral(body: ReferralBody, act: MakingNew) -> Response:
    """Offer a report to a partner, with the reporter's consent or a reasoned override."""
    if (body.report_id is None) == (body.case_id is None):
        raise invalid("/report_id", "name a report or a case", "one_of_two")
    if (body.consent is None) == (body.override is None):
        raise invalid("/consent", "give the consent or the override", "one_of_two")

    def work(session: Session) -> ReferralView:
        referral = service.make_referral(
            session,
            act.actor,
            report_id=body.report_id,
            case_id=body.case_id,
            partner_id=body.partner_id,
            purpose=body.purpose,
            shared_fields=body.shared_fields,
            consent=body.consent.consent() if body.consent else None,
            override=body.override.override() if body.override else None,
            answer_by=body.answer_by,
            result_by=body.result_by,
            outside_territory_reason=body.outside_territory_reason,
            at=act.at,
        )
        return referral_view(session, referral, own=act.settings.municipality)

    return act.commit(work)


@router.get("", response_model=PageView[ReferralSummary], responses=problems(401, 403, 422, 503))
def list_referrals(
    wanted: Annotated[ReferralFilter, Depends(_filter)], page: PageQuery, act: Reading
) -> Response:
    """Referrals both ways, the newest day first; no personal data."""
    return act.read(
        lambda session: page_view(
            queries.list_referrals(session, act.actor, wanted, page, today=local_date(act.at)),
            ReferralSummary.model_validate,
        )
    )


@router.get(
    "/{referral_id}", response_model=ReferralView, responses=problems(401, 403, 404, 422, 503)
)
def read_referral(referral_id: UUID, act: Reading) -> Response:
    """One referral, whole. That it was read stands in the trail."""

    def work(session: Session) -> ReferralView:
        referral = queries.get_referral(session, act.actor, referral_id)
        at = queries.noted_at(session, referral, act.at)
        audit.record(session, act.actor, Event.REFERRAL_READ, "referral", referral.id, at=at)
        return referral_view(session, referral, own=act.settings.municipality)

    return act.commit(work)


@router.post("/{referral_id}/withdrawal", response_model=ReferralView, responses=ACT_PROBLEMS)
def withdraw_referral(referral_id: UUID, body: ReferralWithdrawalBody, act: Making) -> Response:
    """Take a referral back from the partner."""
    return act.commit(
        lambda session: referral_view(
            session,
            service.withdraw(session, act.actor, referral_id, reason=body.reason, at=act.at),
            own=act.settings.municipality,
        )
    )


@router.post(
    "/{referral_id}/consent-withdrawal", response_model=ReferralView, responses=ACT_PROBLEMS
)
def withdraw_referral_consent(
    referral_id: UUID, body: ConsentWithdrawalBody, act: Making
) -> Response:
    """The reporter takes consent back: the partner's access ends at once."""
    return act.commit(
        lambda session: referral_view(
            session,
            service.withdraw_consent(
                session, act.actor, referral_id, reason=body.reason, at=act.at
            ),
            own=act.settings.municipality,
        )
    )


@router.post(
    "/{referral_id}/messages",
    status_code=201,
    response_model=ReferralView,
    responses=ACT_PROBLEMS,
)
def write_referral_message(
    referral_id: UUID, body: ReferralMessageBody, act: MakingNew
) -> Response:
    """Write to the partner."""
    return act.commit(
        lambda session: referral_view(
            session,
            service.write_as_bureau(session, act.actor, referral_id, body.body, at=act.at),
            own=act.settings.municipality,
        )
    )
