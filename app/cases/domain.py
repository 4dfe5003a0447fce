"""Cases: the workflow as a table, holds, what closing needs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

from app.core.errors import ConflictError


class CaseStatus(StrEnum):
    OPEN = "open"
    ANALYSIS = "analysis"
    HEARING = "hearing"
    NEGOTIATION = "negotiation"
    MONITORING = "monitoring"
    CLOSED = "closed"


class LinkKind(StrEnum):
    SAME_RESPONDENT = "same_respondent"
    SAME_COMPLAINANT = "same_complainant"
    SAME_FACTS = "same_facts"
    FOLLOW_UP = "follow_up"
    OTHER = "other"


class TimelineKind(StrEnum):
    OPENED = "opened"
    REPORT_ADDED = "report_added"
    CHANGED = "changed"
    MOVED = "moved"
    HELD = "held"
    RESUMED = "resumed"
    ASSESSED = "assessed"
    NOTE = "note"
    TASK_SET = "task_set"
    TASK_DONE = "task_done"
    LINKED = "linked"
    NEGOTIATION_STARTED = "negotiation_started"
    SESSION_HELD = "session_held"
    PROPOSAL_MADE = "proposal_made"
    PROPOSAL_ANSWERED = "proposal_answered"
    AGREEMENT_REACHED = "agreement_reached"
    NEGOTIATION_ENDED = "negotiation_ended"
    COMMITMENT_FOLLOWED_UP = "commitment_followed_up"
    BREACH_DECIDED = "breach_decided"
    REFERRAL_MADE = "referral_made"
    REFERRAL_ANSWERED = "referral_answered"
    REFERRAL_COMPLETED = "referral_completed"
    REFERRAL_CLOSED = "referral_closed"
    CLOSED = "closed"
    REOPENED = "reopened"


S = CaseStatus

MOVES: Mapping[CaseStatus, frozenset[CaseStatus]] = {
    S.OPEN: frozenset({S.ANALYSIS, S.HEARING, S.NEGOTIATION}),
    S.ANALYSIS: frozenset({S.HEARING, S.NEGOTIATION}),
    S.HEARING: frozenset({S.ANALYSIS, S.NEGOTIATION}),
    # Talks that fail go back to the table; monitoring follows an agreement.
    S.NEGOTIATION: frozenset({S.ANALYSIS, S.HEARING, S.MONITORING}),
    S.MONITORING: frozenset({S.NEGOTIATION}),
    S.CLOSED: frozenset(),
}
"""Moves by `/moves`. Closing and reopening are acts of their own, with an outcome or a reason."""

CLOSABLE = frozenset(S) - {S.CLOSED}

TOWARDS_RESPONDENT = frozenset({S.HEARING, S.NEGOTIATION})
"""States that approach the respondent: they need the reporter's recorded consent."""

WHOLLY_RESOLVED = "negotiated_resolution"

RESOLVED_OUTCOMES = frozenset({WHOLLY_RESOLVED, "partial_resolution"})
"""Outcomes that claim a negotiated resolution: they need an agreement."""

DEFAULT_ASSESSMENT = "not_assessed"


def require_move(status: CaseStatus, to: CaseStatus) -> None:
    """Raises ConflictError when the table does not allow the move."""
    if to not in MOVES[status]:
        raise ConflictError(f"A case cannot move from {status} to {to}.", code="move_not_allowed")


def require_open(status: CaseStatus) -> None:
    if status is CaseStatus.CLOSED:
        raise ConflictError("The case is closed; reopen it first.", code="case_closed")


def case_reference(year: int, number: int) -> str:
    """`C-2026-000045`."""
    return f"C-{year}-{number:06d}"


def days_on_hold(holds: Iterable[tuple[date, date | None]], *, until: date) -> int:
    """Days within the holds (first day included, last day excluded) up to `until`."""
    return sum(max(0, (min(end or until, until) - start).days) for start, end in holds)


def active_days(opened_on: date, closed_on: date, holds: Sequence[tuple[date, date | None]]) -> int:
    """Days a case took, without the days it was on hold."""
    return (closed_on - opened_on).days - days_on_hold(holds, until=closed_on)
