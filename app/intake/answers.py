"""What the bureau answers about reports."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.api.fields import VersionedView, View
from app.intake.domain import (
    BarKind,
    Direction,
    GroundLink,
    Multiplicity,
    ReportStatus,
    TriageDecision,
)
from app.partners.domain import AreaSource


class ReceivedView(View):
    """What a reporter gets: the code is shown only here."""

    reference: str
    receipt_code: str
    acknowledge_by: date
    answer_by: date


class ReceiptView(View):
    receipt_code: str


class ReceiptTokenView(View):
    access_token: str
    token_type: str = "bearer"  # noqa: S105  (the word of RFC 6750, not a secret)
    expires_in: int


class MessageView(View):
    id: UUID
    direction: Direction
    body: str
    sent_at: datetime
    author_id: UUID | None


class OwnMessageView(View):
    direction: Direction
    body: str
    sent_at: datetime


class OwnReportView(View):
    """What the holder of a receipt sees of the report."""

    reference: str
    status: ReportStatus
    is_anonymous: bool
    received_on: date
    acknowledge_by: date
    answer_by: date
    acknowledged_on: date | None
    answered_on: date | None
    messages: list[OwnMessageView]


class GroundView(View):
    code: str
    link: GroundLink


class ReportSummary(View):
    """A row of a list: no personal data, so reading it leaves no trace in the trail."""

    id: UUID
    reference: str
    status: ReportStatus
    request: str
    channel: str
    language: str
    received_on: date
    acknowledge_by: date
    answer_by: date
    acknowledged_on: date | None
    answered_on: date | None
    domain: str
    grounds: list[GroundView]
    incident_municipality: str | None
    incident_district: str | None
    respondent_organisation: str | None
    handler_id: UUID | None
    event_id: UUID | None
    is_restricted: bool


class NeedsView(View):
    interpreter_language: str | None
    sign_language: bool
    reading_help: bool
    other: str | None


class SelfDescriptionView(View):
    age_band: str | None
    gender: str | None
    origin: str | None


class ReporterView(View):
    role: str
    is_anonymous: bool
    name: str | None
    email: str | None
    phone: str | None
    postal: str | None
    municipality: str | None
    needs: NeedsView
    safe_contact: str | None
    self_described: SelfDescriptionView | None


class RespondentView(View):
    kind: str
    name: str | None


class IncidentView(View):
    narrative: str
    occurred_from: date | None
    occurred_to: date | None
    is_ongoing: bool
    municipality: str | None
    district: str | None
    place: str | None
    domain: str
    conducts: list[str]
    respondent: RespondentView | None


class ConsentsView(View):
    contact: bool
    approach_respondent: bool
    share_with_partners: bool
    statistics: bool


class CompetentView(View):
    """A body to turn to. reason: a code; grounds: for which, none when it is for the place.

    only_in: the condition when the region of the place is not known: BE-VL, BE-WAL or BE-BRU.
    """

    code: str
    labels: dict[str, str]
    reason: str
    grounds: list[str]
    only_in: list[str]


class ReportAreaView(View):
    """Whether the report lies in the service area, on the day it was received.

    By the municipality of the incident, else of the reporter; in_area is null when neither is
    known. competent: for a report that lies outside.
    """

    in_area: bool | None
    by: AreaSource | None
    agreement_id: UUID | None
    competent: list[CompetentView]


class TriageView(View):
    decision: TriageDecision
    reason: str
    decided_at: datetime
    decided_by_id: UUID | None
    partner_id: UUID | None
    duplicate_of: UUID | None


class ReportView(VersionedView):
    """A whole report, for those who handle it."""

    id: UUID
    reference: str
    status: ReportStatus
    request: str
    channel: str
    language: str
    received_at: datetime
    received_on: date
    acknowledge_by: date
    answer_by: date
    acknowledged_on: date | None
    answered_on: date | None
    handler_id: UUID | None
    reporter: ReporterView
    incident: IncidentView
    grounds: list[GroundView]
    multiplicity: Multiplicity | None
    wishes: str | None
    consents: ConsentsView
    event_id: UUID | None
    duplicate_of: UUID | None
    partner_id: UUID | None
    is_restricted: bool
    service_area: ReportAreaView
    triages: list[TriageView]
    messages: list[MessageView]


class SimilarView(View):
    """A report that may be the same, and why it is thought so."""

    report: ReportSummary
    score: Annotated[float, Field(ge=0, le=1)]
    reasons: list[str]


class SimilarListView(View):
    items: list[SimilarView]
    candidates: int


class FoundNarrativesView(View):
    """opened: narratives looked in; is_complete: nothing that fits the filter was left out."""

    items: list[ReportSummary]
    opened: int
    is_complete: bool


class EventView(VersionedView):
    id: UUID
    title: str
    occurred_on: date | None
    created_on: date
    report_ids: list[UUID]


class BarView(View):
    """work: what is still in the colleague's hands (`handler`, `mediator`)."""

    account_id: UUID
    kind: BarKind
    reason: str | None
    barred_on: date
    barred_by_id: UUID | None
    work: list[str]
