"""Laws of counts: Poisson, and negative binomial with a variance of `dispersion` times the mean.

Everything here takes and gives arrays that broadcast together. The tails come from the incomplete
beta and gamma functions, quantiles by bisection on them: `scipy.stats.nbinom.ppf` walks in steps
of one and can stall on large means.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

NEARLY_POISSON = 1 + 1e-9
"""Below this dispersion the negative binomial is computed as a Poisson law."""


def at_most(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """P(Y <= count). count: whole, below 0 gives 0. mean > 0. dispersion: 1 or less is Poisson."""
    return 1 - at_least(np.asarray(count, dtype=float) + 1, mean, dispersion)


def at_least(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """P(Y >= count), exact also far in the tail."""
    number, average, spread = np.broadcast_arrays(
        np.asarray(count, dtype=float), np.asarray(mean, float), np.asarray(dispersion, float)
    )
    wanted = np.maximum(number, 1)
    poisson = special.gammainc(wanted, average)
    wide = spread > NEARLY_POISSON
    excess = np.where(wide, spread - 1, 1.0)
    overdispersed = special.betainc(wanted, average / excess, excess / (1 + excess))
    return np.where(number <= 0, 1.0, np.where(wide, overdispersed, poisson))


def mid_p(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """P(Y > count) + P(Y = count) / 2: uniform on average, where P(Y >= count) is too cautious."""
    number = np.asarray(count, dtype=float)
    return (at_least(number, mean, dispersion) + at_least(number + 1, mean, dispersion)) / 2


def quantile(level: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> Floats:
    """The smallest whole q with P(Y <= q) >= level. level: 0..1, below 1."""
    share, average, spread = np.broadcast_arrays(
        np.asarray(level, dtype=float), np.asarray(mean, float), np.asarray(dispersion, float)
    )

    def reached(count: Floats) -> NDArray[np.bool_]:
        return at_least(count + 1, average, spread) <= 1 - share

    return first_beyond(reached, average)


def first_beyond(reached: Callable[[Floats], NDArray[np.bool_]], start: ArrayLike) -> Floats:
    """The smallest whole number at which `reached` holds, for each place of the arrays.

    reached: from counts to truth, false up to a number and true from it on. start: any estimate.
    """
    above = np.ceil(np.asarray(start, dtype=float)) + 1
    while not np.all(hit := reached(above)):
        above = np.where(hit, above, above * 2 + 1)
    below = np.full_like(above, -1.0)
    while np.any(above - below > 1):
        middle = np.floor((above + below) / 2)
        hit = reached(middle)
        above, below = np.where(hit, middle, above), np.where(hit, below, middle)
    return np.asarray(above, dtype=float)
