"""Shapes of negotiated resolutions, as in the contract."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.api.fields import Body, Code, Day, Line, Prose, Remark, VersionedView, View
from app.resolutions.domain import (
    BreachDecision,
    CommitmentStatus,
    EndReason,
    NegotiationStatus,
    PartyRole,
    ProposalStatus,
    Response,
    TermDraft,
)


class PartyBody(Body):
    role: PartyRole
    name: Line
    representative: Line | None = None


class ConsentsBody(Body):
    """Who agreed to negotiate. The respondent's may come later."""

    complainant: bool
    respondent: bool = False


class NegotiationBody(Body):
    mediator_id: UUID
    parties: Annotated[list[PartyBody], Field(min_length=2, max_length=20)]
    consents: ConsentsBody


class SessionBody(Body):
    held_on: Day
    party_ids: Annotated[list[UUID], Field(min_length=1, max_length=20)]
    place: Line | None = None
    summary: Prose


class TermBody(Body):
    kind: Code
    text: Remark
    debtor_party_id: UUID
    due_on: Day | None = None

    def draft(self) -> TermDraft:
        return TermDraft(
            kind=self.kind,
            text=self.text,
            debtor_party_id=self.debtor_party_id,
            due_on=self.due_on,
        )


Terms = Annotated[list[TermBody], Field(min_length=1, max_length=50)]


class ProposalBody(Body):
    by_party_id: UUID
    terms: Terms


class ResponseBody(Body):
    party_id: UUID
    response: Response
    terms: Terms | None = None


class EndBody(Body):
    reason: EndReason
    remark: Remark | None = None


class FollowUpBody(Body):
    status: CommitmentStatus
    on: Day
    evidence: Remark | None = None


class BreachBody(Body):
    decision: BreachDecision
    reason: Remark


class PartyView(View):
    id: UUID
    role: PartyRole
    name: str
    representative: str | None


class SessionView(View):
    id: UUID
    held_on: date
    party_ids: list[UUID]
    place: str | None
    summary: str


class TermView(View):
    id: UUID
    kind: str
    text: str
    debtor_party_id: UUID
    due_on: date | None


class ResponseView(View):
    party_id: UUID
    response: Response
    responded_at: datetime


class ProposalView(View):
    id: UUID
    negotiation_id: UUID
    number: int
    by_party_id: UUID
    counters_id: UUID | None
    status: ProposalStatus
    made_at: datetime
    terms: list[TermView]
    responses: list[ResponseView]


class FollowUpView(View):
    status: CommitmentStatus
    followed_on: date
    evidence: str | None
    recorded_at: datetime


class CommitmentView(VersionedView):
    id: UUID
    case_id: UUID
    agreement_id: UUID
    kind: str
    debtor_party_id: UUID
    due_on: date
    status: CommitmentStatus
    settled_on: date | None
    breach_decision: BreachDecision | None
    breach_remark: str | None
    follow_ups: list[FollowUpView]


class CommitmentSummary(View):
    """A row of a list: no personal data."""

    id: UUID
    case_id: UUID
    kind: str
    due_on: date
    status: CommitmentStatus
    breach_decision: BreachDecision | None


class AgreedTermView(View):
    commitment_id: UUID
    kind: str
    text: str
    debtor_party_id: UUID
    due_on: date
    status: CommitmentStatus


class AgreementView(View):
    id: UUID
    negotiation_id: UUID
    proposal_id: UUID
    reached_at: datetime
    terms: list[AgreedTermView]


class NegotiationView(VersionedView):
    id: UUID
    case_id: UUID
    mediator_id: UUID
    status: NegotiationStatus
    started_on: date
    ended_on: date | None
    end_reason: EndReason | None
    end_remark: str | None
    complainant_consented_on: date
    respondent_consented_on: date | None
    parties: list[PartyView]
    sessions: list[SessionView]
    proposals: list[ProposalView]


class NegotiationsView(View):
    items: list[NegotiationView]
