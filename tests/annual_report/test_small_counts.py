"""What is hidden stays hidden, also from who knows the rule and subtracts."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.annual_report.small_counts import LEAST, ShownTable, protect, shown


def _tables(cells: int, total: int) -> Iterator[tuple[int, ...]]:
    """Every table of so many cells that adds up to the total."""
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _tables(cells - 1, total - first):
            yield (first, *rest)


def _shown(table: tuple[int, ...]) -> ShownTable:
    return protect({str(place): number for place, number in enumerate(table)})


def _told(table: tuple[int, ...]) -> tuple[int | None, ...]:
    found = _shown(table)
    return (found.total, *found.cells.values())


@pytest.mark.parametrize("cells", [1, 2, 3, 4, 5])
def test_no_hidden_cell_follows_from_what_is_shown(cells: int) -> None:
    """Every table is protected, and those that then look the same are laid side by side: each
    hidden cell must have different values in them."""
    behind: dict[tuple[int | None, ...], list[tuple[int, ...]]] = defaultdict(list)
    for total in range(25):
        for table in _tables(cells, total):
            behind[_told(table)].append(table)
    hidden = 0
    for told, tables in behind.items():
        for place, number in enumerate(told[1:]):
            if number is None:
                hidden += 1
                assert len({table[place] for table in tables}) > 1, (told, tables)
    assert hidden


COUNTS = st.integers(0, 60) | st.integers(0, 6)
TABLES = st.lists(COUNTS, min_size=1, max_size=12).map(tuple)


@given(TABLES)
def test_no_small_count_is_shown_and_what_is_shown_is_true(table: tuple[int, ...]) -> None:
    found = _shown(table)
    for number, cell in zip(table, found.cells.values(), strict=True):
        assert cell is None or (cell == number and (number == 0 or number >= LEAST))
    assert found.total is None or found.total == sum(table)
    hidden = [n for n, cell in zip(table, found.cells.values(), strict=True) if cell is None]
    assert len(hidden) != 1 or found.total is None
    if not any(0 < number < LEAST for number in table):
        assert hidden == []


@given(TABLES)
def test_a_hidden_cell_could_be_another(table: tuple[int, ...]) -> None:
    """One count taken from a cell and given to another, or two cells exchanged: for each hidden
    cell such a table looks the same."""
    padded = (*table, 0)  # a table has a row with nobody; without one only the small proof holds
    told = _told(padded)
    places = range(len(padded))
    for place in places:
        if told[place + 1] is not None:
            continue
        others = [
            other
            for second in places
            if second != place
            for other in _neighbours(padded, place, second)
        ]
        assert any(o[place] != padded[place] and _told(o) == told for o in others), padded


def _neighbours(table: tuple[int, ...], one: int, two: int) -> Iterator[tuple[int, ...]]:
    for moved in (table[one] - table[two], 1, -1):
        other = list(table)
        other[one] -= moved
        other[two] += moved
        if min(other) >= 0:
            yield tuple(other)


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(table: tuple[int, ...], chance: object) -> None:
    order = list(range(len(table)))
    chance.shuffle(order)  # type: ignore[attr-defined]  # a Random; its type has no public name
    one = _shown(table).cells
    other = _shown(tuple(table[place] for place in order)).cells
    assert [one[str(place)] for place in order] == list(other.values())


def test_a_number_alone() -> None:
    assert [shown(number) for number in range(7)] == [0, None, None, None, None, 5, 6]
