"""What an attacker can tell about figures that are not shown: bounds by linear programming.

Written apart from the search for patterns, and knows only what an attacker knows: the figures that
are shown, what each adds up, and that no count is negative. Each bound is the optimum of a linear
programme over all latent counts that fit. Counts are whole numbers, and for an attacker who uses
that the interval can only be narrower; see `whole.py`.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from app.disclosure.linear import least
from app.disclosure.rules import Rule
from app.disclosure.tables import Floats, Mask, Tables, merged_columns


@dataclass(frozen=True, eq=False)
class Known:
    """All that is published. rows: sums x latents; values: what each adds up to."""

    rows: csr_array
    values: Floats


@dataclass(frozen=True, eq=False)
class Intervals:
    """The least and the most each target can be, in its order; high may be infinite."""

    low: Floats
    high: Floats


def known(tables: Tables, hidden: Mask) -> Known:
    """What a release of the tables tells everybody."""
    shown = np.flatnonzero(~hidden)
    rows = csr_array(vstack([tables.members[shown], tables.links], format="csr"))
    return Known(rows, np.concatenate([tables.counts[shown], np.zeros(tables.links.shape[0])]))


def together(parts: list[Known]) -> Known:
    """What several releases over the same latents tell together."""
    rows = csr_array(vstack([part.rows for part in parts], format="csr"))
    return Known(rows, np.concatenate([part.values for part in parts]))


def intervals(told: Known, targets: csr_array) -> Intervals:
    """targets: sums x latents whose bounds are asked.

    ValueError: what is published contradicts itself.
    """
    fitting = _Fitting(told, targets)
    low = np.array([fitting.extreme(number, 1) for number in range(targets.shape[0])])
    high = np.array([fitting.extreme(number, -1) for number in range(targets.shape[0])])
    return Intervals(low, high)


def audit(tables: Tables, hidden: Mask, rule: Rule) -> tuple[Intervals, Mask]:
    """Bounds of every small cell, in the order of the cells, and which of them are unprotected."""
    small = rule.small(tables)
    bounds = intervals(known(tables, hidden), csr_array(tables.members[np.flatnonzero(small)]))
    return bounds, ~rule.are_protected(bounds.low, bounds.high)


class _Fitting:
    """The latent counts that fit, with everything left out that cannot matter."""

    def __init__(self, told: Known, targets: csr_array) -> None:
        groups = merged_columns([told.rows, targets])
        first = np.unique(groups, return_index=True)[1]
        rows, wanted = told.rows[:, first], targets[:, first]
        # A sum of 0 without a minus makes all its parts 0.
        is_plain = np.asarray(rows.min(axis=1).todense()).ravel() >= 0
        zero = is_plain & (told.values == 0)
        free = np.asarray(abs(rows[zero]).sum(axis=0)).ravel() == 0
        kept = np.flatnonzero(free)
        left = np.flatnonzero(~zero)
        self.rows = csr_array(rows[left][:, kept])
        self.values = told.values[left]
        self.wanted = csr_array(wanted[:, kept])
        self.width = len(kept)

    def extreme(self, number: int, sign: int) -> float:
        """The least (sign 1) or the most (-1) target `number` can be."""
        row = self.wanted[[number]]
        if row.nnz == 0:
            return 0.0
        goal = np.zeros(self.width)
        goal[row.indices] = sign * row.data
        found = least(goal, self.rows, self.values)
        if found is None:
            raise ValueError("what is published contradicts itself")
        return sign * found.value + 0.0
