"""Rows as the shapes of the contract: one for the bureau, another for the partner."""

import json
from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.cases.domain import CaseStatus
from app.core.folding import fold_line
from app.intake.schemas import ReportContent
from app.partners.queries import known_places
from app.referrals import queries
from app.referrals.domain import OPEN_TO_PARTNER, ReferralDirection
from app.referrals.models import Referral
from app.referrals.schemas import (
    CaseProgressView,
    ConsentView,
    PartnerMessageView,
    PartnerReferralSummary,
    PartnerReferralView,
    PreviewView,
    ReferralMessageView,
    ReferralSummary,
    ReferralView,
    SubmissionView,
    SupportView,
)


def referral_view(session: Session, row: Referral, *, own: str) -> ReferralView:
    """own: the bureau's own municipality."""
    case = queries.case_of(session, row.report_id)
    is_out = row.direction is ReferralDirection.OUT
    summary = ReferralSummary.model_validate(row).model_dump()
    consent = None
    if row.consent_given_on and row.consent_given_by and row.consent_form:
        consent = ConsentView(
            given_on=row.consent_given_on,
            given_at=row.consent_given_at,
            given_by=row.consent_given_by,
            form=row.consent_form,
        )
    return ReferralView(
        **summary,
        version=row.version,
        case_id=case.id if case else None,
        made_by_id=row.made_by_id,
        consent=consent,
        consent_overrules_report=row.consent_overrules_report,
        override_reason=row.override_reason,
        override_against_refusal=row.override_against_refusal,
        outside_territory_reason=row.outside_territory_reason,
        refused_on=row.refused_on,
        shared_fields=row.shared_fields,
        shared=json.loads(row.shared) if is_out else None,
        written=None if is_out else ReportContent.model_validate_json(row.shared),
        preview=_preview(row, known_places(session, own=own)),
        decline_reason=row.decline_reason,
        outcome_remark=row.outcome_remark,
        closing_reason=row.closing_reason,
        messages=[
            ReferralMessageView.model_validate(message)
            for message in queries.messages_of(session, row.id)
        ],
    )


def partner_summary(row: Referral, places: Mapping[str, str]) -> PartnerReferralSummary:
    """places: those the register knows."""
    return PartnerReferralSummary(
        id=row.id,
        direction=row.direction,
        status=row.status,
        purpose=row.purpose,
        made_on=row.made_on,
        answer_by=row.answer_by,
        preview=_preview(row, places),
    )


def partner_view(session: Session, row: Referral, *, own: str) -> PartnerReferralView:
    is_out = row.direction is ReferralDirection.OUT
    is_open = row.status in OPEN_TO_PARTNER
    return PartnerReferralView(
        **partner_summary(row, known_places(session, own=own)).model_dump(),
        version=row.version,
        result_by=row.result_by,
        answered_on=row.answered_on,
        completed_on=row.completed_on,
        outcome=row.outcome,
        shared_fields=row.shared_fields,
        shared=json.loads(row.shared) if is_out and is_open else None,
        submission=_submission(session, row) if not is_out and is_open else None,
        messages=[
            PartnerMessageView.model_validate(message)
            for message in (queries.messages_of(session, row.id) if is_open else ())
        ],
    )


def _submission(session: Session, row: Referral) -> SubmissionView:
    report = queries.report_of(session, row)
    case = queries.case_of(session, row.report_id)
    progress = None
    if case is not None:
        progress = CaseProgressView(
            is_closed=case.status is CaseStatus.CLOSED, outcome=case.outcome
        )
    return SubmissionView(
        reference=report.reference,
        report_status=report.status,
        acknowledge_by=report.acknowledge_by,
        answer_by=report.answer_by,
        acknowledged_on=report.acknowledged_on,
        answered_on=report.answered_on,
        case=progress,
        written=ReportContent.model_validate_json(row.shared),
    )


def _preview(row: Referral, places: Mapping[str, str]) -> PreviewView | None:
    """The municipality was typed by hand and may hold a name or an address: only a known one."""
    if not row.preview:
        return None
    shown = row.preview | {
        "municipality": places.get(fold_line(row.preview["municipality"] or "")),
        "needs": SupportView(**row.preview["needs"]),
    }
    return PreviewView(**shown)
