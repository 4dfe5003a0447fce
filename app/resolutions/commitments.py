"""Watching that what was agreed is kept, and what that means for closing a case."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases.domain import RESOLVED_OUTCOMES, WHOLLY_RESOLVED, CaseStatus, TimelineKind
from app.cases.guards import CaseGuard
from app.cases.timeline import note
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, invalid
from app.resolutions import queries
from app.resolutions.domain import (
    SETTLED,
    BreachDecision,
    CommitmentStatus,
    require_follow_up,
)
from app.resolutions.models import Commitment, FollowUp


def follow_up(
    session: Session,
    actor: Actor,
    commitment_id: UUID,
    *,
    status: CommitmentStatus,
    on: date,
    evidence: str | None,
    at: datetime,
) -> Commitment:
    """Record how a commitment was found. A new breach needs a new decision."""
    actor.require(Permission.NEGOTIATION_LEAD)
    commitment = queries.locked_commitment(session, actor, commitment_id)
    require_follow_up(commitment.status, status)
    if on > local_date(at):
        raise invalid("/on", "lies in the future", "in_future")
    if on < queries.agreed_on(session, commitment):
        raise invalid("/on", "before the agreement", "date_order")
    session.add(
        FollowUp(
            commitment_id=commitment.id,
            case_id=commitment.case_id,
            status=status,
            followed_on=on,
            evidence=evidence,
            recorded_at=at,
            recorded_by_id=actor.id,
        )
    )
    is_new_breach = (
        status is CommitmentStatus.BREACHED and commitment.status is not CommitmentStatus.BREACHED
    )
    if is_new_breach:
        commitment.breach_decision = None
        commitment.breach_remark = None
    commitment.status = status
    commitment.settled_on = on if status in SETTLED else None
    commitment.touch()
    session.flush()  # the answer shows it
    note(
        session,
        actor,
        commitment.case_id,
        TimelineKind.COMMITMENT_FOLLOWED_UP,
        at=at,
        object_id=commitment.id,
        details={"status": status.value},
    )
    audit.record(
        session,
        actor,
        Event.COMMITMENT_FOLLOWED_UP,
        "commitment",
        commitment.id,
        at=at,
        status=status.value,
    )
    return commitment


def decide_on_breach(
    session: Session,
    actor: Actor,
    commitment_id: UUID,
    *,
    decision: BreachDecision,
    reason: str,
    at: datetime,
) -> Commitment:
    """Record what follows from a breach; without it the case cannot be closed as resolved."""
    actor.require(Permission.NEGOTIATION_LEAD)
    commitment = queries.locked_commitment(session, actor, commitment_id)
    if commitment.status is not CommitmentStatus.BREACHED:
        raise ConflictError("The commitment is not breached.", code="not_breached")
    commitment.breach_decision = decision
    commitment.breach_remark = reason
    commitment.touch()
    session.flush()  # the answer carries the new version
    note(
        session,
        actor,
        commitment.case_id,
        TimelineKind.BREACH_DECIDED,
        at=at,
        object_id=commitment.id,
        details={"decision": decision.value},
        remark=reason,
    )
    audit.record(
        session,
        actor,
        Event.BREACH_DECIDED,
        "commitment",
        commitment.id,
        at=at,
        decision=decision.value,
    )
    return commitment


def _check_move(session: Session, case_id: UUID, to: CaseStatus) -> None:
    if to is CaseStatus.MONITORING and not queries.has_agreement(session, case_id):
        raise ConflictError("There is no agreement to watch.", code="no_agreement")
    if to is not CaseStatus.NEGOTIATION and queries.ongoing_negotiation(session, case_id):
        raise ConflictError("End the talks first.", code="negotiation_ongoing")


def _check_closure(session: Session, case_id: UUID, outcome: str) -> None:
    if queries.ongoing_negotiation(session, case_id) is not None:
        raise ConflictError("End the talks first.", code="negotiation_ongoing")
    if outcome not in RESOLVED_OUTCOMES:
        return
    if not queries.has_agreement(session, case_id):
        raise ConflictError("There is no agreement in this case.", code="no_agreement")
    commitments = queries.commitments_of_case(session, case_id)
    if any(
        c.status is CommitmentStatus.BREACHED and c.breach_decision is None for c in commitments
    ):
        raise ConflictError(
            "A commitment is breached: record what follows from it.", code="breach_undecided"
        )
    if any(c.status is CommitmentStatus.PENDING for c in commitments):
        raise ConflictError(
            "A commitment is still running: follow it up first.", code="commitment_pending"
        )
    if outcome == WHOLLY_RESOLVED and any(c.status not in SETTLED for c in commitments):
        raise ConflictError(
            "Not all that was agreed was kept: close it as partly resolved.", code="not_all_kept"
        )


def _work_of(session: Session, case_id: UUID, account_id: UUID) -> list[str]:
    talks = queries.ongoing_negotiation(session, case_id)
    return ["mediator"] if talks is not None and talks.mediator_id == account_id else []


GUARD = CaseGuard(check_move=_check_move, check_closure=_check_closure, work_of=_work_of)
"""What negotiated resolutions have to say before a case moves or closes, or hides from somebody."""
