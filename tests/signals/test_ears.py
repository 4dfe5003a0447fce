"""EARS bounds are the published ones, point by point."""

import numpy as np
import pytest

from app.signals import ears
from app.signals.ears import Ears
from tests.signals.reference import NAMES, runs


@pytest.mark.parametrize("name", NAMES)
def test_every_point_of_every_reference_run(name: str) -> None:
    points = 0
    for run in runs(name):
        if run.is_farrington:
            continue
        method = Ears(run.arguments["method"])
        for place, reference in enumerate(run.bounds):
            tested = run.first + place
            bound = ears.bound(run.counts, tested, method, alpha=run.arguments["alpha"])
            assert bound == pytest.approx(reference, rel=1e-6, abs=1e-6)
            assert bound is not None
            assert (run.counts[tested] > bound) == (place in run.alarms)
            points += 1
    assert points > 100


def test_without_seven_points_before_there_is_no_bound() -> None:
    counts = np.array([2, 3, 1, 4, 2, 2, 3, 9, 4, 6])
    assert ears.bound(counts, 6, Ears.C1) is None
    assert ears.bound(counts, 7, Ears.C1) is not None
    assert ears.bound(counts, 8, Ears.C2) is None
    assert ears.bound(counts, 9, Ears.C2) is not None
