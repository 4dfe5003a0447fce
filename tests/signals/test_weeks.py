"""Two weeks of evidence beside the bound of one."""

import numpy as np

from app.signals import weeks
from app.signals.farrington import Settings
from app.signals.farrington_batch import judge_many

SETTINGS = Settings(least_cases=0)
TESTED = 311


def _counts() -> np.ndarray[tuple[int, int], np.dtype[np.int_]]:
    return np.random.default_rng(4).negative_binomial(6, 0.6, (6, 312))


def _rising(
    counts: np.ndarray[tuple[int, int], np.dtype[np.int_]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    judged = [judge_many(counts, week, 52, SETTINGS) for week in (TESTED - 1, TESTED)]
    return weeks.rising(counts[:, TESTED - 1 :], judged)


def test_two_raised_weeks_are_a_signal_that_neither_is_alone() -> None:
    counts = _counts()
    counts[:, TESTED - 1 :] = 4
    assert (_rising(counts) < weeks.THRESHOLD).all()
    counts[2, TESTED - 1 :] = 10
    found = _rising(counts)
    assert found[2] > weeks.THRESHOLD
    for week in (TESTED - 1, TESTED):
        once = counts.copy()
        once[2, week] = 4
        assert _rising(once)[2] < weeks.THRESHOLD


def test_more_reports_never_lower_the_evidence() -> None:
    last = -np.inf
    for count in range(40):
        counts = _counts()
        counts[1, TESTED - 1] = 3
        counts[1, TESTED] = count
        now = _rising(counts)[1]
        assert now >= last
        last = now


def test_a_series_without_any_past_is_scored_all_the_same() -> None:
    counts = np.zeros((1, 312), dtype=int)
    assert _rising(counts)[0] < weeks.THRESHOLD
    counts[0, TESTED - 1 :] = 3
    assert _rising(counts)[0] > weeks.THRESHOLD
