"""Trend over years: does a ground or domain rise or fall, how fast, and how sure is that?

Years with enough reports: quasi-Poisson, which allows for clumping. Few reports: exact, conditional
on their sum, with an interval made wider for the clumping that they cannot show. Tiny numbers are
refused, they would tell of people and not of a trend.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from app.signals import fits
from app.signals.laws import Floats

Whole = NDArray[np.int_]

LEAST_YEARS = 3
LEAST_REPORTS = 10
FEW_REPORTS = 50
CONFIDENCE = 0.95
"""Of the intervals."""

CLUMPING = 1.4
"""Variance by mean of few reports, too few to tell their own: as `expectation.Prior` takes it."""

STEEPEST = 5.0
"""Of the logarithm, a year: bounds the search for the ends of an interval."""


class Direction(StrEnum):
    """unclear: the interval holds 'no change'. too_few: nothing is said."""

    RISING = "rising"
    FALLING = "falling"
    UNCLEAR = "unclear"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class Trend:
    """change, low, high: factor from one year to the next, 1 is no change; None when too few.

    low may be 0 and high infinite, change either, where it is too steep to tell. is_exact: found
    by the exact method.
    """

    direction: Direction
    change: float | None
    low: float | None
    high: float | None
    is_exact: bool


TOO_FEW = Trend(Direction.TOO_FEW, None, None, None, is_exact=False)


def trend(
    counts: Sequence[int],
    exposure: Sequence[float] | None = None,
    *,
    confidence: float = CONFIDENCE,
) -> Trend:
    """counts: by year, without gaps, oldest first. exposure: share of each year that was counted,
    0..1 (less than 1: a year still running; 0: nothing was registered, and the count is 0), None:
    whole years. confidence: of the interval, 0..1.
    """
    weights = np.ones(len(counts)) if exposure is None else np.array(exposure, dtype=float)
    years = np.flatnonzero(weights)
    reports, weights = np.array(counts, dtype=int)[years], weights[years]
    if years.size < LEAST_YEARS or reports.sum() < LEAST_REPORTS:
        return TOO_FEW
    is_exact = bool(reports.sum() < FEW_REPORTS)
    find = _exact if is_exact else _quasi_poisson
    with np.errstate(over="ignore"):  # all in the first or last year: any steepness would do
        change, low, high = (
            float(np.exp(end)) for end in find(years, reports, weights, confidence)
        )
    direction = Direction.UNCLEAR
    if low > 1:
        direction = Direction.RISING
    elif high < 1:
        direction = Direction.FALLING
    return Trend(direction, change, low, high, is_exact)


def _quasi_poisson(
    years: Whole,
    reports: Whole,
    weights: Floats,
    confidence: float,
) -> tuple[float, float, float]:
    columns = np.column_stack([np.ones(years.size), years])
    fit = fits.poisson(reports, columns, np.log(weights))
    freedom = len(years) - 2
    dispersion = max(1.0, float(np.sum((reports - fit.mean) ** 2 / fit.mean)) / freedom)
    error = float(np.sqrt(fit.inverse[1, 1] * dispersion))
    slope = float(fit.coefficients[1])
    reach = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    return slope, slope - reach, slope + reach


def _exact(
    years: Whole,
    reports: Whole,
    weights: Floats,
    confidence: float,
) -> tuple[float, float, float]:
    """Given their number, each report falls in a year by chance; the sum of years tells all of the
    trend. The ends of the interval are the slopes at which it would be as far off, mid-p."""
    number, seen = int(reports.sum()), int(years @ reports)
    # By the normal law: as wide as clumped reports would make it.
    tail = float(stats.norm.sf(stats.norm.isf((1 - confidence) / 2) * np.sqrt(CLUMPING)))

    def above(slope: float) -> float:
        law = _law_of_sum(number, years, weights, slope)
        return float(law[seen + 1 :].sum() + law[seen] / 2)

    def middle(slope: float) -> float:
        law = _law_of_sum(number, years, weights, slope)
        return float(np.arange(law.size) @ law) - seen

    first, last = number * int(years[0]), number * int(years[-1])
    centre = _crossing(middle, 0.0)
    low = -np.inf if seen == first else _crossing(above, tail)
    high = np.inf if seen == last else _crossing(above, 1 - tail)
    return centre, low, high


def _crossing(above: Callable[[float], float], level: float) -> float:
    """Where what rises with the slope comes to the level; infinite where that is too steep."""
    if above(-STEEPEST) > level:
        return -np.inf
    if above(STEEPEST) < level:
        return np.inf
    return float(optimize.brentq(lambda slope: above(slope) - level, -STEEPEST, STEEPEST))


def _law_of_sum(number: int, years: Whole, weights: Floats, slope: float) -> Floats:
    """Chance of each sum of years (from 0) of so many reports."""
    share = np.zeros(years[-1] + 1)
    share[years] = weights * np.exp(slope * years - max(slope * years[0], slope * years[-1]))
    share /= share.sum()
    law = np.ones(1)
    for _ in range(number):
        law = np.convolve(law, share)
    return law
