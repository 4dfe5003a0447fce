"""Referrals, for the partner: those it got and those it submitted. Every read is in the trail."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission, Surface
from app.core.errors import NotFoundError
from app.intake.public_routes import periods
from app.partners.queries import known_places
from app.referrals import answering, queries
from app.referrals.domain import ReferralDirection, ReferralStatus
from app.referrals.models import Referral
from app.referrals.schemas import (
    CompletionBody,
    DeclineBody,
    PartnerMessageView,
    PartnerReferralSummary,
    PartnerReferralView,
    ReferralMessageBody,
    SubmissionBody,
    SubmittedView,
)
from app.referrals.views import partner_summary, partner_view

router = APIRouter(prefix="/partner/referrals", tags=["partner"])

Answering = Annotated[Act, acting(Permission.REFERRAL_ANSWER, surface=Surface.PARTNER)]
Writing = Annotated[Act, acting(Permission.REFERRAL_ANSWER, surface=Surface.PARTNER, creates=True)]
Submitting = Annotated[
    Act, acting(Permission.REFERRAL_SUBMIT, surface=Surface.PARTNER, creates=True)
]

# Accepting, declining and completing take no Idempotency-Key: a kept answer would show what was
# shared after consent was taken back. A repeated one is told apart by its 409.
ACT_PROBLEMS = problems(401, 403, 404, 409, 413, 422, 503)


@router.get(
    "", response_model=PageView[PartnerReferralSummary], responses=problems(401, 403, 422, 503)
)
def list_partner_referrals(
    page: PageQuery,
    act: Answering,
    direction: Annotated[ReferralDirection | None, Query()] = None,
    status: Annotated[ReferralStatus | None, Query()] = None,
) -> Response:
    """What the bureau referred to us and what we submitted, the newest day first."""

    def work(session: Session) -> PageView[PartnerReferralSummary]:
        found = queries.list_partner_referrals(
            session, act.actor, page, direction=direction, status=status
        )
        audit.record(
            session,
            act.actor,
            Event.REFERRAL_READ,
            "partner",
            act.actor.partner_id,
            at=act.at,
            rows=len(found.items),
        )
        places = known_places(session, own=act.settings.municipality)
        return page_view(found, lambda row: partner_summary(row, places))

    return act.commit(work)


@router.post(
    "",
    status_code=201,
    response_model=SubmittedView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def submit_referral(body: SubmissionBody, act: Submitting) -> Response:
    """Report for a client, with the client's consent. The client gets a code from the bureau."""

    def work(session: Session) -> SubmittedView:
        submitted = answering.submit(
            session,
            act.actor,
            body.report.draft(),
            written=body.report.model_dump_json(),
            consent=body.client_consent.consent(),
            purpose=body.purpose,
            periods=periods(act.settings),
            at=act.at,
        )
        return SubmittedView(
            id=submitted.referral.id,
            reference=submitted.report.reference,
            acknowledge_by=submitted.report.acknowledge_by,
            answer_by=submitted.report.answer_by,
        )

    return act.commit(work)


@router.get(
    "/{referral_id}",
    response_model=PartnerReferralView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_partner_referral(referral_id: UUID, act: Answering) -> Response:
    """A preview until accepted, then exactly the shared fields; of our own, how it stands."""
    try:
        return act.commit(
            _shown(act, lambda session: queries.partner_referral(session, act.actor, referral_id))
        )
    except NotFoundError:
        # In a transaction of its own: the one that failed leaves nothing.
        act.commit(
            lambda session: answering.note_refused_read(session, act.actor, referral_id, at=act.at)
        )
        raise


@router.post(
    "/{referral_id}/acceptance", response_model=PartnerReferralView, responses=ACT_PROBLEMS
)
def accept_referral(referral_id: UUID, act: Answering) -> Response:
    """Take it on, and see what is shared."""
    return act.commit(
        _shown(act, lambda session: answering.accept(session, act.actor, referral_id, at=act.at))
    )


@router.post("/{referral_id}/decline", response_model=PartnerReferralView, responses=ACT_PROBLEMS)
def decline_referral(referral_id: UUID, body: DeclineBody, act: Answering) -> Response:
    """Not for us."""
    return act.commit(
        _shown(
            act,
            lambda session: answering.decline(
                session, act.actor, referral_id, reason=body.reason, at=act.at
            ),
        )
    )


@router.post(
    "/{referral_id}/completion", response_model=PartnerReferralView, responses=ACT_PROBLEMS
)
def complete_referral(referral_id: UUID, body: CompletionBody, act: Answering) -> Response:
    """Tell how it ended; what was shared closes."""
    return act.commit(
        _shown(
            act,
            lambda session: answering.complete(
                session,
                act.actor,
                referral_id,
                outcome=body.outcome,
                remark=body.remark,
                at=act.at,
            ),
        )
    )


@router.post(
    "/{referral_id}/messages",
    status_code=201,
    response_model=PartnerMessageView,
    responses=ACT_PROBLEMS,
)
def write_partner_message(referral_id: UUID, body: ReferralMessageBody, act: Writing) -> Response:
    """Write to the bureau."""
    return act.commit(
        lambda session: PartnerMessageView.model_validate(
            answering.write_as_partner(session, act.actor, referral_id, body.body, at=act.at)
        )
    )


def _shown(
    act: Act, work: Callable[[Session], Referral]
) -> Callable[[Session], PartnerReferralView]:
    """What the partner sees of it now, with the entry in the trail."""

    def show(session: Session) -> PartnerReferralView:
        referral = work(session)
        at = queries.noted_at(session, referral, act.at)
        audit.record(session, act.actor, Event.REFERRAL_READ, "referral", referral.id, at=at)
        return partner_view(session, referral, own=act.settings.municipality)

    return show
