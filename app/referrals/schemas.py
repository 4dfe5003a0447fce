"""Shapes of referrals, as in the contract."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.api.fields import Body, Day, Prose, Remark, VersionedView, View
from app.intake.domain import ReportStatus
from app.intake.schemas import ReportContent
from app.partners.domain import ReferralField
from app.referrals.domain import (
    Consent,
    ConsentForm,
    ConsentGiver,
    MessageDirection,
    Override,
    ReferralDirection,
    ReferralOutcome,
    ReferralPurpose,
    ReferralStatus,
)


class ConsentBody(Body):
    """given_at: the moment, where consent follows a refusal of the same day."""

    given_on: Day
    given_at: AwareDatetime | None = None
    given_by: ConsentGiver
    form: ConsentForm

    def consent(self) -> Consent:
        return Consent(**self.model_dump())


class OverrideBody(Body):
    """Without consent: by the coordinator, with the reason. against_refusal: must be true when the
    reporter said no, to partners or to this one."""

    reason: Remark
    against_refusal: bool = False

    def override(self) -> Override:
        return Override(**self.model_dump())


class ReferralBody(Body):
    """`report_id` or `case_id`; `consent` or `override`.

    outside_territory_reason: why a partner that does not work where it happened.
    """

    report_id: UUID | None = None
    case_id: UUID | None = None
    partner_id: UUID
    purpose: ReferralPurpose
    shared_fields: Annotated[list[ReferralField], Field(max_length=len(ReferralField))] = []
    consent: ConsentBody | None = None
    override: OverrideBody | None = None
    outside_territory_reason: Remark | None = None
    answer_by: Day
    result_by: Day | None = None


class ReferralWithdrawalBody(Body):
    reason: Remark


class ConsentWithdrawalBody(Body):
    reason: Remark | None = None


class ReferralMessageBody(Body):
    body: Prose


class DeclineBody(Body):
    reason: Remark


class CompletionBody(Body):
    outcome: ReferralOutcome
    remark: Remark | None = None


class SubmissionBody(Body):
    """A report of a client of the partner, with the client's consent."""

    client_consent: ConsentBody
    report: ReportContent
    purpose: ReferralPurpose | None = None


class ReferralSummary(View):
    """A row of a list: no personal data."""

    id: UUID
    direction: ReferralDirection
    status: ReferralStatus
    partner_id: UUID
    report_id: UUID
    purpose: ReferralPurpose | None
    made_on: date
    answer_by: date | None
    result_by: date | None
    answered_on: date | None
    completed_on: date | None
    closed_on: date | None
    outcome: ReferralOutcome | None


class SupportView(View):
    interpreter_language: str | None
    sign_language: bool
    reading_help: bool


class PreviewView(View):
    """What identifies nobody. occurred_in: the month, `2026-01`."""

    domain: str
    grounds: list[str]
    language: str
    municipality: str | None
    occurred_in: str | None
    needs: SupportView


Shared = Annotated[
    dict[ReferralField, Any],
    Field(description="exactly the shared fields, as the report was when it was shared"),
]


class ReferralMessageView(View):
    id: UUID
    direction: MessageDirection
    body: str
    sent_at: datetime
    author_id: UUID | None


class ConsentView(View):
    given_on: date
    given_at: datetime | None
    given_by: ConsentGiver
    form: ConsentForm


class ReferralView(VersionedView):
    """A whole referral, for the bureau. written: a referral in, as the partner wrote it."""

    id: UUID
    direction: ReferralDirection
    status: ReferralStatus
    partner_id: UUID
    report_id: UUID
    case_id: UUID | None
    purpose: ReferralPurpose | None
    made_on: date
    made_by_id: UUID | None
    consent: ConsentView | None
    consent_overrules_report: Annotated[
        bool, Field(description="the report said no to partners; this consent was given since")
    ]
    override_reason: str | None
    override_against_refusal: bool
    outside_territory_reason: str | None
    refused_on: Annotated[date | None, Field(description="when consent was taken back")]
    shared_fields: list[ReferralField]
    shared: Shared | None
    written: ReportContent | None
    preview: PreviewView | None
    answer_by: date | None
    result_by: date | None
    answered_on: date | None
    decline_reason: str | None
    completed_on: date | None
    outcome: ReferralOutcome | None
    outcome_remark: str | None
    closed_on: date | None
    closing_reason: str | None
    messages: list[ReferralMessageView]


class PartnerReferralSummary(View):
    """A row of a partner's list: identifies nobody."""

    id: UUID
    direction: ReferralDirection
    status: ReferralStatus
    purpose: ReferralPurpose | None
    made_on: date
    answer_by: date | None
    preview: PreviewView | None


class PartnerMessageView(View):
    id: UUID
    direction: MessageDirection
    body: str
    sent_at: datetime


class CaseProgressView(View):
    """outcome: a code, once the case is closed."""

    is_closed: bool
    outcome: str | None


class SubmissionView(View):
    """How a submitted report stands, and what the partner wrote itself."""

    reference: str
    report_status: ReportStatus
    acknowledge_by: date
    answer_by: date
    acknowledged_on: date | None
    answered_on: date | None
    case: CaseProgressView | None
    written: ReportContent


class PartnerReferralView(VersionedView):
    """What a partner sees. shared: None until it accepted, and again once it completed."""

    id: UUID
    direction: ReferralDirection
    status: ReferralStatus
    purpose: ReferralPurpose | None
    made_on: date
    answer_by: date | None
    result_by: date | None
    answered_on: date | None
    completed_on: date | None
    outcome: ReferralOutcome | None
    shared_fields: list[ReferralField]
    preview: PreviewView | None
    shared: Shared | None
    submission: SubmissionView | None
    messages: list[PartnerMessageView]


class SubmittedView(View):
    """Without a receipt code: it would open to the partner all that the bureau and its client
    write to each other, also after consent was taken back."""

    id: UUID
    reference: str
    acknowledge_by: date
    answer_by: date
