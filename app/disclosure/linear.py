"""Linear programmes by HiGHS, as scipy brings it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from app.disclosure.tables import Floats


@dataclass(frozen=True, eq=False)
class Solved:
    value: float
    at: Floats


def least(
    goal: Floats,
    rows: csr_array,
    values: Floats,
    limits: csr_array | None = None,
    upper: Floats | None = None,
) -> Solved | None:
    """The least of `goal` where rows are equal to `values`, `limits` at most `upper`, and nothing
    negative; None where nothing fits. Minus infinity where there is no least."""
    sparse: Any = linprog  # its types know no sparse matrices
    found = sparse(
        goal, A_eq=rows, b_eq=values, A_ub=limits, b_ub=upper, bounds=(0, None), method="highs"
    )
    if found.status == 0:
        return Solved(float(found.fun), np.asarray(found.x))
    if found.status in {3, 4}:
        return Solved(float("-inf"), np.empty(0))
    return None
