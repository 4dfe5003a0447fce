"""The bureau's side of a referral: making, withdrawing, writing.

Every act locks the case, the report when it is touched, and then the referral.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.api import idempotency
from app.audit import service as audit
from app.audit.domain import Event
from app.cases import queries as case_queries
from app.cases.domain import TimelineKind, require_open
from app.cases.timeline import note
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    duplicate_errors,
    invalid,
)
from app.core.partner_rows import house_rows
from app.intake import queries as intake_queries
from app.intake import triage
from app.intake.domain import AWAITING_TRIAGE, ReportStatus, TriageDecision
from app.intake.listeners import WithdrawalListener
from app.intake.models import Report
from app.notifications import service as notifications
from app.partners import service as partners
from app.partners.domain import ReferralField
from app.referrals import queries, terms
from app.referrals.domain import (
    STEPS,
    Consent,
    MessageDirection,
    Override,
    ReferralDirection,
    ReferralEvent,
    ReferralPurpose,
    ReferralStatus,
    anonymity_errors,
    consent_errors,
    period_errors,
    require_open_to_partner,
    require_step,
)
from app.referrals.models import Referral, ReferralMessage
from app.referrals.sharing import preview_of, shared_of


def make_referral(
    session: Session,
    actor: Actor,
    *,
    report_id: UUID | None,
    case_id: UUID | None,
    partner_id: UUID,
    purpose: ReferralPurpose,
    shared_fields: Sequence[ReferralField],
    consent: Consent | None,
    override: Override | None,
    answer_by: date,
    result_by: date | None,
    at: datetime,
    outside_territory_reason: str | None = None,
) -> Referral:
    """Offer a report to a partner. A report that nobody decided on is thereby triaged `refer`.

    Needs the reporter's consent for this partner and purpose, or the coordinator's override.
    report_id or case_id: of a case with one report that stands.
    """
    actor.require(Permission.REFERRAL_MAKE)
    if override is not None:
        # Sharing without consent is the coordinator's to decide: this permission is only theirs.
        actor.require(Permission.PARTNER_MANAGE)
    report = _locked_report(session, actor, report_id, case_id)
    fields = list(shared_fields)
    today = local_date(at)
    errors = period_errors(answer_by, result_by, today=today)
    errors += duplicate_errors(fields, "/shared_fields")
    errors += anonymity_errors(fields, is_anonymous=report.is_anonymous)
    if consent is not None:
        errors += consent_errors(
            consent,
            at=at,
            pointer="/consent",
            not_before=queries.first_received_on(session, report),
        )
    if errors:
        raise InvalidInputError(*errors)
    partners.require_active(session, actor, partner_id, "/partner_id")
    is_outside = terms.is_outside_territory(
        session, actor, partner_id, report.incident_municipality
    )
    if is_outside and outside_territory_reason is None:
        raise invalid("/outside_territory_reason", "outside its territory", "outside_territory")
    terms.require_agreed(session, actor, partner_id, fields=fields, purpose=purpose, on=today)
    if queries.running_to(session, report.id, partner_id, purpose) is not None:
        raise ConflictError(
            "The report is with this partner for this purpose.", code="already_referred"
        )
    is_refused = not report.consent_share_with_partners
    if consent is not None:
        _require_not_taken_back(session, report.id, partner_id, purpose, consent)
    elif override is not None:
        is_refused = is_refused or bool(queries.refusals_of(session, report.id, partner_id))
        _require_said(override, is_refused=is_refused)
    if report.status in AWAITING_TRIAGE:
        triage.triage(
            session,
            actor,
            report.id,
            decision=TriageDecision.REFER,
            reason=purpose.value,
            duplicate_of=None,
            partner_id=partner_id,
            expected_version=None,
            at=at,
        )
    referral = Referral(
        direction=ReferralDirection.OUT,
        status=ReferralStatus.OFFERED,
        partner_id=partner_id,
        report_id=report.id,
        purpose=purpose,
        made_on=today,
        made_by_id=actor.id,
        consent_given_on=consent.given_on if consent else None,
        consent_given_by=consent.given_by if consent else None,
        consent_form=consent.form if consent else None,
        consent_given_at=consent.given_at if consent and not report.is_anonymous else None,
        consent_overrules_report=consent is not None and is_refused,
        override_reason=override.reason if override else None,
        outside_territory_reason=outside_territory_reason if is_outside else None,
        override_against_refusal=override is not None and is_refused,
        shared_fields=[field.value for field in fields],
        shared=shared_of(report, intake_queries.traits_of(session, report.id), fields),
        preview=preview_of(report),
        answer_by=answer_by,
        result_by=result_by,
    )
    session.add(referral)
    session.flush()  # gives the id
    note_in_case(session, actor, referral, TimelineKind.REFERRAL_MADE, at=at)
    audit.record(
        session,
        actor,
        Event.REFERRAL_MADE,
        "referral",
        referral.id,
        at=at,
        partner_id=str(partner_id),
        purpose=purpose.value,
        fields=" ".join(sorted(fields)),
        override=consent is None,
        against_refusal=override is not None and is_refused,
    )
    _tell_partner(session, referral, ReferralEvent.OFFERED, at=at)
    return referral


def withdraw(
    session: Session, actor: Actor, referral_id: UUID, *, reason: str, at: datetime
) -> Referral:
    """The bureau takes a referral back: for the partner it does not exist any more."""
    actor.require(Permission.REFERRAL_MAKE)
    referral = queries.locked_referral(session, actor, referral_id, even_restricted=True)
    _close(session, actor, referral, ReferralStatus.WITHDRAWN, reason=reason, at=at)
    return referral


def withdraw_consent(
    session: Session, actor: Actor, referral_id: UUID, *, reason: str | None, at: datetime
) -> Referral:
    """The reporter takes consent for this partner and purpose back: access ends at once.

    In every state: one that has ended keeps its status, so that the old
    consent does not serve again.
    """
    actor.require(Permission.REFERRAL_MAKE)
    referral = queries.locked_referral(session, actor, referral_id, even_restricted=True)
    if referral.consent_given_on is None:
        raise ConflictError("It was made without consent; withdraw it.", code="no_consent_given")
    if referral.refused_on is not None:
        raise ConflictError("Consent was taken back before.", code="step_not_allowed")
    if STEPS[referral.status]:
        _close(session, actor, referral, ReferralStatus.CONSENT_WITHDRAWN, reason=reason, at=at)
        return referral
    _refuse(referral, at=at)
    referral.closing_reason = reason or referral.closing_reason
    referral.touch()
    session.flush()  # the answer carries the new version
    _end(session, actor, referral, ReferralStatus.CONSENT_WITHDRAWN, reason=reason, at=at)
    return referral


def write_as_bureau(
    session: Session, actor: Actor, referral_id: UUID, body: str, *, at: datetime
) -> Referral:
    actor.require(Permission.REFERRAL_MAKE)
    referral = queries.locked_referral(session, actor, referral_id)
    append_message(session, actor, referral, MessageDirection.FROM_BUREAU, body, at=at)
    _tell_partner(session, referral, ReferralEvent.MESSAGE, at=at)
    return referral


def close_referrals_of(session: Session, actor: Actor, report_id: UUID, at: datetime) -> None:
    """Called by `intake`: the reporter withdrew the report, so no partner goes on with it.

    A referral in stays: the partner sees that its client withdrew.
    """
    for referral in queries.locked_running_of(session, report_id):
        to = (
            ReferralStatus.WITHDRAWN
            if referral.consent_given_on is None
            else ReferralStatus.CONSENT_WITHDRAWN
        )
        _close(session, actor, referral, to, reason=None, at=at)


LISTENER = WithdrawalListener(lock=queries.lock_case_of, close=close_referrals_of)


def append_message(
    session: Session,
    actor: Actor,
    referral: Referral,
    direction: MessageDirection,
    body: str,
    *,
    at: datetime,
) -> ReferralMessage:
    require_open_to_partner(referral.status)
    at = queries.noted_at(session, referral, at)
    message = ReferralMessage(
        referral_id=referral.id,
        report_id=referral.report_id,
        position=queries.next_message_position(session, referral.id),
        direction=direction,
        body=body,
        sent_at=at,
        author_id=actor.id if direction is MessageDirection.FROM_BUREAU else None,
    )
    session.add(message)
    referral.touch()
    session.flush()  # the answer shows it
    audit.record(session, actor, Event.REFERRAL_MESSAGE_SENT, "referral", referral.id, at=at)
    return message


def note_in_case(
    session: Session,
    actor: Actor,
    referral: Referral,
    kind: TimelineKind,
    *,
    at: datetime,
    remark: str | None = None,
    **details: str,
) -> None:
    """In the timeline of the case, if the report is in one."""
    with house_rows(session):
        case = case_queries.case_of_report(session, referral.report_id)
        if case is None:
            return
        note(
            session,
            actor,
            case.case_id,
            kind,
            at=at,
            object_id=referral.id,
            details={"partner_id": str(referral.partner_id), **details},
            remark=remark,
        )


def _close(
    session: Session,
    actor: Actor,
    referral: Referral,
    to: ReferralStatus,
    *,
    reason: str | None,
    at: datetime,
) -> None:
    require_step(referral.status, to)
    referral.status = to
    referral.closed_on = local_date(at)
    referral.closing_reason = reason
    if to is ReferralStatus.CONSENT_WITHDRAWN:
        _refuse(referral, at=at)
    referral.touch()
    session.flush()  # the answer carries the new version
    _end(session, actor, referral, to, reason=reason, at=at)


def _refuse(referral: Referral, *, at: datetime) -> None:
    referral.refused_on = local_date(at)
    referral.refused_at = at


def _end(
    session: Session,
    actor: Actor,
    referral: Referral,
    to: ReferralStatus,
    *,
    reason: str | None,
    at: datetime,
) -> None:
    """What follows when a partner may see a referral no more."""
    # A retry of the partner must not show what it may no longer read.
    idempotency.withhold_answers(session)
    note_in_case(
        session,
        actor,
        referral,
        TimelineKind.REFERRAL_CLOSED,
        at=at,
        remark=reason,
        status=to.value,
    )
    event = (
        Event.REFERRAL_WITHDRAWN
        if to is ReferralStatus.WITHDRAWN
        else Event.REFERRAL_CONSENT_WITHDRAWN
    )
    audit.record(session, actor, event, "referral", referral.id, at=at)
    _tell_partner(session, referral, ReferralEvent.WITHDRAWN, at=at)


def _tell_partner(
    session: Session, referral: Referral, event: ReferralEvent, *, at: datetime
) -> None:
    notifications.queue_webhook(
        session, partner_id=referral.partner_id, event=event.value, object_id=referral.id, at=at
    )


def _locked_report(
    session: Session, actor: Actor, report_id: UUID | None, case_id: UUID | None
) -> Report:
    """The report to refer, locked after its case."""
    if case_id is not None:
        report_id = _only_report(session, actor, case_id)
    elif report_id is not None:
        queries.lock_case_of(session, report_id)
    try:
        assert report_id is not None  # noqa: S101  (the body names one of the two)
        report = intake_queries.get_report(session, actor, report_id, for_update=True)
    except NotFoundError:
        raise invalid("/report_id", "no such report", "unknown_report") from None
    if report.status is ReportStatus.WITHDRAWN:
        raise ConflictError("The report was withdrawn.", code="report_withdrawn")
    case = queries.case_of(session, report.id)
    if case is not None:
        require_open(case.status)
    return report


def _only_report(session: Session, actor: Actor, case_id: UUID) -> UUID:
    try:
        case = case_queries.get_case(session, actor, case_id, for_update=True)
    except NotFoundError:
        raise invalid("/case_id", "no such case", "unknown_case") from None
    found = queries.standing_report_ids(session, case.id)
    if len(found) != 1:
        raise invalid("/report_id", "name the report of the case that is shared", "which_report")
    return found[0]


def _require_not_taken_back(
    session: Session,
    report_id: UUID,
    partner_id: UUID,
    purpose: ReferralPurpose,
    consent: Consent,
) -> None:
    refusals = queries.refusals_of(session, report_id, partner_id, purpose)
    if not all(refusal.is_followed_by(consent) for refusal in refusals):
        raise invalid("/consent/given_on", "was taken back since", "consent_taken_back")


def _require_said(override: Override, *, is_refused: bool) -> None:
    """Against a no of the reporter, the coordinator says that it is known."""
    if is_refused and not override.against_refusal:
        raise invalid("/override/against_refusal", "the reporter refused", "against_refusal")
