"""What counts as small, and how uncertain a hidden figure must stay."""

from dataclasses import dataclass

import numpy as np

from app.disclosure.tables import Floats, Mask, Tables

TOLERANCE = 1e-6
"""Of the bounds of linear programmes, in reports."""


@dataclass(frozen=True)
class Rule:
    """A figure is small when 1 to `threshold` - 1 people stand behind it. It is protected while who
    knows everything published must hold both `least` or fewer and `threshold` or more for possible.

    least is 1 and not 0: one of the people counted knows it is not 0, and must not learn either
    whether there are others. A zero counts nobody, so it is shown unless it would give away
    another figure. A percentage of the count would leave 3 of 3 to 4: whole counts are asked for.
    """

    threshold: int = 5
    least: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.least < self.threshold:
            raise ValueError("threshold: must be greater than least, and least 0 or more")

    def small(self, tables: Tables) -> Mask:
        """Which cells may not be shown for themselves."""
        people = tables.counts if tables.persons is None else tables.persons
        return np.asarray((people > 0) & (people < self.threshold))

    def are_protected(self, low: Floats, high: Floats) -> Mask:
        """low, high: the least and the most each cell can be for an attacker."""
        return np.asarray(
            (low <= self.least + TOLERANCE) & (high >= self.threshold - TOLERANCE), dtype=bool
        )


def costs(tables: Tables) -> Floats:
    """What hiding each cell loses: its count and one, so that hiding a zero is not free."""
    return tables.counts + 1
