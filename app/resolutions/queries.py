"""Reading negotiations and commitments: as visible as their case."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.cases.models import Case
from app.cases.queries import get_case, is_visible_to, report_ids_of
from app.core.access import Actor, Permission
from app.core.due import DueItem
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.intake.queries import require_all_unrestricted
from app.resolutions.domain import CommitmentStatus, NegotiationStatus, ProposalStatus
from app.resolutions.models import (
    Agreement,
    Commitment,
    FollowUp,
    Negotiation,
    NegotiationSession,
    Proposal,
    Term,
)


def visible_negotiations(actor: Actor) -> Select[Negotiation]:
    actor.require(Permission.NEGOTIATION_READ)
    return (
        select(Negotiation).join(Case, Case.id == Negotiation.case_id).where(is_visible_to(actor))
    )


def get_negotiation(session: Session, actor: Actor, negotiation_id: UUID) -> Negotiation:
    found = session.scalar(visible_negotiations(actor).where(Negotiation.id == negotiation_id))
    if found is None:
        raise NotFoundError
    return found


def require_for_files(
    session: Session, actor: Actor, negotiation_id: UUID, for_writing: bool
) -> None:
    """Whether the actor may see, or add to, the files of talks."""
    if for_writing:
        actor.require(Permission.NEGOTIATION_LEAD)
    talks = get_negotiation(session, actor, negotiation_id)
    if for_writing:
        require_all_unrestricted(session, report_ids_of(session, talks.case_id))


def locked_negotiation(session: Session, actor: Actor, negotiation_id: UUID) -> Negotiation:
    """The case first, then the negotiation: every act on a case locks in this order.

    Neither is loaded before it is locked: a row that changed while this waited would be stale.
    """
    case_id = session.scalar(
        visible_negotiations(actor)
        .where(Negotiation.id == negotiation_id)
        .with_only_columns(Negotiation.case_id)
    )
    if case_id is None:
        raise NotFoundError
    get_case(session, actor, case_id, for_update=True)
    return session.get_one(Negotiation, negotiation_id, with_for_update=True)


def list_negotiations(session: Session, actor: Actor, case_id: UUID) -> list[Negotiation]:
    return list(
        session.scalars(
            visible_negotiations(actor)
            .where(Negotiation.case_id == case_id)
            .order_by(Negotiation.number)
        )
    )


def next_number(session: Session, case_id: UUID) -> int:
    """Of talks in a case, from 1. The case is locked by the caller."""
    count = select(func.count()).where(Negotiation.case_id == case_id)
    return session.scalars(count).one() + 1


def ongoing_negotiation(session: Session, case_id: UUID) -> Negotiation | None:
    return session.scalar(
        select(Negotiation).where(
            Negotiation.case_id == case_id, Negotiation.status == NegotiationStatus.ONGOING
        )
    )


def sessions_of(session: Session, negotiation_id: UUID) -> list[NegotiationSession]:
    return list(
        session.scalars(
            select(NegotiationSession)
            .where(NegotiationSession.negotiation_id == negotiation_id)
            .order_by(NegotiationSession.held_on, NegotiationSession.recorded_at)
        )
    )


def proposals_of(session: Session, negotiation_id: UUID) -> list[Proposal]:
    return list(
        session.scalars(
            select(Proposal)
            .where(Proposal.negotiation_id == negotiation_id)
            .order_by(Proposal.number)
        )
    )


def standing_proposal(session: Session, negotiation_id: UUID) -> Proposal | None:
    return session.scalar(
        select(Proposal).where(
            Proposal.negotiation_id == negotiation_id, Proposal.status == ProposalStatus.STANDING
        )
    )


def get_proposal(session: Session, actor: Actor, proposal_id: UUID) -> Proposal:
    proposal = session.scalar(
        select(Proposal)
        .join(Negotiation, Negotiation.id == Proposal.negotiation_id)
        .join(Case, Case.id == Negotiation.case_id)
        .where(Proposal.id == proposal_id, is_visible_to(actor))
    )
    if proposal is None:
        raise NotFoundError
    return proposal


def agreement_of(session: Session, negotiation_id: UUID) -> Agreement | None:
    return session.scalar(select(Agreement).where(Agreement.negotiation_id == negotiation_id))


def has_agreement(session: Session, case_id: UUID) -> bool:
    return session.scalar(select(Agreement.id).where(Agreement.case_id == case_id)) is not None


def commitments_of_agreement(session: Session, agreement_id: UUID) -> list[tuple[Commitment, Term]]:
    rows = session.execute(
        select(Commitment, Term)
        .join(Term, Term.id == Commitment.term_id)
        .where(Commitment.agreement_id == agreement_id)
        .order_by(Term.position)
    )
    return [(commitment, term) for commitment, term in rows]


def agreed_on(session: Session, commitment: Commitment) -> date:
    return session.get_one(Agreement, commitment.agreement_id).reached_on


def commitments_of_case(session: Session, case_id: UUID) -> list[Commitment]:
    return list(session.scalars(select(Commitment).where(Commitment.case_id == case_id)))


def visible_commitments(actor: Actor) -> Select[Commitment]:
    actor.require(Permission.NEGOTIATION_READ)
    return select(Commitment).join(Case, Case.id == Commitment.case_id).where(is_visible_to(actor))


def get_commitment(session: Session, actor: Actor, commitment_id: UUID) -> Commitment:
    found = session.scalar(visible_commitments(actor).where(Commitment.id == commitment_id))
    if found is None:
        raise NotFoundError
    return found


def locked_commitment(session: Session, actor: Actor, commitment_id: UUID) -> Commitment:
    """The case first, then the commitment."""
    case_id = session.scalar(
        visible_commitments(actor)
        .where(Commitment.id == commitment_id)
        .with_only_columns(Commitment.case_id)
    )
    if case_id is None:
        raise NotFoundError
    get_case(session, actor, case_id, for_update=True)
    return session.get_one(Commitment, commitment_id, with_for_update=True)


def list_commitments(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    due_before: date | None,
    status: CommitmentStatus | None,
) -> Page[Commitment]:
    """By due date. due_before: inclusive."""
    query = visible_commitments(actor)
    if due_before is not None:
        query = query.where(Commitment.due_on <= due_before)
    if status is not None:
        query = query.where(Commitment.status == status)
    return fetch_page(session, query, page, order=(Commitment.due_on, Commitment.id))


def follow_ups_of(session: Session, commitment_id: UUID) -> list[FollowUp]:
    return list(
        session.scalars(
            select(FollowUp)
            .where(FollowUp.commitment_id == commitment_id)
            .order_by(FollowUp.recorded_at, FollowUp.id)
        )
    )


def due_commitments(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Commitments to look after, and breaches on which nobody decided."""
    rows = session.execute(
        select(Commitment, Case.reference, Case.handler_id)
        .join(Case, Case.id == Commitment.case_id)
        .where(
            is_visible_to(actor),
            Commitment.due_on <= until,
            or_(
                Commitment.status.in_(
                    (CommitmentStatus.PENDING, CommitmentStatus.PARTLY_FULFILLED)
                ),
                (Commitment.status == CommitmentStatus.BREACHED)
                & Commitment.breach_decision.is_(None),
            ),
        )
        .order_by(Commitment.due_on, Commitment.id)
        .limit(most)
    )
    return [
        DueItem(
            "decide_on_breach"
            if commitment.status is CommitmentStatus.BREACHED
            else "follow_up_commitment",
            commitment.due_on,
            "commitment",
            commitment.id,
            reference,
            handler_id,
        )
        for commitment, reference, handler_id in rows
    ]
