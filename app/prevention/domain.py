"""Rules of prevention: what a suggestion rests on and what may be decided of it, how an action
moves."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.core.errors import ConflictError, FieldError, InvalidInputError, invalid
from app.indicators.domain import UnmetNorm
from app.signals.domain import Cell

LEAST = 3
"""Reports, or cases, that a suggestion rests on at least: it must not point at one person."""

FIRST_YEAR, LAST_YEAR = 1990, 2199


class EvidenceKind(StrEnum):
    """signal: what the counts show; observation: what somebody saw, and a coordinator confirmed or
    watches. trend: a ground or domain that rises over years. respondent: one organisation that is
    named again and again. commitments: agreed and not kept. norm: of the plan, and not met."""

    SIGNAL = "signal"
    OBSERVATION = "observation"
    TREND = "trend"
    RESPONDENT = "respondent"
    COMMITMENTS = "commitments"
    NORM = "norm"


class Term(StrEnum):
    """What a score is the sum of."""

    EVIDENCE = "evidence"
    NUMBER = "number"
    SEVERITY = "severity"
    PRIORITY_PLACE = "priority_place"
    MEETING = "meeting"
    FIT = "fit"
    HELPED_BEFORE = "helped_before"
    UNDER_WAY = "under_way"


class SuggestionState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    POSTPONED = "postponed"


class SuggestionDecision(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    POSTPONE = "postpone"


class ActionStatus(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """How the reports after an action compare with those before; fewer and more: by more than
    chance gives."""

    TOO_EARLY = "too_early"
    TOO_FEW = "too_few"
    FEWER = "fewer"
    UNCLEAR = "unclear"
    MORE = "more"


STATE_AFTER: Mapping[SuggestionDecision, SuggestionState] = {
    SuggestionDecision.ACCEPT: SuggestionState.ACCEPTED,
    SuggestionDecision.REJECT: SuggestionState.REJECTED,
    SuggestionDecision.POSTPONE: SuggestionState.POSTPONED,
}

DECISIONS: Mapping[SuggestionState, frozenset[SuggestionDecision]] = {
    SuggestionState.OPEN: frozenset(SuggestionDecision),
    SuggestionState.POSTPONED: frozenset(SuggestionDecision),
    SuggestionState.REJECTED: frozenset({SuggestionDecision.ACCEPT, SuggestionDecision.POSTPONE}),
    SuggestionState.ACCEPTED: frozenset({SuggestionDecision.REJECT, SuggestionDecision.POSTPONE}),
}
"""What may be decided in which state. What actions rest on stays accepted, see `require_free`."""

MOVES: Mapping[ActionStatus, frozenset[ActionStatus]] = {
    ActionStatus.PLANNED: frozenset({ActionStatus.RUNNING, ActionStatus.CANCELLED}),
    ActionStatus.RUNNING: frozenset({ActionStatus.COMPLETED, ActionStatus.CANCELLED}),
    ActionStatus.COMPLETED: frozenset(),
    ActionStatus.CANCELLED: frozenset(),
}

BEGAN = frozenset({ActionStatus.RUNNING, ActionStatus.COMPLETED})
"""What counts as done for the year in which it began."""


class SuggestionError(ConflictError):
    """The decision does not fit the state of the suggestion."""


class MoveError(ConflictError):
    """The action cannot go there from where it is."""


class NotAcceptedError(ConflictError):
    """An action can rest on an accepted suggestion alone."""


class InUseError(ConflictError):
    """Actions rest on the suggestion."""


@dataclass(frozen=True)
class SignalFacts:
    """lower, upper: what was expected; None, as observed, for what somebody saw."""

    id: UUID
    reference: str
    is_confirmed: bool
    first_month: str
    last_month: str
    observed: int | None = None
    lower: int | None = None
    upper: int | None = None


@dataclass(frozen=True)
class Weight:
    """Of how many happenings something is told that the catalogue calls severe, and how many were
    in one of its places."""

    severe: int = 0
    in_priority_places: int = 0


EVERYTHING, NO_WEIGHT = Cell(), Weight()


@dataclass(frozen=True)
class Evidence:
    """One thing that calls for prevention.

    year: in whose list it stands; key: tells it from all other evidence. number: of reports, or of
    commitments; None: nothing is counted. change: of a trend, factor a year. respondent: an
    organisation, never a person. report_ids: those that are counted.
    """

    kind: EvidenceKind
    key: str
    year: int
    cell: Cell = EVERYTHING
    number: int | None = None
    weight: Weight = NO_WEIGHT
    signal: SignalFacts | None = None
    change: float | None = None
    respondent: str | None = None
    norm: UnmetNorm | None = None
    report_ids: Sequence[UUID] = ()

    def without_name(self) -> "Evidence":
        """For who may not read reports."""
        return replace(self, respondent=None)


@dataclass(frozen=True)
class Earlier:
    """An action that was planned or done before. verdict: of its last measured result."""

    id: UUID
    reference: str
    title: str
    kind: str
    status: ActionStatus
    cell: Cell
    began_on: date | None
    ended_on: date | None
    verdict: Verdict | None


@dataclass(frozen=True)
class Suggestion:
    """A kind of action for one piece of evidence. meeting: evidence of other kinds about the same.
    before: what was done about the same, the last first."""

    id: UUID
    kind: str
    evidence: Evidence
    terms: Mapping[Term, int]
    meeting: Sequence[Evidence] = ()
    before: Sequence[Earlier] = field(default=())

    @property
    def score(self) -> int:
        return sum(self.terms.values())


def suggestion_id(kind: str, evidence: Evidence) -> UUID:
    """The same for the same kind of action and evidence, for ever; the year stands in front, so
    that the list it stands in is found again (a UUID of version 8, whose content is free)."""
    digest = hashlib.sha256(f"{kind}\x1f{evidence.key}".encode()).digest()[:14]
    number = int.from_bytes(evidence.year.to_bytes(2, "big") + digest, "big")
    number = number & ~(0xF << 76) | (8 << 76)
    return UUID(int=number & ~(0x3 << 62) | (0x2 << 62))


def year_of(suggestion: UUID) -> int | None:
    """In whose list a suggestion stands; None for what is no id of one."""
    year = int.from_bytes(suggestion.bytes[:2], "big")
    is_one = suggestion.version == 8 and FIRST_YEAR <= year <= LAST_YEAR
    return year if is_one else None


def meet(one: Cell, other: Cell) -> bool:
    """Whether two are about the same: a ground or domain in common, and nothing that differs."""
    pairs = [
        (one.ground, other.ground),
        (one.domain, other.domain),
        (one.municipality, other.municipality),
        (one.district, other.district),
    ]
    if any(a is not None and b is not None and a != b for a, b in pairs):
        return False
    return any(a is not None and a == b for a, b in pairs[:2])


def state_of(
    decided: SuggestionState | None,
    *,
    number: int | None,
    decided_number: int | None,
    postponed_until: date | None,
    today: date,
) -> SuggestionState:
    """What was rejected comes back only with more than it was rejected on, what was postponed on
    its day."""
    if decided is SuggestionState.REJECTED and (number or 0) > (decided_number or 0):
        return SuggestionState.OPEN
    if decided is SuggestionState.POSTPONED and postponed_until and postponed_until <= today:
        return SuggestionState.OPEN
    return decided or SuggestionState.OPEN


def require_decision(
    state: SuggestionState,
    decision: SuggestionDecision,
    *,
    reason: str | None,
    until: date | None,
    today: date,
) -> None:
    """Raises SuggestionError; InvalidInputError for a rejection without a reason, and for a day
    that is missing, not to come, or of no use."""
    if decision not in DECISIONS[state]:
        raise SuggestionError(f"The suggestion is {state} already.", code="nothing_changes")
    if decision is SuggestionDecision.REJECT and reason is None:
        raise invalid("/reason", "a rejection needs one", "missing")
    if decision is SuggestionDecision.POSTPONE:
        if until is None:
            raise invalid("/until", "postponed until which day?", "missing")
        if until <= today:
            raise invalid("/until", "not after today", "not_in_range")
    elif until is not None:
        raise invalid("/until", "only of what is postponed", "not_of_this_kind")


def require_free(decision: SuggestionDecision, *, actions: int) -> None:
    """What actions rest on stays accepted. Raises InUseError."""
    if actions and decision is not SuggestionDecision.ACCEPT:
        raise InUseError("Actions rest on it: undo their links first.", code="in_use")


def action_reference(year: int, number: int) -> str:
    return f"P-{year}-{number:05d}"


def require_move(
    status: ActionStatus,
    to: ActionStatus,
    *,
    on: date,
    began_on: date | None,
    reason: str | None,
    today: date,
) -> None:
    """Raises MoveError; InvalidInputError for a day to come or before it began, and for a
    cancellation without a reason."""
    if to not in MOVES[status]:
        raise MoveError(f"An action that is {status} cannot become {to}.", code="move_not_allowed")
    if on > today:
        raise invalid("/on", "lies in the future", "in_future")
    if began_on is not None and on < began_on:
        raise invalid("/on", "before it began", "date_order")
    if to is ActionStatus.CANCELLED and reason is None:
        raise invalid("/reason", "a cancellation needs one", "missing")


def require_open(status: ActionStatus) -> None:
    """Raises MoveError: nothing is added to what was called off."""
    if status is ActionStatus.CANCELLED:
        raise MoveError("The action was called off.", code="cancelled")


def require_result(status: ActionStatus) -> None:
    """Raises MoveError."""
    if status not in BEGAN:
        raise MoveError(f"An action that is {status} has no results.", code="not_begun")


def require_plan(*, planned_from: date | None, planned_to: date | None, cell: Cell) -> None:
    errors = []
    if planned_to is not None and (planned_from is None or planned_to < planned_from):
        errors.append(FieldError("/planned_to", "before planned_from", "date_order"))
    if cell.district is not None and cell.municipality is None:
        errors.append(FieldError("/municipality", "a district is of a municipality", "missing"))
    if errors:
        raise InvalidInputError(*errors)
