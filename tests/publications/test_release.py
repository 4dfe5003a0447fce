"""What everybody may see of a year: nothing small, and nothing from which it follows."""

import random

import pytest

from app.disclosure.rules import Rule
from app.publications.release import YearRelease, release_of_year, revealed
from tests.makers.released import MadeReport, MadeYear, bounds_of_hidden, made_report, made_year

RULE = Rule()


def _release(year: MadeYear, held: frozenset[str] = frozenset()) -> YearRelease:
    return release_of_year(year.figures(), year.crossings(), RULE, held=held)


def _attack(year: MadeYear, release: YearRelease) -> None:
    truth = year.figures()
    for name, value in release.figures.items():
        assert value == truth[name]
        assert not 0 < float(value or 0) < RULE.threshold, name
    for name, (low, high) in bounds_of_hidden(year, release).items():
        assert low <= 1 + 1e-6, (name, low, high)
        assert high >= RULE.threshold - 1e-6, (name, low, high)


@pytest.mark.parametrize("seed", range(25))
def test_who_knows_a_release_cannot_tell_a_small_figure(seed: int) -> None:
    rng = random.Random(seed)
    year = made_year(rng, rng.randint(1, 300))
    _attack(year, _release(year))


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(1000, 2000))
def test_who_knows_the_release_of_one_of_a_thousand_bureaus_cannot_tell_a_small_figure(
    seed: int,
) -> None:
    rng = random.Random(seed)
    year = made_year(rng, rng.randint(20, 500))
    _attack(year, _release(year))


def test_every_small_figure_is_hidden_and_every_other_one_is_shown_or_hidden() -> None:
    year = made_year(random.Random(7), 120)
    release = _release(year)
    truth = year.figures()
    assert release.figures.keys() | release.hidden == truth.keys()
    assert not release.figures.keys() & release.hidden
    assert {n for n, v in truth.items() if 0 < float(v or 0) < 5} <= release.hidden


def test_the_same_figures_give_the_same_release_in_any_order() -> None:
    year = made_year(random.Random(11), 150)
    turned = MadeYear(tuple(reversed(year.reports)))
    first, second = _release(year), _release(turned)
    assert first.hidden == second.hidden
    assert first.figures == second.figures


def test_a_year_without_reports_shows_its_zeros() -> None:
    release = _release(MadeYear(()))
    assert release.figures["reports.counted"] == 0
    assert not release.hidden


def test_a_year_of_three_reports_hides_all_that_counts_somebody() -> None:
    year = made_year(random.Random(3), 3)
    release = _release(year)
    assert all(value == 0 for value in release.figures.values())


def test_what_a_version_held_back_a_correction_holds_back_too() -> None:
    rng = random.Random(5)
    year = made_year(rng, 80)
    first = _release(year)
    later = MadeYear((*year.reports, *(made_report(rng) for _ in range(30))))
    second = _release(later, frozenset(first.hidden))
    assert first.hidden & later.figures().keys() <= second.hidden


def _both(before: MadeYear, after: MadeYear) -> list[str]:
    first = _release(before)
    second = _release(after, frozenset(first.hidden))
    return revealed(
        (before.figures(), before.crossings(after), first),
        (after.figures(), after.crossings(before), second),
        RULE,
    )


def test_a_late_report_in_a_cell_that_was_empty_is_told_by_both_versions() -> None:
    plain = [MadeReport(("age",), "employment", "phone") for _ in range(20)]
    others = [MadeReport(("sex",), "housing", "phone") for _ in range(20)]
    before = MadeYear((*plain, *others))
    after = MadeYear((*before.reports, MadeReport(("age",), "housing", "phone")))
    assert "reports.by_ground_and_domain.age.housing" in _both(before, after)


def test_a_late_report_among_many_tells_nothing() -> None:
    plain = [MadeReport(("age",), "employment", "phone") for _ in range(20)]
    others = [MadeReport(("sex",), "housing", "phone") for _ in range(20)]
    before = MadeYear((*plain, *others))
    after = MadeYear((*before.reports, MadeReport(("age",), "employment", "phone")))
    assert _both(before, after) == []
