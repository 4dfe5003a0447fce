"""The document of what is held about a person, as JSON: closed, with stable names.

A text can be a placeholder such as `[other_parties 1]`; `masked` names where these stand.
"""

from datetime import date

from app.api.fields import Body
from app.attachments.domain import OwnerKind
from app.audit.domain import Event
from app.cases.domain import CaseStatus, TimelineKind
from app.intake.domain import (
    Direction,
    GroundLink,
    Multiplicity,
    ReporterField,
    ReportStatus,
    TriageDecision,
)
from app.partners.domain import ReferralField
from app.referrals.domain import (
    ConsentForm,
    ConsentGiver,
    MessageDirection,
    ReferralDirection,
    ReferralOutcome,
    ReferralPurpose,
    ReferralStatus,
)
from app.resolutions.domain import (
    BreachDecision,
    CommitmentStatus,
    EndReason,
    PartyRole,
    ProposalStatus,
    Response,
)
from app.retention.domain import SubjectKind
from app.rights.domain import IdentityCheck, MaskKind, PersonRole, RequestKind
from app.vocabulary.domain import Language


class Part(Body):
    """A part of the document."""


class AskedPart(Part):
    kind: RequestKind
    role: PersonRole
    name: str | None
    contact: str | None
    received_on: date
    identity_check: IdentityCheck
    made_on: date


class KeptPart(Part):
    """until: absent while nothing ended from which it is counted."""

    rule: str | None
    why: str | None
    until: date | None
    is_held: bool
    hold_reasons: list[str]


class FilePart(Part):
    belongs_to: OwnerKind
    file_name: str | None
    media_type: str
    added_on: date


class GroundPart(Part):
    ground: str
    link: GroundLink


class ReporterPart(Part):
    reporter_role: str
    is_anonymous: bool
    name: str | None
    email: str | None
    phone: str | None
    postal: str | None
    municipality: str | None
    safe_contact: str | None
    interpreter_language: str | None
    needs_sign_language: bool | None
    needs_reading_help: bool | None
    other_needs: str | None
    age_band: str | None
    gender: str | None
    origin: str | None


class ConsentsPart(Part):
    contact: bool
    approach_respondent: bool
    share_with_partners: bool
    statistics: bool


class IncidentPart(Part):
    narrative: str | None
    occurred_from: date | None
    occurred_to: date | None
    is_ongoing: bool
    municipality: str | None
    district: str | None
    place: str | None
    domain: str
    conducts: list[str]
    grounds: list[GroundPart]
    multiplicity: Multiplicity | None
    respondent_kind: str | None
    respondent_name: str | None
    wishes: str | None


class MessagePart(Part):
    on: date
    direction: Direction
    body: str | None


class TriagePart(Part):
    on: date
    decision: TriageDecision
    reason: str | None


class RectificationPart(Part):
    on: date
    field: ReporterField
    old_value: str | None
    reason: str | None


class PartnerMessagePart(Part):
    on: date
    partner_direction: MessageDirection
    body: str | None


class ReferralPart(Part):
    """shared_fields: what of the report was shared; its text is the report's."""

    partner: str
    referral_direction: ReferralDirection
    purpose: ReferralPurpose | None
    referral_status: ReferralStatus
    made_on: date
    shared_fields: list[ReferralField]
    consent_given_on: date | None
    consent_given_by: ConsentGiver | None
    consent_form: ConsentForm | None
    consent_overrules_report: bool
    override_reason: str | None
    override_against_refusal: bool
    outside_territory_reason: str | None
    refused_on: date | None
    answered_on: date | None
    decline_reason: str | None
    completed_on: date | None
    referral_outcome: ReferralOutcome | None
    outcome_remark: str | None
    closed_on: date | None
    closing_reason: str | None
    partner_messages: list[PartnerMessagePart]


class ReportPart(Part):
    reference: str
    received_on: date
    channel: str
    request: str
    language: str
    report_status: ReportStatus
    acknowledged_on: date | None
    answered_on: date | None
    processing_restricted_on: date | None
    reporter: ReporterPart
    incident: IncidentPart
    consents: ConsentsPart | None
    messages: list[MessagePart]
    triages: list[TriagePart]
    rectifications: list[RectificationPart]
    referrals: list[ReferralPart]
    files: list[FilePart]
    kept: KeptPart


class HoldPart(Part):
    started_on: date
    ended_on: date | None
    reason: str | None


class NotePart(Part):
    on: date
    body: str | None


class TaskPart(Part):
    due_on: date
    done_on: date | None
    title: str | None


class TimelinePart(Part):
    on: date
    happened: TimelineKind
    remark: str | None


class TalksPartyPart(Part):
    party_role: PartyRole
    is_person: bool
    name: str | None
    representative: str | None


class SessionPart(Part):
    held_on: date
    is_present: bool
    place: str | None
    summary: str | None


class TermPart(Part):
    term_kind: str
    text: str | None
    debtor: str | None
    due_on: date | None


class ResponsePart(Part):
    party: str | None
    response: Response
    on: date


class ProposalPart(Part):
    number: int
    made_on: date
    by: str | None
    proposal_status: ProposalStatus
    terms: list[TermPart]
    responses: list[ResponsePart]


class FollowUpPart(Part):
    on: date
    commitment_status: CommitmentStatus
    evidence: str | None


class CommitmentPart(Part):
    term_kind: str
    debtor: str | None
    due_on: date
    commitment_status: CommitmentStatus
    settled_on: date | None
    breach_decision: BreachDecision | None
    breach_remark: str | None
    follow_ups: list[FollowUpPart]


class AgreementPart(Part):
    reached_on: date
    proposal: int
    commitments: list[CommitmentPart]


class TalksPart(Part):
    number: int
    started_on: date
    ended_on: date | None
    end_reason: EndReason | None
    end_remark: str | None
    parties: list[TalksPartyPart]
    sessions: list[SessionPart]
    proposals: list[ProposalPart]
    agreement: AgreementPart | None


class CasePart(Part):
    reference: str
    case_status: CaseStatus
    opened_on: date
    closed_on: date | None
    assessment: str
    outcome: str | None
    closure_reason: str | None
    linked_reports: list[str]
    other_reports: list[str]
    holds: list[HoldPart]
    notes: list[NotePart]
    tasks: list[TaskPart]
    timeline: list[TimelinePart]
    talks: list[TalksPart]
    files: list[FilePart]
    kept: KeptPart


class DisposedPart(Part):
    kind: SubjectKind
    reference: str


class ReadingPart(Part):
    """by: roles of the colleague, or `partner`, `reporter`."""

    on: date
    event: Event
    by: list[str]
    times: int


class MaskedPart(Part):
    path: str
    kind: MaskKind


class ExportView(Part):
    language: Language
    about: list[str]
    asked: AskedPart
    reports: list[ReportPart]
    cases: list[CasePart]
    disposed: list[DisposedPart]
    read_by: list[ReadingPart]
    masked: list[MaskedPart]
