"""Which figures to hold back beside the small ones, so that none of those can be told.

Each small figure has two needs: a table that fits all that is shown and in which it is `least` or
less, and one in which it is `threshold` or more. For a need that nothing meets yet the cheapest
change of the tables is sought that meets it; what that change moves is held back too. In the end
everything is shown again that was held back for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from app.disclosure.linear import least
from app.disclosure.rules import TOLERANCE, Rule, costs
from app.disclosure.tables import Floats, Mask, Tables, merged_columns

MOST_CLEANED = 400
"""Figures that are tried to be shown again, the dearest first."""

FREE = 1e-6
"""What moving a figure costs that is held back anyway: little, so that fewer are moved."""


class RefusedError(Exception):
    """No pattern protects these figures. names: those that could be told."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{len(names)} figures could be told")
        self.names = list(names)


@dataclass(frozen=True)
class Need:
    """cell: a small figure. sign: 1, it must be able to be `bound` or more; -1, or less."""

    cell: int
    sign: int
    bound: float


def protect(tables: Tables, rule: Rule, *, shown: Mask, held: Mask) -> Mask:
    """True for what is held back. shown: cells that are known in any case; held: cells that were
    held back before and stay so. Raises RefusedError."""
    small = rule.small(tables)
    hidden = (small | held) & ~shown
    if not small.any():
        return hidden
    search = _Search(tables, rule, shown)
    must_hide = hidden.copy()
    while unmet := search.unmet(hidden):
        for need in unmet:
            hidden |= search.cheapest(hidden, need)
    spare = np.flatnonzero(hidden & ~must_hide)
    for cell in sorted(spare, key=lambda c: (-search.weights[c], c))[:MOST_CLEANED]:
        fewer = hidden.copy()
        fewer[cell] = False
        if not search.unmet(fewer):
            hidden = fewer
    return hidden


class _Search:
    def __init__(self, tables: Tables, rule: Rule, shown: Mask) -> None:
        groups = merged_columns([tables.members, tables.links])
        first = np.unique(groups, return_index=True)[1]
        self.names = tables.names
        self.rows = csr_array(tables.members[:, first])
        self.links = csr_array(tables.links[:, first])
        self.counts = tables.counts
        self.weights = costs(tables)
        self.threshold = float(rule.threshold)
        self.shown = shown
        self.needs = [
            need
            for cell in np.flatnonzero(rule.small(tables))
            for need in (
                Need(int(cell), -1, float(rule.least)),
                Need(int(cell), 1, float(rule.threshold)),
            )
            if need.sign * (need.bound - self.counts[cell]) > 0
        ]

    def unmet(self, hidden: Mask) -> list[Need]:
        """Needs that no table meets which fits what is shown. Many are met by one table, so that
        tables are sought that meet as many as they can; what none of them met is asked alone."""
        left = list(self.needs)
        known = np.flatnonzero(~hidden)
        for sign in (1, -1):
            while mine := [need for need in left if need.sign == sign]:
                met = self._met_together(known, mine)
                left = [need for need in left if need not in met]
                if not met:
                    break
        return [need for need in left if not self._is_met(known, need)]

    def _met_together(self, known: np.ndarray, needs: Sequence[Need]) -> set[Need]:
        """By the table in which the figures move furthest towards their bounds, all together."""
        cells = [need.cell for need in needs]
        sign, bound = needs[0].sign, needs[0].bound
        width, number = self.rows.shape[1], len(cells)
        # reach: how far each figure counts, the bound at most.
        fixed = csr_array(vstack([self.rows[known], self.links], format="csr"))
        rows = csr_array(hstack([fixed, csr_array((fixed.shape[0], number))], format="csr"))
        unit = csr_array(eye_array(number, format="csr"))
        targets = csr_array(self.rows[cells])
        if sign > 0:  # reach <= figure, reach <= bound; the most of all reaches
            limits = vstack(
                [hstack([-targets, unit]), hstack([csr_array((number, width)), unit])], format="csr"
            )
            upper = np.concatenate([np.zeros(number), np.full(number, bound)])
        else:  # reach >= figure - bound, reach >= 0; the least of all reaches
            limits = csr_array(hstack([targets, -unit], format="csr"))
            upper = np.full(number, bound)
        goal = np.concatenate([np.zeros(width), np.full(number, -float(sign))])
        found = least(goal, rows, self._values(known), csr_array(limits), upper)
        if found is None or len(found.at) == 0:
            return set()
        figures = targets @ found.at[:width]
        is_met = sign * (figures - bound) >= -TOLERANCE
        return {need for need, met in zip(needs, is_met, strict=True) if met}

    def _is_met(self, known: np.ndarray, need: Need) -> bool:
        fixed = csr_array(vstack([self.rows[known], self.links], format="csr"))
        goal = -need.sign * self.rows[[need.cell]].toarray()[0]
        found = least(goal, fixed, self._values(known))
        if found is None:
            raise ValueError("what is shown contradicts itself")
        return -found.value >= need.sign * need.bound - TOLERANCE

    def _values(self, known: np.ndarray) -> Floats:
        return np.concatenate([self.counts[known], np.zeros(self.links.shape[0])])

    def cheapest(self, hidden: Mask, need: Need) -> Mask:
        """What has to be held back, beside what is, so that the need can be met. Raises
        RefusedError where nothing does it."""
        width, cells = self.rows.shape[1], len(self.counts)
        free = np.flatnonzero(~self.shown)
        unit = csr_array(eye_array(cells, format="csr")[:, free])
        rows = csr_array(
            vstack(
                [
                    hstack([self.rows, -unit, unit]),
                    hstack([self.links, csr_array((self.links.shape[0], 2 * len(free)))]),
                ],
                format="csr",
            )
        )
        price = np.where(hidden[free], FREE, self.weights[free])
        goal = np.concatenate([np.zeros(width), price, price])
        target = csr_array(
            hstack([-need.sign * self.rows[[need.cell]], csr_array((1, 2 * len(free)))])
        )
        values = np.concatenate([self.counts, np.zeros(self.links.shape[0])])
        found = least(goal, rows, values, target, np.array([-need.sign * need.bound]))
        if found is None:
            raise RefusedError([self.names[need.cell]])
        moved = np.zeros(cells, dtype=bool)
        up, down = found.at[width : width + len(free)], found.at[width + len(free) :]
        moved[free] = up + down > TOLERANCE
        return moved
