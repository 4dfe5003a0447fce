"""A score for series long enough for the Farrington model: the evidence of its last two weeks.

An outbreak seldom fills one week. Two weeks by the model's own expectation find more of them than
its bound at the same rate of false alarms (docs/signals-figures.md).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from app.signals import evidence
from app.signals.farrington_batch import Judgements
from app.signals.laws import Floats

WINDOWS = (0.0, 0.5)
DEVIATIONS = 2.0
"""The rise that is looked for, in standard deviations."""
THRESHOLD = 3.75
"""At which about one in a hundred quiet weeks alarms, over very different series."""
LEAST_MEAN = 0.02
LEAST_DISPERSION = 1.02
LEAST_SURE = 3.0
"""Standard error of the logarithm of a mean above which that mean says nothing."""


def rising(counts: NDArray[np.integer] | Floats, judged: Sequence[Judgements]) -> Floats:
    """Evidence for each series, a logarithm; above THRESHOLD it is a signal. More reports in these
    weeks never lower it.

    counts: series x 2, the week before and the tested one. judged: what `judge_many` said of each.
    """
    mean = np.stack([one.expected for one in judged], axis=1)
    error = np.stack([one.error for one in judged], axis=1)
    spread = np.stack([one.dispersion for one in judged], axis=1)
    mean = np.where(mean > LEAST_MEAN, mean, LEAST_MEAN)
    unknown = mean * np.where(error < LEAST_SURE, error, 1.0) ** 2
    dispersion = np.where(np.isnan(spread), 1.0, spread) + unknown
    dispersion = np.maximum(dispersion, LEAST_DISPERSION)
    rise = DEVIATIONS * np.sqrt(dispersion * mean)
    found = evidence.of_rise(np.asarray(counts, dtype=float), mean, dispersion, rise, WINDOWS)
    return np.asarray(special.logsumexp(found, axis=1), dtype=float)
