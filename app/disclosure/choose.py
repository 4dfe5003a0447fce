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

MOST_ALONE, WORTH_IT = 8, 4
"""Needs that are sought one by one; the fewest that a table for many has to meet."""

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
    search.seek_together(hidden)
    for need in search.needs:
        if not search.is_met(hidden, need):
            hidden |= search.cheapest(hidden, need)
    spare = np.flatnonzero(hidden & ~must_hide)
    for cell in sorted(spare, key=lambda c: (-search.weights[c], c))[:MOST_CLEANED]:
        fewer = hidden.copy()
        fewer[cell] = False
        if all(search.is_met(fewer, need, ask=True) for need in search.needs):
            hidden = fewer
    # Each table that meets a need is the proof that it is met: none without one.
    if told := sorted({n.cell for n in search.needs if not search.is_met(hidden, n)}):
        raise RefusedError([tables.names[cell] for cell in told])
    return hidden


class _Found:
    """Tables that were found. One serves every pattern that shows only figures it leaves alone."""

    def __init__(self, rows: csr_array, counts: Floats) -> None:
        self._rows, self._counts = rows, counts
        self._figures: list[Floats] = []
        self._moved: list[Mask] = []

    def add(self, table: Floats) -> None:
        figures = np.asarray(self._rows @ table, dtype=float)
        self._figures.append(figures)
        self._moved.append(np.abs(figures - self._counts) > TOLERANCE)

    def meet(self, hidden: Mask, need: Need) -> bool:
        return any(
            need.sign * (figures[need.cell] - need.bound) >= -TOLERANCE
            and not np.any(moved & ~hidden)
            for figures, moved in zip(reversed(self._figures), reversed(self._moved), strict=True)
        )


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
        self.tables = _Found(self.rows, self.counts)
        self.needs = [
            need
            for cell in np.flatnonzero(rule.small(tables))
            for need in (
                Need(int(cell), -1, float(rule.least)),
                Need(int(cell), 1, float(rule.threshold)),
            )
            if need.sign * (need.bound - self.counts[cell]) > 0
        ]

    def is_met(self, hidden: Mask, need: Need, *, ask: bool = False) -> bool:
        """Whether a table meets it that fits what is shown: one that was found before, or, if
        asked, one that is sought."""
        if self.tables.meet(hidden, need):
            return True
        if not ask:
            return False
        known = np.flatnonzero(~hidden)
        fixed = csr_array(vstack([self.rows[known], self.links], format="csr"))
        values = np.concatenate([self.counts[known], np.zeros(self.links.shape[0])])
        goal = -need.sign * self.rows[[need.cell]].toarray()[0]
        found = least(goal, fixed, values)
        if found is None:
            raise ValueError("what is shown contradicts itself")
        if -found.value < need.sign * need.bound - TOLERANCE:
            return False
        if len(found.at):
            self.tables.add(found.at)
        return True

    def seek_together(self, hidden: Mask) -> None:
        """Tables that meet many needs at once: figures move towards their bounds all together."""
        for sign in (1, -1):
            left = [need for need in self.needs if need.sign == sign]
            while len(left) > MOST_ALONE:
                met = self._met_together(hidden, left)
                left = [need for need in left if need not in met]
                if len(met) < WORTH_IT:
                    break

    def _met_together(self, hidden: Mask, needs: Sequence[Need]) -> set[Need]:
        cells = [need.cell for need in needs]
        sign, bound = needs[0].sign, needs[0].bound
        width, number = self.rows.shape[1], len(cells)
        known = np.flatnonzero(~hidden)
        fixed = csr_array(vstack([self.rows[known], self.links], format="csr"))
        rows = csr_array(hstack([fixed, csr_array((fixed.shape[0], number))], format="csr"))
        unit = csr_array(eye_array(number, format="csr"))
        targets = csr_array(self.rows[cells])
        # A variable for each figure: how far it is above its bound (down), or below it (up).
        limits = csr_array(hstack([-sign * targets, -unit], format="csr"))
        upper = np.full(number, -sign * bound)
        goal = np.concatenate([np.zeros(width), np.ones(number)])
        values = np.concatenate([self.counts[known], np.zeros(self.links.shape[0])])
        found = least(goal, rows, values, limits, upper)
        if found is None:
            return set()
        table = found.at[:width]
        self.tables.add(table)
        is_met = sign * (targets @ table - bound) >= -TOLERANCE
        return {need for need, met in zip(needs, is_met, strict=True) if met}

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
        self.tables.add(found.at[:width])
        moved = np.zeros(cells, dtype=bool)
        up, down = found.at[width : width + len(free)], found.at[width + len(free) :]
        moved[free] = up + down > TOLERANCE
        return moved
