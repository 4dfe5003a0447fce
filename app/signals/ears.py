"""EARS C1 and C2: a bound from the seven points before, for series younger than a year.

Source: Hutwagner et al. 2003 (J. Urban Health 80:i89).
"""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

POINTS = 7


class Ears(StrEnum):
    """C1 ends its baseline just before the tested point, C2 two points earlier."""

    C1 = "C1"
    C2 = "C2"


SKIPPED = {Ears.C1: 0, Ears.C2: 2}


def bound(counts: ArrayLike, tested: int, method: Ears, *, alpha: float = 0.001) -> float | None:
    """Above which count the point with this index is unusual. alpha: one-sided, 0..1.

    None: fewer than seven points before. A baseline without any spread gives its own mean.
    """
    end = tested - SKIPPED[method]
    if end < POINTS:
        return None
    past = np.asarray(counts, dtype=float)[end - POINTS : end]
    return float(past.mean() + special.ndtri(1 - alpha) * past.std(ddof=1))
