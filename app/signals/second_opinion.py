"""A bound from the same time of the years before, beside what the scan says of a signal.

The improved Farrington method (`farrington`; Noufaily et al. 2013, Stat. Med. 32:1206) looks at
one series alone and knows nothing of the others. Where both agree there is less to doubt; where
they do not, people see it. It needs a series of some size: of what it cannot judge it says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.signals.farrington import Settings, Variance, judge

LEAST_YEARS = 3
MOST_YEARS = 5
LEAST_EXPECTED = 1.0
"""Reports a month or week: with fewer the model mistakes chance for a season."""
LEAST_COMPLETENESS = 0.5
"""Below it the last point is judged as if complete, as the scan does."""

MONTHS_OF_YEAR, WEEKS_OF_YEAR = 12, 52


class NoOpinion(StrEnum):
    """Why there is no bound. not_fitted: the model found no answer to these counts."""

    TOO_SHORT = "too_short"
    TOO_SPARSE = "too_sparse"
    NOT_FITTED = "not_fitted"


@dataclass(frozen=True)
class Opinion:
    """Of the last month or week alone. bound: more than that is unusual, once in a hundred.

    observed, expected, bound: counts. reason: None where there is a bound.
    """

    observed: int
    expected: float | None = None
    bound: int | None = None
    is_above: bool | None = None
    reason: NoOpinion | None = None


def second_opinion(
    counts: Sequence[int], *, of_year: int, expected: float, completeness: Sequence[float]
) -> Opinion:
    """counts: by month or week, the last one judged. of_year: how many make a year, 12 or 52.

    expected: of the last one by the scan. completeness: share of each that is in, 0 < c <= 1.
    Never raises for counts, whatever they are.
    """
    observed, tested = counts[-1], len(counts) - 1
    settings = _settings(of_year, tested)
    if settings.years < LEAST_YEARS:
        return Opinion(observed, reason=NoOpinion.TOO_SHORT)
    if expected < LEAST_EXPECTED:
        return Opinion(observed, reason=NoOpinion.TOO_SPARSE)
    complete = np.array(completeness, dtype=float)
    complete[complete < LEAST_COMPLETENESS] = 1.0
    with np.errstate(all="ignore"):
        judged = judge(counts, tested, of_year, settings, population=complete)
    if judged.expected is None or judged.bound is None or not judged.has_settled:
        return Opinion(observed, reason=NoOpinion.NOT_FITTED)
    bound = int(judged.bound)
    return Opinion(observed, round(judged.expected, 4), bound, is_above=observed > bound)


def _settings(of_year: int, tested: int) -> Settings:
    half = 1 if of_year == MONTHS_OF_YEAR else 3
    return Settings(
        years=min(MOST_YEARS, max(0, tested - half) // of_year),
        half_window=half,
        periods=4 if of_year == MONTHS_OF_YEAR else 10,
        skipped=3 if of_year == MONTHS_OF_YEAR else 26,
        least_cases=0,
        variance=Variance.CORRECTED,
    )
