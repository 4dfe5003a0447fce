"""Tails and quantiles of counts, against SciPy where that can be trusted."""

import numpy as np
import pytest
from scipy import stats

from app.signals import laws


@pytest.mark.parametrize("mean", [0.05, 0.7, 12.0, 400.0])
@pytest.mark.parametrize("dispersion", [1.0, 1.2, 3.0, 20.0])
def test_tails_and_quantiles(mean: float, dispersion: float) -> None:
    law = (
        stats.poisson(mean)
        if dispersion == 1
        else stats.nbinom(mean / (dispersion - 1), 1 / dispersion)
    )
    counts = np.unique(np.array([0, 1, 2, 5, mean, 2 * mean]).astype(int))
    assert laws.at_least(counts, mean, dispersion) == pytest.approx(law.sf(counts - 1))
    assert laws.at_most(counts, mean, dispersion) == pytest.approx(law.cdf(counts))
    assert laws.mid_p(counts, mean, dispersion) == pytest.approx(
        law.sf(counts) + law.pmf(counts) / 2
    )
    for level in (0.05, 0.5, 0.9, 0.999):
        assert laws.quantile(level, mean, dispersion) == law.ppf(level)


def test_the_far_tail_is_no_zero() -> None:
    assert 0 < laws.at_least(80, 0.5, 1.5) < 1e-30


def test_a_huge_mean_is_no_trap() -> None:
    found = float(laws.quantile(0.99, 1e7, 5.0))
    assert found == pytest.approx(1e7 + 2.326 * np.sqrt(5e7), rel=1e-5)
