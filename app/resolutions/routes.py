"""Negotiated resolutions."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response as HttpResponse
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import Day
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.cases import queries as case_queries
from app.core.access import Permission
from app.core.errors import NotFoundError
from app.resolutions import commitments, proposals, queries, service
from app.resolutions.domain import CommitmentStatus
from app.resolutions.models import Commitment, Negotiation, Proposal
from app.resolutions.schemas import (
    AgreedTermView,
    AgreementView,
    BreachBody,
    CommitmentSummary,
    CommitmentView,
    EndBody,
    FollowUpBody,
    FollowUpView,
    NegotiationBody,
    NegotiationsView,
    NegotiationView,
    PartyView,
    ProposalBody,
    ProposalView,
    ResponseBody,
    SessionBody,
    SessionView,
)
from app.resolutions.service import PartyDraft

router = APIRouter(tags=["resolutions"])

Reading = Annotated[Act, acting(Permission.NEGOTIATION_READ)]
Leading = Annotated[Act, acting(Permission.NEGOTIATION_LEAD, creates=True)]

READ_PROBLEMS = problems(401, 403, 404, 422, 503)
ACT_PROBLEMS = problems(401, 403, 404, 409, 413, 422, 503)


@router.post(
    "/cases/{case_id}/negotiations",
    status_code=201,
    response_model=NegotiationView,
    responses=ACT_PROBLEMS,
)
def start_negotiation(case_id: UUID, body: NegotiationBody, act: Leading) -> HttpResponse:
    """Start talks under a mediator."""
    return act.commit(
        lambda session: _negotiation_view(
            session,
            service.start_negotiation(
                session,
                act.actor,
                case_id,
                mediator_id=body.mediator_id,
                parties=[PartyDraft(p.role, p.name, p.representative) for p in body.parties],
                has_complainant_consent=body.consents.complainant,
                has_respondent_consent=body.consents.respondent,
                at=act.at,
            ),
        )
    )


@router.get(
    "/cases/{case_id}/negotiations", response_model=NegotiationsView, responses=READ_PROBLEMS
)
def list_negotiations(case_id: UUID, act: Reading) -> HttpResponse:
    """The talks of a case."""

    def work(session: Session) -> NegotiationsView:
        case = case_queries.get_case(session, act.actor, case_id)
        audit.record(session, act.actor, Event.NEGOTIATION_READ, "case", case.id, at=act.at)
        found = queries.list_negotiations(session, act.actor, case.id)
        return NegotiationsView(items=[_negotiation_view(session, row) for row in found])

    return act.commit(work)


@router.get(
    "/negotiations/{negotiation_id}", response_model=NegotiationView, responses=READ_PROBLEMS
)
def read_negotiation(negotiation_id: UUID, act: Reading) -> HttpResponse:
    """Talks: parties, sessions, proposals and answers."""

    def work(session: Session) -> NegotiationView:
        return _negotiation_view(session, _read(session, act, negotiation_id))

    return act.commit(work)


@router.post(
    "/negotiations/{negotiation_id}/sessions",
    status_code=201,
    response_model=NegotiationView,
    responses=ACT_PROBLEMS,
)
def record_session(negotiation_id: UUID, body: SessionBody, act: Leading) -> HttpResponse:
    """Record a meeting, or a talk with one party."""
    return act.commit(
        lambda session: _negotiation_view(
            session,
            service.record_session(
                session, act.actor, negotiation_id, at=act.at, **body.model_dump()
            ),
        )
    )


@router.post(
    "/negotiations/{negotiation_id}/proposals",
    status_code=201,
    response_model=ProposalView,
    responses=ACT_PROBLEMS,
)
def propose(negotiation_id: UUID, body: ProposalBody, act: Leading) -> HttpResponse:
    """Put terms forward for a party, which thereby accepts them."""
    return act.commit(
        lambda session: _proposal_view(
            proposals.propose(
                session,
                act.actor,
                negotiation_id,
                by_party_id=body.by_party_id,
                terms=[term.draft() for term in body.terms],
                at=act.at,
            )
        )
    )


@router.post(
    "/proposals/{proposal_id}/responses",
    status_code=201,
    response_model=ProposalView,
    responses=ACT_PROBLEMS,
)
def respond(proposal_id: UUID, body: ResponseBody, act: Leading) -> HttpResponse:
    """A party's answer; a counter-proposal is answered as the new proposal."""
    terms = None if body.terms is None else [term.draft() for term in body.terms]
    return act.commit(
        lambda session: _proposal_view(
            proposals.respond(
                session,
                act.actor,
                proposal_id,
                party_id=body.party_id,
                response=body.response,
                terms=terms,
                at=act.at,
            )
        )
    )


@router.get(
    "/negotiations/{negotiation_id}/agreement",
    response_model=AgreementView,
    responses=READ_PROBLEMS,
)
def read_agreement(negotiation_id: UUID, act: Reading) -> HttpResponse:
    """What was agreed, and how it is kept."""

    def work(session: Session) -> AgreementView:
        return _agreement_view(session, _read(session, act, negotiation_id))

    return act.commit(work)


@router.post(
    "/negotiations/{negotiation_id}/end",
    response_model=NegotiationView,
    responses=ACT_PROBLEMS,
)
def end_negotiation(
    negotiation_id: UUID,
    body: EndBody,
    act: Annotated[Act, acting(Permission.NEGOTIATION_LEAD)],
) -> HttpResponse:
    """End the talks without agreement."""

    def work(session: Session) -> NegotiationView:
        negotiation = service.end_negotiation(
            session,
            act.actor,
            negotiation_id,
            reason=body.reason,
            remark=body.remark,
            at=act.at,
        )
        session.flush()  # the answer carries the new version
        return _negotiation_view(session, negotiation)

    return act.commit(work)


@router.get(
    "/commitments",
    response_model=PageView[CommitmentSummary],
    responses=problems(401, 403, 422, 503),
)
def list_commitments(
    page: PageQuery,
    act: Reading,
    due_before: Annotated[Day | None, Query(description="due on this day or before")] = None,
    status: Annotated[CommitmentStatus | None, Query()] = None,
) -> HttpResponse:
    """What was promised, by due date; no personal data."""
    return act.read(
        lambda session: page_view(
            queries.list_commitments(
                session, act.actor, page, due_before=due_before, status=status
            ),
            CommitmentSummary.model_validate,
        )
    )


@router.get("/commitments/{commitment_id}", response_model=CommitmentView, responses=READ_PROBLEMS)
def read_commitment(commitment_id: UUID, act: Reading) -> HttpResponse:
    """One commitment and how it was followed up."""

    def work(session: Session) -> CommitmentView:
        commitment = queries.get_commitment(session, act.actor, commitment_id)
        audit.record(
            session, act.actor, Event.COMMITMENTS_READ, "commitment", commitment.id, at=act.at
        )
        return _commitment_view(session, commitment)

    return act.commit(work)


@router.post(
    "/commitments/{commitment_id}/follow-ups",
    status_code=201,
    response_model=CommitmentView,
    responses=ACT_PROBLEMS,
)
def follow_up(commitment_id: UUID, body: FollowUpBody, act: Leading) -> HttpResponse:
    """Record whether the commitment is kept."""
    return act.commit(
        _shown(
            lambda session: commitments.follow_up(
                session, act.actor, commitment_id, at=act.at, **body.model_dump()
            )
        )
    )


@router.post(
    "/commitments/{commitment_id}/breach-decisions",
    status_code=201,
    response_model=CommitmentView,
    responses=ACT_PROBLEMS,
)
def decide_on_breach(commitment_id: UUID, body: BreachBody, act: Leading) -> HttpResponse:
    """Record what follows from a breach."""
    return act.commit(
        _shown(
            lambda session: commitments.decide_on_breach(
                session, act.actor, commitment_id, at=act.at, **body.model_dump()
            )
        )
    )


def _read(session: Session, act: Act, negotiation_id: UUID) -> Negotiation:
    negotiation = queries.get_negotiation(session, act.actor, negotiation_id)
    audit.record(
        session, act.actor, Event.NEGOTIATION_READ, "negotiation", negotiation.id, at=act.at
    )
    return negotiation


def _shown(work: Callable[[Session], Commitment]) -> Callable[[Session], CommitmentView]:
    return lambda session: _commitment_view(session, work(session))


def _negotiation_view(session: Session, row: Negotiation) -> NegotiationView:
    return NegotiationView(
        id=row.id,
        version=row.version,
        case_id=row.case_id,
        mediator_id=row.mediator_id,
        status=row.status,
        started_on=row.started_on,
        ended_on=row.ended_on,
        end_reason=row.end_reason,
        end_remark=row.end_remark,
        complainant_consented_on=row.complainant_consented_on,
        respondent_consented_on=row.respondent_consented_on,
        parties=[PartyView.model_validate(party) for party in row.parties],
        sessions=[
            SessionView(
                id=s.id,
                held_on=s.held_on,
                party_ids=[attendance.party_id for attendance in s.attendances],
                place=s.place,
                summary=s.summary,
            )
            for s in queries.sessions_of(session, row.id)
        ],
        proposals=[_proposal_view(p) for p in queries.proposals_of(session, row.id)],
    )


def _proposal_view(row: Proposal) -> ProposalView:
    return ProposalView.model_validate(row)


def _agreement_view(session: Session, negotiation: Negotiation) -> AgreementView:
    agreement = queries.agreement_of(session, negotiation.id)
    if agreement is None:
        raise NotFoundError
    return AgreementView(
        id=agreement.id,
        negotiation_id=negotiation.id,
        proposal_id=agreement.proposal_id,
        reached_at=agreement.reached_at,
        terms=[
            AgreedTermView(
                commitment_id=commitment.id,
                kind=term.kind,
                text=term.text,
                debtor_party_id=term.debtor_party_id,
                due_on=commitment.due_on,
                status=commitment.status,
            )
            for commitment, term in queries.commitments_of_agreement(session, agreement.id)
        ],
    )


def _commitment_view(session: Session, row: Commitment) -> CommitmentView:
    return CommitmentView(
        id=row.id,
        version=row.version,
        case_id=row.case_id,
        agreement_id=row.agreement_id,
        kind=row.kind,
        debtor_party_id=row.debtor_party_id,
        due_on=row.due_on,
        status=row.status,
        settled_on=row.settled_on,
        breach_decision=row.breach_decision,
        breach_remark=row.breach_remark,
        follow_ups=[FollowUpView.model_validate(f) for f in queries.follow_ups_of(session, row.id)],
    )
