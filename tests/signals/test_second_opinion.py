"""A bound from the years before, beside the scan; where there is none, the reason."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.signals import fits
from app.signals.farrington import Settings, judge
from app.signals.second_opinion import (
    MONTHS_OF_YEAR,
    WEEKS_OF_YEAR,
    NoOpinion,
    Opinion,
    second_opinion,
)
from app.signals.wording import opinion_sentence
from app.vocabulary.domain import Language


def _counts(months: int, mean: float = 4.0) -> list[int]:
    return [int(count) for count in np.random.default_rng(7).poisson(mean, months)]


def _opinion(counts: list[int], **more: object) -> Opinion:
    usual = {"of_year": MONTHS_OF_YEAR, "expected": 4.0, "completeness": [1.0] * len(counts)}
    return second_opinion(counts, **(usual | more))  # type: ignore[arg-type]


def test_the_bound_is_that_of_farrington() -> None:
    counts = [*_counts(83), 15]
    chosen = Settings(years=5, half_window=1, periods=4, skipped=3, least_cases=0)
    judged = judge(counts, 83, 12, chosen)
    found = _opinion(counts)
    assert found.bound == judged.bound
    assert found.expected == pytest.approx(judged.expected, abs=1e-4)
    assert (found.observed, found.is_above, found.reason) == (15, True, None)
    assert found.bound is not None
    assert _opinion([*counts[:-1], found.bound]).is_above is False
    assert _opinion([*counts[:-1], found.bound + 1]).is_above is True


def test_weeks_are_compared_with_the_same_weeks() -> None:
    counts = [*_counts(363), 20]
    found = _opinion(counts, of_year=WEEKS_OF_YEAR)
    assert found.is_above
    assert found.bound == judge(counts, 363, 52, Settings(least_cases=0)).bound


@pytest.mark.parametrize(
    ("counts", "expected", "reason"),
    [
        (_counts(37), 4.0, NoOpinion.TOO_SHORT),
        ([3], 4.0, NoOpinion.TOO_SHORT),
        (_counts(84), 0.9, NoOpinion.TOO_SPARSE),
        ([0] * 83 + [5], 1.5, NoOpinion.NOT_FITTED),
    ],
)
def test_what_cannot_be_judged_says_why(
    counts: list[int], expected: float, reason: NoOpinion
) -> None:
    assert _opinion(counts, expected=expected) == Opinion(counts[-1], reason=reason)


def test_three_years_and_a_month_are_enough() -> None:
    assert _opinion(_counts(38)).reason is None


def test_a_fit_that_was_stopped_gives_no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fits, "STEPS", 1)
    assert _opinion(_counts(84)).reason is NoOpinion.NOT_FITTED


def test_a_month_still_coming_in_is_held_to_what_is_in_by_now() -> None:
    counts = [*_counts(83), 5]
    whole, half = _opinion(counts), _opinion(counts, completeness=[1.0] * 83 + [0.5])
    assert whole.expected is not None
    assert half.expected == pytest.approx(whole.expected / 2, abs=1e-3)
    hardly = _opinion(counts, completeness=[1.0] * 83 + [0.1])
    assert hardly == whole


@settings(max_examples=60, deadline=None)
@given(st.lists(st.just(0) | st.integers(0, 80), min_size=1, max_size=90))
def test_whatever_the_counts_there_is_a_bound_or_a_reason(counts: list[int]) -> None:
    found = _opinion(counts)
    assert (found.bound is None) == (found.reason is not None)
    for language in Language:
        assert opinion_sentence(found, language, "2026-10")


def test_it_is_said_in_three_languages() -> None:
    above = Opinion(9, 2.0, 6, is_above=True)
    below = Opinion(6, 2.0, 6, is_above=False)
    assert opinion_sentence(above, Language.EN, "2026-10") == (
        "A second method finds it too: going by the same time of earlier years, more than 6 in"
        " October 2026 is unusual; there were 9."
    )
    assert "meer dan 6 in oktober 2026 ongewoon" in opinion_sentence(above, Language.NL, "2026-10")
    assert "plus de 6 en octobre 2026" in opinion_sentence(above, Language.FR, "2026-10")
    assert "does not find it" in opinion_sentence(below, Language.EN, "2026-10")
    said = {
        (reason, language): opinion_sentence(Opinion(9, reason=reason), language, "2026-10")
        for reason in NoOpinion
        for language in Language
    }
    assert len(set(said.values())) == len(said) == 9
