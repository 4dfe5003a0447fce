"""The scan of tiny series: a rise is found where it is, and more reports never hide it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.signals.budget import alarms, calibrate, discoveries
from app.signals.scan import ScanSettings, TooShortError, scan
from app.signals.tables import LEVELS, Counts, Level, Tables
from tests.signals.made_up import made_up_cells

MONTH = 47
CELL = (2, 1, 1)


def _cells() -> Counts:
    return made_up_cells(seed=3, shape=(5, 4, 3), months=48, total=40)


def _row(tables: Tables, level: Level, *place: int | None) -> int:
    wanted = tuple(-1 if at is None else at for at in place)
    scores = scan(tables, MONTH)
    return next(
        row
        for row in range(len(scores))
        if LEVELS[scores.level[row]] is level and tuple(scores.places[row]) == wanted
    )


def test_every_series_of_every_table_is_scored_once() -> None:
    scores = scan(Tables.from_leaf(_cells()), MONTH)
    assert len(scores) == 5 * 4 * 3 + 5 * 4 + 5 * 3 + 4 * 3 + 5 + 4 + 3 + 1
    assert len({(score.level, score.ground, score.domain, score.district) for score in scores}) == (
        len(scores)
    )
    assert scores[len(scores) - 1].level is Level.TOTAL


def test_a_rise_is_found_in_its_cell_and_leads_what_it_sets_off() -> None:
    cells = _cells()
    cells[(*CELL, slice(44, 48))] += np.array([3, 4, 3, 5])
    tables = Tables.from_leaf(cells)
    threshold = calibrate(tables, range(24, 44), budget=1.0)
    found = alarms(scan(tables, MONTH), threshold)
    leading = found[0].leading
    assert (leading.ground, leading.domain, leading.district) == CELL
    assert leading.level is Level.CELL
    assert leading.observed > 3 * leading.expected
    assert all(score.level is not Level.CELL for score in found[0].under)
    assert [alarm for alarm in found[1:] if alarm.leading.ground == CELL[0]] == []


def test_a_rise_of_a_whole_district_is_one_signal() -> None:
    cells = _cells()
    cells[:, :, 1, 46:48] += made_up_cells(seed=8, shape=(5, 4, 3), months=48, total=120)[
        :, :, 1, 46:48
    ]
    found = alarms(scan(Tables.from_leaf(cells), MONTH), 4.0)
    leading = found[0].leading
    assert (leading.level, leading.district) == (Level.DISTRICT, 1)
    assert found[0].under


def test_the_bound_is_the_count_above_which_it_alarms() -> None:
    cells = _cells()
    cells[(*CELL, 47)] += 6
    scores = scan(Tables.from_leaf(cells), MONTH)
    row = int(np.argmax(scores.score))
    bound = scores.bound(row, threshold=5.0)
    assert bound is not None
    for count, is_above in ((bound, False), (bound + 1, True)):
        place = scores[row]
        assert place.level is Level.CELL
        changed = cells.copy()
        changed[place.ground, place.domain, place.district, 47] = count
        again = scan(Tables.from_leaf(changed), MONTH)
        assert (again.score[row] >= 5.0) == is_above


def test_one_cell_in_many_tables_is_one_signal() -> None:
    cells = np.zeros((1, 1, 1, 48), dtype=int)
    cells[0, 0, 0, 47] = 5
    scores = scan(Tables.from_leaf(cells), MONTH)
    assert (scores.score > 3).sum() == len(LEVELS)
    assert len(alarms(scores, 3.0)) == 1


def test_two_rises_are_two_signals() -> None:
    cells = _cells()
    cells[(*CELL, slice(45, 48))] += 4
    cells[4, 3, 0, 45:48] += 4
    found = alarms(scan(Tables.from_leaf(cells), MONTH), 5.0)
    leading = [(one.leading.ground, one.leading.domain, one.leading.district) for one in found]
    assert sorted(leading) == [CELL, (4, 3, 0)]


def test_each_row_is_found_by_its_place() -> None:
    scores = scan(Tables.from_leaf(_cells()), MONTH)
    assert [scores.row_of(places) for places in scores.places] == list(range(len(scores)))


@settings(max_examples=25, deadline=None)
@given(
    ground=st.integers(0, 4),
    domain=st.integers(0, 3),
    district=st.integers(0, 2),
    month=st.integers(44, 47),
    more=st.integers(1, 40),
)
def test_more_reports_never_lower_a_score(
    ground: int, domain: int, district: int, month: int, more: int
) -> None:
    before = _cells()
    after = before.copy()
    after[ground, domain, district, month] += more
    low = scan(Tables.from_leaf(before), MONTH).score
    high = scan(Tables.from_leaf(after), MONTH).score
    assert np.all(high >= low)


def test_the_order_of_grounds_changes_nothing() -> None:
    cells = _cells()
    cells[(*CELL, slice(45, 48))] += 4
    order = np.array([3, 0, 4, 2, 1])
    straight = scan(Tables.from_leaf(cells), MONTH)
    mixed = scan(Tables.from_leaf(cells[order]), MONTH)
    by_place = {
        (score.level, score.ground, score.domain, score.district): score.score for score in straight
    }
    for score in mixed:
        ground = None if score.ground is None else int(order[score.ground])
        other = by_place[(score.level, ground, score.domain, score.district)]
        assert score.score == pytest.approx(other, abs=1e-9) or score.score == other


def test_a_short_history_says_so() -> None:
    with pytest.raises(TooShortError, match="12 are needed"):
        scan(Tables.from_leaf(_cells()), 14)
    assert len(scan(Tables.from_leaf(_cells()), 15)) > 0


def test_a_month_still_coming_in_hides_no_rise_and_counts_as_no_fall() -> None:
    cells = _cells()
    cells[(*CELL, 47)] += 3
    tables = Tables.from_leaf(cells)
    row = _row(tables, Level.CELL, *CELL)
    complete = np.ones(48)
    half = complete.copy()
    half[47] = 0.6
    assert scan(tables, MONTH, completeness=half).score[row] > scan(tables, MONTH).score[row]
    hardly = complete.copy()
    hardly[47] = 0.2
    judged = scan(tables, MONTH, completeness=hardly)
    assert judged.is_provisional
    assert judged.score[row] == pytest.approx(scan(tables, MONTH).score[row])


def test_the_budget_is_kept_over_the_past_it_was_set_on() -> None:
    tables = Tables.from_leaf(_cells())
    months = range(24, 48)
    threshold = calibrate(tables, months, budget=0.5)
    alarming = sum(int((scan(tables, month).score >= threshold).sum()) for month in months)
    assert alarming <= 0.5 * len(months)


def test_reports_with_several_grounds_count_once_in_their_district() -> None:
    cells = _cells()
    both = Tables.from_leaf(cells)
    once = Tables(
        **{
            str(level): getattr(both, level)
            if "ground" in level or level is Level.CELL
            else getattr(both, level) // 2
            for level in LEVELS
        }
    )
    scores = scan(once, MONTH)
    assert scores.mean[0].sum() == pytest.approx(scan(both, MONTH).mean[0].sum(), rel=0.25)


def test_tables_that_do_not_fit_are_refused() -> None:
    tables = Tables.from_leaf(_cells())
    names = {str(level): getattr(tables, level) for level in LEVELS}
    with pytest.raises(ValueError, match="district: shape"):
        Tables(**{**names, "district": tables.ground})


def test_few_reports_are_no_signal() -> None:
    cells = np.zeros((2, 2, 2, 48), dtype=int)
    cells[0, 0, 0, ::2] = 1
    cells[1, 1, 1, 46:48] = 1
    settings_ = ScanSettings(least_reports=3)
    scores = scan(Tables.from_leaf(cells), MONTH, settings_)
    assert scores.score[7] == -np.inf


def test_benjamini_and_hochberg_stands_beside_the_budget() -> None:
    p = np.array([0.0001, 0.2, 0.5, 0.9])
    assert discoveries(p, 0.05).tolist() == [True, False, False, False]
