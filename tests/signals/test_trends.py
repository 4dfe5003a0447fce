"""Trends over years: direction and size, with an interval, and silence about tiny numbers."""

import numpy as np
import pytest
from scipy import stats

from app.signals.trends import CLUMPING, Direction, trend


def test_a_doubling_each_year_is_rising() -> None:
    found = trend([20, 40, 80, 160])
    assert found.direction is Direction.RISING
    assert found.change == pytest.approx(2.0, rel=0.01)
    assert found.low is not None
    assert found.high is not None
    assert 1.2 < found.low < 2 < found.high
    assert not found.is_exact


def test_falling_is_told_as_well() -> None:
    assert trend([160, 120, 80, 60, 45]).direction is Direction.FALLING


def test_ups_and_downs_are_unclear() -> None:
    assert trend([50, 90, 40, 95, 55]).direction is Direction.UNCLEAR


@pytest.mark.parametrize("counts", [[3, 2, 4], [50, 60], [0, 0, 0, 0], []])
def test_tiny_numbers_and_two_years_are_refused(counts: list[int]) -> None:
    found = trend(counts)
    assert (found.direction, found.change, found.low) == (Direction.TOO_FEW, None, None)


def test_few_reports_are_judged_exactly() -> None:
    found = trend([1, 3, 5, 12])
    assert found.is_exact
    assert found.direction is Direction.RISING


def test_two_years_of_the_exact_method_are_a_binomial() -> None:
    """With counts in the first and last of three years alone, each report falls in one of two
    places two years apart; a year without exposure takes none."""
    found = trend([4, 0, 11], exposure=[1, 1e-12, 1])
    assert found.low is not None

    def upper(share: float) -> float:
        law = stats.binom(15, share)
        return float(law.sf(11) + law.pmf(11) / 2)

    odds = found.low**2
    wider = stats.norm.sf(stats.norm.isf(0.025) * np.sqrt(CLUMPING))
    assert upper(odds / (1 + odds)) == pytest.approx(float(wider), abs=1e-4)


def test_all_in_the_last_year_has_no_upper_end() -> None:
    found = trend([0, 0, 0, 12])
    assert found.direction is Direction.RISING
    assert found.high == np.inf


def test_a_year_still_running_is_no_fall() -> None:
    assert trend([100, 100, 100, 50]).direction is not Direction.RISING
    found = trend([100, 100, 100, 50], exposure=[1, 1, 1, 0.5])
    assert found.direction is Direction.UNCLEAR
    assert found.change == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("years", [3, 5, 9])
@pytest.mark.parametrize("mean", [4.0, 8.0, 30.0])
@pytest.mark.parametrize("dispersion", [1.0, CLUMPING])
def test_without_a_trend_one_in_twenty_is_wrong(dispersion: float, mean: float, years: int) -> None:
    """Also of clumped reports, which are never all of their own."""
    random = np.random.default_rng(11)
    rates = (
        random.gamma(mean / (dispersion - 1), dispersion - 1, (400, years))
        if (dispersion > 1)
        else np.full((400, years), mean)
    )
    wrong = judged = 0
    for counts in random.poisson(rates):
        direction = trend(counts.tolist()).direction
        judged += direction is not Direction.TOO_FEW
        wrong += direction in (Direction.RISING, Direction.FALLING)
    assert wrong <= stats.binom.ppf(0.999, judged, 0.05)


def test_a_year_in_which_nothing_was_registered_is_no_fall() -> None:
    found = trend([100, 100, 0, 100, 100], exposure=[1, 1, 0, 1, 1])
    assert found.change == pytest.approx(1.0, abs=0.001)
    few = trend([6, 7, 0, 6, 7], exposure=[1, 1, 0, 1, 1])
    assert few.is_exact
    assert few.direction is Direction.UNCLEAR


@pytest.mark.parametrize("counts", [[0, 1, 11], [12, 0, 0], [231, 0, 0], [0, 0, 0, 900]])
@pytest.mark.parametrize("share", [1.0, 1 / 366])
def test_the_steepest_counts_break_nothing(counts: list[int], share: float) -> None:
    found = trend(counts, [1.0] * (len(counts) - 1) + [share])
    assert found.change is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.change <= found.high
