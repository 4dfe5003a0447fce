"""The partner's side of a referral: accepting, declining, completing, writing, submitting.

A referral that was withdrawn, or for which consent was taken back, is absent in all of them.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases.domain import TimelineKind
from app.core.access import Actor, Permission
from app.core.clock import day_only, local_date
from app.core.errors import InvalidInputError, PermissionDeniedError
from app.core.partner_rows import house_rows
from app.intake import service as intake
from app.intake.domain import Draft
from app.intake.service import Periods, Received
from app.referrals import queries
from app.referrals.domain import (
    Consent,
    MessageDirection,
    ReferralDirection,
    ReferralOutcome,
    ReferralPurpose,
    ReferralStatus,
    consent_errors,
    require_step,
)
from app.referrals.models import Referral, ReferralMessage
from app.referrals.service import append_message, note_in_case

PARTNER_CHANNEL = "partner"


@dataclass(frozen=True)
class Submitted:
    """report: without a receipt code: the bureau gives one to the client itself."""

    referral: Referral
    report: Received


def accept(session: Session, actor: Actor, referral_id: UUID, *, at: datetime) -> Referral:
    """One acceptance counts: a second one, also by the same partner, does not fit any more."""
    referral = queries.locked_partner_referral(session, actor, referral_id)
    require_step(referral.status, ReferralStatus.ACCEPTED)
    referral.status = ReferralStatus.ACCEPTED
    _answered(session, actor, referral, Event.REFERRAL_ACCEPTED, at=at)
    return referral


def decline(
    session: Session, actor: Actor, referral_id: UUID, *, reason: str, at: datetime
) -> Referral:
    referral = queries.locked_partner_referral(session, actor, referral_id)
    require_step(referral.status, ReferralStatus.DECLINED)
    referral.status = ReferralStatus.DECLINED
    referral.decline_reason = reason
    _answered(session, actor, referral, Event.REFERRAL_DECLINED, at=at)
    return referral


def complete(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    *,
    outcome: ReferralOutcome,
    remark: str | None,
    at: datetime,
) -> Referral:
    """How it ended flows back to the bureau; what was shared is closed to the partner."""
    referral = queries.locked_partner_referral(session, actor, referral_id)
    require_step(referral.status, ReferralStatus.COMPLETED)
    referral.status = ReferralStatus.COMPLETED
    referral.completed_on = local_date(at)
    referral.outcome = outcome
    referral.outcome_remark = remark
    referral.touch()
    session.flush()  # the answer carries the new version
    note_in_case(
        session,
        actor,
        referral,
        TimelineKind.REFERRAL_COMPLETED,
        at=at,
        remark=remark,
        outcome=outcome.value,
    )
    audit.record(
        session,
        actor,
        Event.REFERRAL_COMPLETED,
        "referral",
        referral.id,
        at=at,
        outcome=outcome.value,
    )
    return referral


def write_as_partner(
    session: Session, actor: Actor, referral_id: UUID, body: str, *, at: datetime
) -> ReferralMessage:
    referral = queries.locked_partner_referral(session, actor, referral_id)
    return append_message(session, actor, referral, MessageDirection.FROM_PARTNER, body, at=at)


def submit(
    session: Session,
    actor: Actor,
    draft: Draft,
    *,
    written: str,
    consent: Consent,
    purpose: ReferralPurpose | None,
    periods: Periods,
    at: datetime,
) -> Submitted:
    """A report of a client, with the client's consent. written: the report as it was sent, JSON.

    Of an anonymous client no moment finer than a day is kept.
    """
    actor.require(Permission.REFERRAL_SUBMIT)
    if actor.partner_id is None:
        raise PermissionDeniedError("Only a partner submits a report of a client.")
    errors = consent_errors(consent, at=at, pointer="/client_consent")
    if errors:
        raise InvalidInputError(*errors)
    try:
        # What bars a colleague from the report is not for the partner to find.
        with house_rows(session):
            received = intake.receive_public_report(
                session,
                actor,
                draft,
                channel=PARTNER_CHANNEL,
                periods=periods,
                at=at,
                permission=Permission.REFERRAL_SUBMIT,
                with_receipt=False,
            )
    except InvalidInputError as refused:
        # The report stands one level deeper in this body than in the public one.
        raise InvalidInputError(
            *(replace(error, pointer=f"/report{error.pointer}") for error in refused.errors)
        ) from None
    referral = Referral(
        direction=ReferralDirection.IN,
        status=ReferralStatus.SUBMITTED,
        partner_id=actor.partner_id,
        report_id=received.report_id,
        purpose=purpose,
        made_on=local_date(at),
        consent_given_on=consent.given_on,
        consent_given_at=None if draft.is_anonymous else consent.given_at,
        consent_given_by=consent.given_by,
        consent_form=consent.form,
        shared_fields=[],
        shared=written,
    )
    session.add(referral)
    session.flush()  # gives the id
    noted_at = day_only(at) if draft.is_anonymous else at
    audit.record(session, actor, Event.REFERRAL_SUBMITTED, "referral", referral.id, at=noted_at)
    return Submitted(referral, received)


def note_refused_read(session: Session, actor: Actor, referral_id: UUID, *, at: datetime) -> None:
    """A partner asked for what is not there, or not for it, or not any more: all the same."""
    audit.record(session, actor, Event.REFERRAL_READ, "referral", referral_id, at=at, refused=True)


def _answered(
    session: Session, actor: Actor, referral: Referral, event: Event, *, at: datetime
) -> None:
    referral.answered_on = local_date(at)
    referral.touch()
    session.flush()  # the answer carries the new version
    note_in_case(
        session,
        actor,
        referral,
        TimelineKind.REFERRAL_ANSWERED,
        at=at,
        remark=referral.decline_reason,
        answer=referral.status.value,
    )
    audit.record(session, actor, event, "referral", referral.id, at=at)
