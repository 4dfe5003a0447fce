"""The improved Farrington bound is the published one, point by point."""

from datetime import date, timedelta

import numpy as np
import pytest

from app.signals import farrington
from app.signals.farrington import Bound, Settings, Variance
from app.signals.farrington_batch import judge_many
from tests.signals.reference import NAMES, Run, runs

NEARLY = 0.001
LEAST_EXPECTED = 0.1
"""Below, the reference is numerically arbitrary: a block of zeros has no finite coefficient."""


def _compare(run: Run, place: int, expected: float, bound: float, p: float) -> None:
    """bound: NaN where none is given."""
    reference = run.expected[place]
    if reference is None or reference < LEAST_EXPECTED:
        return
    where = f"{run.series} {run.name} {run.first + place}"
    assert expected == pytest.approx(reference, rel=NEARLY), where
    limit = run.bounds[place]
    if limit is None:
        assert np.isnan(bound), where
    elif run.settings().bound is Bound.DELTA:
        assert bound == pytest.approx(limit, rel=NEARLY), where
    else:
        assert abs(bound - limit) <= 1, where
    assert p == pytest.approx(run.p[place], abs=NEARLY), where


def _check_alone(name: str, step: int) -> int:
    """Compare every so many points of each run, judged alone. How many were."""
    points = 0
    for number, run in enumerate(runs(name)):
        if not run.is_farrington:
            continue
        for place in range(number % step, len(run.bounds), step):
            found = farrington.judge(
                run.counts, run.first + place, run.frequency, run.settings(), dates=run.dates
            )
            assert found.is_alarm == (place in run.alarms)
            numbers = (found.expected, found.bound, found.p)
            _compare(run, place, *(np.nan if number is None else number for number in numbers))
            points += 1
    return points


@pytest.mark.parametrize("name", NAMES)
def test_points_judged_alone_are_those_of_the_reference(name: str) -> None:
    """A fifth of them, since all take a minute; all of those by date, which no batch judges."""
    assert _check_alone(name, step=1 if name.endswith("dates") else 5) > 90


@pytest.mark.torture
@pytest.mark.parametrize("name", NAMES)
def test_every_point_judged_alone_is_that_of_the_reference(name: str) -> None:
    assert _check_alone(name, step=1) > 400


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("dates")])
def test_every_point_of_all_series_at_once_is_that_of_the_reference(name: str) -> None:
    by_name: dict[str, list[Run]] = {}
    for run in runs(name):
        if run.is_farrington:
            by_name.setdefault(run.name, []).append(run)
    for together in by_name.values():
        first = together[0]
        counts = np.array([run.counts for run in together])
        for place in range(len(first.bounds)):
            found = judge_many(counts, first.first + place, first.frequency, first.settings())
            for row, run in enumerate(together):
                assert found.is_alarm[row] == (place in run.alarms)
                _compare(run, place, found.expected[row], found.bound[row], found.p[row])


@pytest.mark.parametrize("bound", Bound)
@pytest.mark.parametrize("variance", Variance)
@pytest.mark.parametrize("has_trend", [False, True])
def test_one_at_a_time_and_all_at_once_agree(
    bound: Bound, variance: Variance, has_trend: bool
) -> None:
    settings = Settings(
        years=5, half_window=1, periods=4, skipped=3, bound=bound, variance=variance,
        has_trend=has_trend, reweights=has_trend or bound is not Bound.DELTA,
    )  # fmt: skip
    counts = np.random.default_rng(5).negative_binomial(3, 0.4, (20, 84))
    together = judge_many(counts, 80, 12, settings)
    for row in range(len(counts)):
        alone = farrington.judge(counts[row], 80, 12, settings)
        assert alone.expected == pytest.approx(together.expected[row], rel=1e-6)
        assert alone.bound == pytest.approx(together.bound[row], rel=1e-4)
        assert alone.p == pytest.approx(together.p[row], abs=1e-6)
        assert alone.has_trend == together.has_trend[row]


def test_nothing_but_zeros_is_not_estimable() -> None:
    settings = Settings(years=3, half_window=1, periods=4, skipped=3)
    found = farrington.judge([0] * 59 + [4], 59, 12, settings)
    assert (found.expected, found.bound, found.is_alarm) == (None, None, False)
    assert np.isnan(judge_many(np.array([[0] * 59 + [4]]), 59, 12, settings).bound[0])


def test_a_short_history_is_not_estimable() -> None:
    settings = Settings(years=5, half_window=1, periods=4, skipped=3)
    assert farrington.judge([2] * 60, 59, 12, settings).expected is None
    assert np.isnan(judge_many(np.full((2, 60), 2), 59, 12, settings).expected).all()


def test_a_block_of_zeros_foretells_nothing_rather_than_a_tiny_number() -> None:
    counts = np.random.default_rng(1).poisson(6, 72)
    counts[[month for month in range(71) if month % 12 in (10, 11, 0)]] = 0
    settings = Settings(years=5, half_window=1, periods=4, skipped=3)
    assert farrington.judge(counts, 71, 12, settings).expected is None


def test_twice_the_population_foretells_twice_the_count() -> None:
    counts = np.random.default_rng(2).poisson(9, 72)
    people = np.full(72, 50_000.0)
    settings = Settings(years=5, half_window=1, periods=4, skipped=3, has_trend=False)
    same = farrington.judge(counts, 70, 12, settings, population=people)
    people[70] *= 2
    double = farrington.judge(counts, 70, 12, settings, population=people)
    assert same.expected is not None
    assert same.expected == pytest.approx(farrington.judge(counts, 70, 12, settings).expected)
    assert double.expected == pytest.approx(2 * same.expected)


def test_missing_counts_are_left_out() -> None:
    counts = np.random.default_rng(2).poisson(9, 72).astype(float)
    settings = Settings(years=5, half_window=1, periods=4, skipped=3)
    whole = farrington.judge(counts, 70, 12, settings)
    counts[30] = np.nan
    assert farrington.judge(counts, 70, 12, settings).expected != whole.expected
    counts[70] = np.nan
    assert farrington.judge(counts, 70, 12, settings).expected is None


def test_too_few_cases_of_late_are_held_back() -> None:
    counts = [1, 0, 0, 0] * 18
    settings = Settings(years=5, half_window=1, periods=1, skipped=3)
    counts[-1] = 3
    found = farrington.judge(counts, 71, 12, settings)
    assert (found.is_held_back, found.bound, found.is_alarm) == (True, None, False)


def test_the_same_weekday_of_earlier_years_is_meant() -> None:
    """29 February counts as 1 March where there is none."""
    days = [date(2018, 1, 4) + timedelta(weeks=week) for week in range(330)]
    tested = days.index(date(2024, 2, 29))
    settings = Settings(years=2, half_window=0, periods=1, skipped=3)
    found = farrington.baseline(tested, 52, settings, days)
    assert found is not None
    assert [days[index] for index in found.indices] == [date(2022, 3, 3), date(2023, 3, 2)]


def test_blocks_of_a_gap_differ_by_one_at_most_the_longer_first() -> None:
    settings = Settings(years=1, half_window=1, periods=5, skipped=0)
    found = farrington.baseline(26, 24, settings)
    assert found is not None
    labels = found.labels.tolist()
    assert labels == [5, 5, 5] + [1] * 6 + [2] * 5 + [3] * 5 + [4] * 5 + [5]


def test_a_series_that_never_changes_is_judged_in_silence() -> None:
    settings = Settings(years=5, half_window=1, periods=4, skipped=3)
    found = farrington.judge([4] * 71 + [9], 71, 12, settings)
    assert found.expected == pytest.approx(4)
    assert not found.is_held_back
