"""Small counts are judged exactly, also where there was nothing before."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from app.signals.exact import Rate, Verdict, against_the_rest, judge


def test_four_after_nearly_nothing_is_unusual() -> None:
    found = judge([0, 0, 0, 0, 1, 0, 4])
    assert found.verdict is Verdict.UNUSUAL
    assert found.observed == 4
    assert found.expected == pytest.approx(1.5 / 6)
    assert found.p == pytest.approx(stats.nbinom(1.5, 6 / 7).sf(3))
    assert found.p_of_share == pytest.approx(stats.binom(5, 1 / 7).sf(3))


def test_one_after_nothing_is_usual() -> None:
    found = judge([0, 0, 0, 0, 0, 0, 1])
    assert found.verdict is Verdict.USUAL
    assert found.p is not None
    assert found.p > 0.01


def test_a_steady_series_is_usual() -> None:
    assert judge([3, 2, 4, 3, 2, 3, 4]).verdict is Verdict.USUAL


def test_the_bound_is_where_it_turns_unusual() -> None:
    past = [0, 1, 0, 2, 0, 1]
    bound = judge([*past, 0]).bound
    assert bound is not None
    assert judge([*past, bound]).verdict is Verdict.USUAL
    above = judge([*past, bound + 1])
    assert above.verdict is Verdict.UNUSUAL
    assert above.p is not None
    assert above.p <= 0.01


@pytest.mark.parametrize("counts", [[4], [0, 4], [0, 0, 4]])
def test_a_short_history_says_so(counts: list[int]) -> None:
    found = judge(counts)
    assert (found.verdict, found.p, found.bound) == (Verdict.TOO_SHORT, None, None)


def test_what_the_totals_let_expect_stands_in_for_a_history() -> None:
    found = judge([4], prior=Rate(mean=0.2, months=12))
    assert found.verdict is Verdict.UNUSUAL
    assert found.expected == pytest.approx(0.2)
    assert judge([1], prior=Rate(mean=0.2, months=12)).verdict is Verdict.USUAL


def test_several_months_are_judged_together() -> None:
    slow = [0, 1, 0, 0, 1, 0, 0, 1, 0, 2, 2, 2]
    assert judge(slow).verdict is Verdict.USUAL
    assert judge(slow, window=3).verdict is Verdict.UNUSUAL


@given(
    past=st.lists(st.integers(0, 6), min_size=3, max_size=24),
    observed=st.integers(0, 12),
    more=st.integers(1, 20),
    order=st.randoms(use_true_random=False),
)
def test_more_reports_never_look_more_usual_and_order_is_nothing(
    past: list[int], observed: int, more: int, order: Random
) -> None:
    few, many = judge([*past, observed]), judge([*past, observed + more])
    assert few.p is not None
    assert many.p is not None
    assert few.mid_p is not None
    assert many.mid_p is not None
    assert few.p_of_share is not None
    assert many.p_of_share is not None
    assert many.p <= few.p
    assert many.mid_p <= few.mid_p
    assert many.p_of_share <= few.p_of_share + 1e-12
    mixed = past.copy()
    order.shuffle(mixed)
    assert judge([*mixed, observed]) == few


def test_everything_rising_is_told_from_this_cell_rising() -> None:
    alone = against_the_rest(now=6, rest_now=20, past=4, rest_past=120)
    together = against_the_rest(now=6, rest_now=120, past=4, rest_past=120)
    assert alone < 0.01 < together
