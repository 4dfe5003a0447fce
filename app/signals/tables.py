"""Counts of reports by ground, domain and district, and every table of totals of it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.integer]


class Level(StrEnum):
    """What a series is of: one ground, domain and district, or the total over some of them."""

    CELL = "cell"
    GROUND_DOMAIN = "ground_domain"
    GROUND_DISTRICT = "ground_district"
    DOMAIN_DISTRICT = "domain_district"
    GROUND = "ground"
    DOMAIN = "domain"
    DISTRICT = "district"
    TOTAL = "total"


LEVELS = tuple(Level)
FIXED: dict[Level, tuple[bool, bool, bool]] = {
    Level.CELL: (True, True, True),
    Level.GROUND_DOMAIN: (True, True, False),
    Level.GROUND_DISTRICT: (True, False, True),
    Level.DOMAIN_DISTRICT: (False, True, True),
    Level.GROUND: (True, False, False),
    Level.DOMAIN: (False, True, False),
    Level.DISTRICT: (False, False, True),
    Level.TOTAL: (False, False, False),
}
"""Which of ground, domain and district a level holds fixed."""


@dataclass(frozen=True)
class Tables:
    """One array of whole counts for each level, its axes in the order ground, domain, district,
    month, without those that are summed: `cell` has four, `ground_domain` three, `total` one.

    A report with several grounds counts in the cell of each, and once in tables without grounds:
    these are then no sums of the cells. Build from such reports by counting each table.
    """

    cell: Counts
    ground_domain: Counts
    ground_district: Counts
    domain_district: Counts
    ground: Counts
    domain: Counts
    district: Counts
    total: Counts

    def __post_init__(self) -> None:
        if self.cell.ndim != len(FIXED[Level.CELL]) + 1:
            raise ValueError("cell: needs the axes ground, domain, district, month")
        for level in LEVELS:
            if getattr(self, level).shape != self.shape(level, summed=False):
                raise ValueError(f"{level}: shape does not fit that of cell")

    @classmethod
    def from_leaf(cls, cell: Counts) -> "Tables":
        """All totals by summing: right where each report counts in one cell."""
        sums = {
            str(level): cell.sum(axis=tuple(axis for axis in range(3) if not FIXED[level][axis]))
            for level in LEVELS
        }
        return cls(**sums)

    @property
    def months(self) -> int:
        return int(self.cell.shape[-1])

    def shape(self, level: Level, *, summed: bool = True) -> tuple[int, ...]:
        """summed: axes that are summed stay, with length 1."""
        sizes = [
            size if fixed else 1
            for size, fixed in zip(self.cell.shape[:3], FIXED[level], strict=True)
            if fixed or summed
        ]
        return (*sizes, self.months)

    def of(self, level: Level) -> NDArray[np.float64]:
        """Four axes at every level, of length 1 where summed."""
        counts: Counts = getattr(self, level)
        return counts.astype(float).reshape(self.shape(level))
