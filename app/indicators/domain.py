"""Rules of indicators: when a norm is due, and how it stands.

A year that a plan leaves open is never missed; a norm with several years is missed after the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """What shows that an indicator is reached."""

    DOCUMENT = "document"
    NARRATIVE = "narrative"
    REGISTER_OVERVIEW = "register_overview"
    ACTIVITY_COUNT = "activity_count"
    FIGURE = "figure"


COUNTED_KINDS = frozenset({Kind.ACTIVITY_COUNT, Kind.FIGURE})


class Frequency(StrEnum):
    ONCE = "once"
    YEARLY = "yearly"
    EVERY_TWO_YEARS = "every_two_years"
    CONTINUOUS = "continuous"


class Per(StrEnum):
    """In what time the value of a norm must be reached."""

    WEEK = "week"
    YEAR = "year"
    TWO_YEARS = "two_years"
    PLAN = "plan"


FREQUENCIES_OF: Mapping[Per, frozenset[Frequency]] = {
    Per.WEEK: frozenset({Frequency.YEARLY, Frequency.CONTINUOUS}),
    Per.YEAR: frozenset({Frequency.YEARLY, Frequency.CONTINUOUS}),
    Per.TWO_YEARS: frozenset({Frequency.EVERY_TWO_YEARS}),
    Per.PLAN: frozenset({Frequency.ONCE}),
}
"""The frequencies that fit a norm for this time."""


class Operator(StrEnum):
    AT_LEAST = ">="
    AT_MOST = "<="


class State(StrEnum):
    """How an indicator stands in a year.

    pending: due, and its time is not over. open: the plan names no year, and it is not reached yet.
    unknown: its time is over and nobody said how it went.
    """

    MET = "met"
    NOT_MET = "not_met"
    PENDING = "pending"
    NOT_DUE = "not_due"
    OPEN = "open"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where the state comes from. partly: entered, and the registers give figures beside it."""

    COMPUTED = "computed"
    PARTLY = "partly"
    ENTERED = "entered"


@dataclass(frozen=True)
class Norm:
    operator: Operator
    value: Decimal
    per: Per

    def holds(self, value: Decimal) -> bool:
        return value >= self.value if self.operator is Operator.AT_LEAST else value <= self.value


@dataclass(frozen=True)
class Terms:
    """What an indicator demands. first, last: the years of the plan. due_years: in their order;
    empty when the plan leaves the year open."""

    kind: Kind
    frequency: Frequency
    first: int
    last: int
    due_years: Sequence[int] = ()
    norm: Norm | None = None


@dataclass(frozen=True)
class Reached:
    """What is known of one year. is_due: False where what the indicator depends on is not there."""

    value: Decimal | None = None
    fulfilled: bool | None = None
    is_due: bool = True


@dataclass(frozen=True)
class Window:
    """The years that count together. due_from: the first in which it is asked for; what was
    reached in the years before counts too. is_open: the plan names no year."""

    first: int
    due_from: int
    last: int
    is_open: bool = False


@dataclass(frozen=True)
class Standing:
    """total: of all years of the window."""

    state: State
    total: Decimal | None = None
    window: Window | None = None


@dataclass(frozen=True)
class UnmetNorm:
    """evidence: what shows it. titles: by language. value: None when a document or text is missing;
    norm: None when the plan gives no number. entry_id: the row that says so; None: it is computed.
    """

    plan: str
    code: str
    evidence: str
    titles: Mapping[str, str]
    year: int
    value: Decimal | None
    norm: Decimal | None
    entry_id: UUID | None = field(default=None)


def window_of(terms: Terms, year: int) -> Window | None:
    """The window in which a year lies; None: nothing is due in it, nor can it be reached ahead."""
    due = terms.due_years
    if not due:
        is_within = terms.first <= year <= terms.last
        return Window(terms.first, terms.first, terms.last, is_open=True) if is_within else None
    if terms.frequency is Frequency.ONCE:
        is_before_end = terms.first <= year <= due[-1]
        return Window(terms.first, due[0], due[-1]) if is_before_end else None
    if terms.frequency is Frequency.EVERY_TWO_YEARS:
        # The plan says every two years and not which: a round a year later is in time.
        ends = [*(following - 1 for following in due[1:]), terms.last]
        for first, last in zip(due, ends, strict=True):
            if first <= year <= last:
                return Window(first, first, last)
        return None
    return Window(year, year, year) if year in due else None


def judge(terms: Terms, year: int, reached: Mapping[int, Reached], *, this_year: int) -> Standing:
    """How an indicator stands in a year. reached: of the years of which something is known."""
    window = window_of(terms, year)
    if window is None:
        return Standing(State.NOT_DUE)
    known = [reached[y] for y in range(window.first, window.last + 1) if y in reached]
    total = _total(terms, [one.value for one in known if one.value is not None])
    if known and not any(one.is_due for one in known):
        return Standing(State.NOT_DUE, total, window)
    return Standing(_state(terms, window, year, known, total, this_year), total, window)


def _state(
    terms: Terms,
    window: Window,
    year: int,
    known: Sequence[Reached],
    total: Decimal | None,
    this_year: int,
) -> State:
    is_over = window.last < this_year
    is_ceiling = terms.norm is not None and terms.norm.operator is Operator.AT_MOST
    is_reached = _is_reached(terms, known, total)
    if is_reached and (is_over or not is_ceiling):
        return State.MET
    if window.is_open:
        return State.OPEN
    if year < window.due_from:
        return State.NOT_DUE
    is_told = total is not None or any(one.fulfilled is not None for one in known)
    if not is_over:
        # What was counted goes on growing: a ceiling that is passed stays passed.
        is_lost = is_ceiling and is_told and not is_reached and terms.kind is not Kind.FIGURE
        return State.NOT_MET if is_lost else State.PENDING
    return State.NOT_MET if is_told else State.UNKNOWN


def _is_reached(terms: Terms, known: Sequence[Reached], total: Decimal | None) -> bool:
    """Without a number in the plan: one at least of what is counted, any figure, or somebody's
    word that it is there."""
    if terms.norm is not None:
        return total is not None and terms.norm.holds(total)
    if any(one.fulfilled for one in known):
        return True
    return total is not None and (terms.kind is Kind.FIGURE or total >= 1)


def _total(terms: Terms, values: Sequence[Decimal]) -> Decimal | None:
    """What is counted adds up; of figures the best year stands for all."""
    if not values:
        return None
    if terms.kind is not Kind.FIGURE and not (terms.norm and terms.norm.per is Per.WEEK):
        return sum(values, Decimal(0))
    is_ceiling = terms.norm is not None and terms.norm.operator is Operator.AT_MOST
    return min(values) if is_ceiling else max(values)
