"""Small counts: what an outsider may not see of a table, so that nobody is told of.

A count of 1 to 4 is hidden. A zero is shown, since it counts nobody and a list of fifty grounds
would else say nothing; only in a table of which nothing else can be shown it is hidden too.
A full disclosure control may take the place of this module.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

LEAST = 5
"""The smallest count that is shown, as in bulletins."""


@dataclass(frozen=True)
class ShownTable:
    """None is hidden. total: what the cells add up to."""

    total: int | None
    cells: Mapping[str, int | None]


def shown(number: int) -> int | None:
    """A number that stands alone."""
    return None if 0 < number < LEAST else number


def protect(cells: Mapping[str, int]) -> ShownTable:
    """Hide the small counts, and others until no hidden one follows from the rest and the total.

    Which cells are hidden depends on their values alone, and equal ones are hidden together: else
    who knows this rule could tell two hidden cells apart. That no cell can be told, even by who
    does know it, is tried on every small table in tests/annual_report/test_small_counts.py.
    """
    hidden = {name for name, number in cells.items() if 0 < number < LEAST}
    while hidden and _can_be_told([cells[name] for name in hidden]):
        rest = [number for name, number in cells.items() if number and name not in hidden]
        if not rest:
            break
        hidden |= {name for name, number in cells.items() if number == min(rest)}
    if hidden and not any(number for name, number in cells.items() if name not in hidden):
        # Zeros beside hidden cells alone: five ones would follow from a total of five.
        hidden = set(cells)
    return ShownTable(
        shown(sum(cells.values())),
        {name: None if name in hidden else number for name, number in cells.items()},
    )


def _can_be_told(hidden: Collection[int]) -> bool:
    """Whether the sum of the hidden cells says what each is: of one cell, or when all small cells
    must be the least or the most they can be."""
    if len(hidden) == 1:
        return True
    is_small = max(hidden) < LEAST
    return is_small and sum(hidden) in {len(hidden), len(hidden) * (LEAST - 1)}
