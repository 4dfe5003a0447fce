"""Proposals, the parties' answers, and the agreement that stands when all have accepted."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases import service as cases
from app.cases.domain import CaseStatus, TimelineKind
from app.cases.holds import require_not_on_hold
from app.cases.models import Case
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import FieldError, InvalidInputError, invalid
from app.resolutions import queries
from app.resolutions.domain import (
    NegotiationStatus,
    ProposalStatus,
    Response,
    TermDraft,
    is_agreed,
    require_ongoing,
    require_standing,
)
from app.resolutions.models import (
    Agreement,
    Commitment,
    Negotiation,
    Proposal,
    ProposalResponse,
    Term,
)
from app.resolutions.service import (
    locked_ongoing,
    note_in_case,
    note_respondent_consent,
    require_parties,
)
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Use


def propose(
    session: Session,
    actor: Actor,
    negotiation_id: UUID,
    *,
    by_party_id: UUID,
    terms: Sequence[TermDraft],
    at: datetime,
) -> Proposal:
    """Put terms forward; a proposal that stood is replaced. Who proposes has accepted."""
    negotiation = locked_ongoing(session, actor, negotiation_id)
    require_parties(negotiation, {"/by_party_id": by_party_id})
    note_respondent_consent(negotiation, by_party_id, today=local_date(at))
    standing = queries.standing_proposal(session, negotiation.id)
    if standing is not None:
        standing.status = ProposalStatus.SUPERSEDED
    return _put_forward(session, actor, negotiation, by_party_id, terms, counters=None, at=at)


def respond(
    session: Session,
    actor: Actor,
    proposal_id: UUID,
    *,
    party_id: UUID,
    response: Response,
    terms: Sequence[TermDraft] | None,
    at: datetime,
) -> Proposal:
    """A party's answer. Returns the proposal, or the counter-proposal that answers it.

    The last acceptance makes the agreement. The same answer given twice changes nothing.
    """
    negotiation_id = queries.get_proposal(session, actor, proposal_id).negotiation_id
    actor.require(Permission.NEGOTIATION_LEAD)
    negotiation = queries.locked_negotiation(session, actor, negotiation_id)
    proposal = session.get_one(Proposal, proposal_id, populate_existing=True)
    require_parties(negotiation, {"/party_id": party_id})
    given = next((r for r in proposal.responses if r.party_id == party_id), None)
    if given is not None and given.response is response and response is not Response.COUNTER:
        return proposal
    require_ongoing(negotiation.status)
    require_standing(proposal.status)
    require_not_on_hold(session, negotiation.case_id)
    cases.require_consent(session, negotiation.case_id)
    note_respondent_consent(negotiation, party_id, today=local_date(at))
    if (terms is not None) is not (response is Response.COUNTER):
        raise invalid("/terms", "go with a counter-proposal, and only with one", "unfitting")
    if given is None:
        given = ProposalResponse(party_id=party_id, proposal_id=proposal.id)
        proposal.responses.append(given)
    given.response = response
    given.responded_at = at
    note_in_case(
        session,
        actor,
        negotiation,
        TimelineKind.PROPOSAL_ANSWERED,
        proposal.id,
        at,
        response=response.value,
    )
    audit.record(
        session,
        actor,
        Event.PROPOSAL_ANSWERED,
        "negotiation",
        negotiation.id,
        at=at,
        response=response.value,
    )
    if terms is not None:
        proposal.status = ProposalStatus.COUNTERED
        return _put_forward(session, actor, negotiation, party_id, terms, counters=proposal, at=at)
    if response is Response.REJECT:
        proposal.status = ProposalStatus.REJECTED
    elif is_agreed(
        [party.id for party in negotiation.parties],
        [r.party_id for r in proposal.responses if r.response is Response.ACCEPT],
    ):
        _conclude(session, actor, negotiation, proposal, at=at)
    negotiation.touch()
    session.flush()  # the answer shows the response
    return proposal


def _put_forward(
    session: Session,
    actor: Actor,
    negotiation: Negotiation,
    by_party_id: UUID,
    terms: Sequence[TermDraft],
    *,
    counters: Proposal | None,
    at: datetime,
) -> Proposal:
    _check_terms(session, negotiation, terms, today=local_date(at))
    last = session.scalar(
        select(func.max(Proposal.number)).where(Proposal.negotiation_id == negotiation.id)
    )
    proposal = Proposal(
        negotiation_id=negotiation.id,
        number=(last or 0) + 1,
        by_party_id=by_party_id,
        counters_id=counters.id if counters else None,
        made_at=at,
        terms=[
            Term(
                case_id=negotiation.case_id,
                position=position,
                kind=term.kind,
                text=term.text,
                debtor_party_id=term.debtor_party_id,
                due_on=term.due_on,
            )
            for position, term in enumerate(terms)
        ],
        responses=[
            ProposalResponse(party_id=by_party_id, response=Response.ACCEPT, responded_at=at)
        ],
    )
    session.add(proposal)
    negotiation.touch()
    session.flush()  # gives the ids
    note_in_case(session, actor, negotiation, TimelineKind.PROPOSAL_MADE, proposal.id, at)
    audit.record(session, actor, Event.PROPOSAL_MADE, "negotiation", negotiation.id, at=at)
    return proposal


def _conclude(
    session: Session, actor: Actor, negotiation: Negotiation, proposal: Proposal, *, at: datetime
) -> None:
    today = local_date(at)
    case = session.get_one(Case, negotiation.case_id)
    proposal.status = ProposalStatus.AGREED
    negotiation.status = NegotiationStatus.AGREED
    negotiation.ended_on = today
    agreement = Agreement(
        negotiation_id=negotiation.id,
        proposal_id=proposal.id,
        case_id=case.id,
        reached_at=at,
        reached_on=today,
    )
    session.add(agreement)
    session.flush()  # gives the id
    session.add_all(
        Commitment(
            agreement_id=agreement.id,
            term_id=term.id,
            case_id=case.id,
            kind=term.kind,
            debtor_party_id=term.debtor_party_id,
            due_on=term.due_on or max(case.target_on, today),
        )
        for term in proposal.terms
    )
    note_in_case(session, actor, negotiation, TimelineKind.AGREEMENT_REACHED, agreement.id, at)
    audit.record(session, actor, Event.AGREEMENT_REACHED, "negotiation", negotiation.id, at=at)
    cases.note_negotiation_status(session, actor, case.id, CaseStatus.MONITORING, at=at)


def _check_terms(
    session: Session, negotiation: Negotiation, terms: Sequence[TermDraft], *, today: date
) -> None:
    uses = [Use(CodeList.TERM_KINDS, t.kind, f"/terms/{i}/kind") for i, t in enumerate(terms)]
    errors = vocabulary.current(session).errors(uses, today)
    known = {party.id for party in negotiation.parties}
    for position, term in enumerate(terms):
        if term.debtor_party_id not in known:
            pointer = f"/terms/{position}/debtor_party_id"
            errors.append(FieldError(pointer, "no party of these talks", "unknown_party"))
        if term.due_on is not None and term.due_on < today:
            errors.append(FieldError(f"/terms/{position}/due_on", "lies in the past", "in_past"))
    if errors:
        raise InvalidInputError(*errors)
