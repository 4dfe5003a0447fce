"""Negotiated resolutions: who proposes, who accepts, when an agreement stands, how it is kept."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.core.errors import ConflictError


class NegotiationStatus(StrEnum):
    ONGOING = "ongoing"
    AGREED = "agreed"
    ENDED = "ended"


class PartyRole(StrEnum):
    COMPLAINANT = "complainant"
    RESPONDENT = "respondent"
    OTHER = "other"


class ProposalStatus(StrEnum):
    STANDING = "standing"
    COUNTERED = "countered"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    AGREED = "agreed"
    LAPSED = "lapsed"


class Response(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    COUNTER = "counter"


class CommitmentStatus(StrEnum):
    PENDING = "pending"
    FULFILLED = "fulfilled"
    PARTLY_FULFILLED = "partly_fulfilled"
    BREACHED = "breached"
    WAIVED = "waived"


class EndReason(StrEnum):
    NO_AGREEMENT = "no_agreement"
    COMPLAINANT_LEFT = "complainant_left"
    RESPONDENT_REFUSED = "respondent_refused"
    NO_CONTACT = "no_contact"
    OTHER_ROUTE = "other_route"


class BreachDecision(StrEnum):
    """What follows from a breach."""

    ACCEPT_AS_IS = "accept_as_is"
    NEW_TERM = "new_term"
    RENEGOTIATE = "renegotiate"
    COURT = "court"
    REPORT_PUBLICLY = "report_publicly"


FOLLOW_UPS: Mapping[CommitmentStatus, frozenset[CommitmentStatus]] = {
    CommitmentStatus.PENDING: frozenset(CommitmentStatus),
    CommitmentStatus.PARTLY_FULFILLED: frozenset(CommitmentStatus) - {CommitmentStatus.PENDING},
    # What was breached can still be made good, or be given up.
    CommitmentStatus.BREACHED: frozenset(
        {
            CommitmentStatus.FULFILLED,
            CommitmentStatus.PARTLY_FULFILLED,
            CommitmentStatus.BREACHED,
            CommitmentStatus.WAIVED,
        }
    ),
    CommitmentStatus.FULFILLED: frozenset({CommitmentStatus.BREACHED}),
    CommitmentStatus.WAIVED: frozenset(),
}
"""Which status a follow-up may record after which."""

SETTLED = frozenset({CommitmentStatus.FULFILLED, CommitmentStatus.WAIVED})


@dataclass(frozen=True)
class TermDraft:
    """One term of a proposal. text: personal data. due_on: None for a term without a date."""

    kind: str
    text: str
    debtor_party_id: UUID
    due_on: date | None


def require_ongoing(status: NegotiationStatus) -> None:
    if status is not NegotiationStatus.ONGOING:
        raise ConflictError(f"The negotiation is {status}.", code="negotiation_over")


def require_standing(status: ProposalStatus) -> None:
    """Raises ConflictError for a proposal that was countered, rejected, replaced or agreed."""
    if status is not ProposalStatus.STANDING:
        raise ConflictError(f"The proposal is {status}.", code="proposal_not_standing")


def is_agreed(parties: Collection[UUID], accepted_by: Iterable[UUID]) -> bool:
    """An agreement stands when every party has accepted the same proposal."""
    return bool(parties) and set(parties) <= set(accepted_by)


def require_follow_up(status: CommitmentStatus, to: CommitmentStatus) -> None:
    if to not in FOLLOW_UPS[status]:
        raise ConflictError(
            f"A commitment that is {status} cannot become {to}.", code="follow_up_not_allowed"
        )
