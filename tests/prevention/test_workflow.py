"""Which moves and decisions are allowed: every pair, also those that are not."""

from datetime import date
from itertools import product

import pytest

from app.core.errors import InvalidInputError
from app.prevention.domain import (
    DECISIONS,
    MOVES,
    ActionStatus,
    InUseError,
    MoveError,
    SuggestionDecision,
    SuggestionError,
    SuggestionState,
    require_decision,
    require_free,
    require_move,
    require_plan,
    state_of,
)
from app.signals.domain import Cell

TODAY = date(2027, 2, 10)
TOMORROW, YESTERDAY = date(2027, 2, 11), date(2027, 2, 9)


@pytest.mark.parametrize(("status", "to"), list(product(ActionStatus, ActionStatus)))
def test_every_move(status: ActionStatus, to: ActionStatus) -> None:
    allowed = {
        ("planned", "running"), ("planned", "cancelled"),
        ("running", "completed"), ("running", "cancelled"),
    }  # fmt: skip
    assert (to in MOVES[status]) == ((status.value, to.value) in allowed)
    if to in MOVES[status]:
        require_move(status, to, on=TODAY, began_on=None, reason="Geen geld.", today=TODAY)
    else:
        with pytest.raises(MoveError):
            require_move(status, to, on=TODAY, began_on=None, reason="Geen geld.", today=TODAY)


def test_a_move_that_says_nonsense_is_refused_by_its_field() -> None:
    running, completed, cancelled = ActionStatus.RUNNING, ActionStatus.COMPLETED, "cancelled"
    for to, on, began_on, code in (
        (completed, TOMORROW, YESTERDAY, "in_future"),
        (completed, YESTERDAY, TODAY, "date_order"),
        (ActionStatus(cancelled), TODAY, YESTERDAY, "missing"),
    ):
        with pytest.raises(InvalidInputError) as said:
            require_move(running, to, on=on, began_on=began_on, reason=None, today=TODAY)
        assert said.value.errors[0].code == code


@pytest.mark.parametrize(("state", "decision"), list(product(SuggestionState, SuggestionDecision)))
def test_every_decision(state: SuggestionState, decision: SuggestionDecision) -> None:
    until = TOMORROW if decision is SuggestionDecision.POSTPONE else None
    nothing_changes = (state.value, decision.value) in {
        ("accepted", "accept"),
        ("rejected", "reject"),
    }
    assert (decision in DECISIONS[state]) != nothing_changes
    if nothing_changes:
        with pytest.raises(SuggestionError):
            require_decision(state, decision, reason="Toch niet.", until=until, today=TODAY)
    else:
        require_decision(state, decision, reason="Toch niet.", until=until, today=TODAY)


@pytest.mark.parametrize(
    ("decision", "reason", "until", "pointer"),
    [
        ("reject", None, None, "/reason"),
        ("postpone", None, None, "/until"),
        ("postpone", None, TODAY, "/until"),
        ("accept", None, TOMORROW, "/until"),
    ],
)
def test_a_decision_without_what_it_needs(
    decision: str, reason: str | None, until: date | None, pointer: str
) -> None:
    with pytest.raises(InvalidInputError) as said:
        require_decision(
            SuggestionState.OPEN,
            SuggestionDecision(decision),
            reason=reason,
            until=until,
            today=TODAY,
        )
    assert said.value.errors[0].pointer == pointer


def test_what_actions_rest_on_stays_accepted() -> None:
    require_free(SuggestionDecision.REJECT, actions=0)
    with pytest.raises(InUseError):
        require_free(SuggestionDecision.REJECT, actions=1)


def _state(state: SuggestionState, number: int = 5, until: date | None = None) -> SuggestionState:
    return state_of(state, number=number, decided_number=5, postponed_until=until, today=TODAY)


def test_what_was_rejected_comes_back_only_with_more_and_what_was_postponed_on_its_day() -> None:
    rejected, postponed = SuggestionState.REJECTED, SuggestionState.POSTPONED
    assert [_state(rejected, number) for number in (4, 5, 6)] == [rejected, rejected, "open"]
    assert _state(postponed, until=TOMORROW) is postponed
    assert _state(postponed, until=TODAY) is SuggestionState.OPEN
    assert _state(SuggestionState.ACCEPTED, 99) is SuggestionState.ACCEPTED


def test_a_plan_that_ends_before_it_begins_or_lies_nowhere() -> None:
    require_plan(planned_from=TODAY, planned_to=TODAY, cell=Cell())
    for first, last, cell, pointer in (
        (TODAY, YESTERDAY, Cell(), "/planned_to"),
        (None, TODAY, Cell(), "/planned_to"),
        (None, None, Cell(district="Winterslag"), "/municipality"),
    ):
        with pytest.raises(InvalidInputError) as said:
            require_plan(planned_from=first, planned_to=last, cell=cell)
        assert said.value.errors[0].pointer == pointer
