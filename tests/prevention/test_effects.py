"""Counts before and after an action: equal spans, an exact interval, words that claim no cause."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.prevention.domain import Verdict
from app.prevention.effects import LEAST_REPORTS, MOST_MONTHS, Spans, compare, share_in, spans
from app.prevention.wording import effect_sentence
from app.signals.domain import Cell, month_before, month_of, months_between
from app.vocabulary.domain import Language, Vocabulary

LONG_AGO = date(2015, 1, 1)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
LISTS = Vocabulary({})


@given(days, st.integers(0, 400), st.integers(0, 900))
def test_spans_are_as_long_and_hold_no_month_of_the_action(
    began: date, lasted: int, passed: int
) -> None:
    ended = began + timedelta(lasted)
    today = ended + timedelta(passed)
    found = spans(began, ended, since=LONG_AGO, today=today)
    assert len(found.before) == len(found.after) <= MOST_MONTHS
    if found.after:
        assert found.before[-1] == month_before(month_of(began))
        assert month_before(found.after[0]) == month_of(ended)
        assert found.after[-1] < month_of(today)
        assert list(found.before) == months_between(found.before[0], found.before[-1])


def test_spans_are_cut_where_nothing_was_counted_before() -> None:
    began, ended, today = date(2026, 5, 3), date(2026, 5, 20), date(2026, 12, 1)
    found = spans(began, ended, since=date(2026, 2, 14), today=today)
    assert found == Spans(["2026-03", "2026-04"], ["2026-06", "2026-07"])
    for since in (date(2026, 4, 2), None):
        found = spans(began, ended, since=since, today=today)
        assert (found.before, found.after[0]) == ([], "2026-06")
    assert spans(began, ended, since=LONG_AGO, today=date(2026, 6, 30)) == Spans([], [])


def _spans(months: int = 3) -> Spans:
    return Spans(
        [f"2026-{m:02}" for m in range(1, months + 1)], [f"2026-{m:02}" for m in (7, 8, 9)]
    )


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_interval_holds_the_ratio_and_the_verdict_follows_from_it(
    before: int, after: int
) -> None:
    found = compare(_spans(), before, after)
    if before + after < LEAST_REPORTS:
        assert (found.verdict, found.ratio, found.low) == (Verdict.TOO_FEW, None, None)
        return
    assert found.low is not None
    high = found.high if found.high is not None else float("inf")
    if found.ratio is not None:
        assert found.low <= found.ratio <= high
    assert (found.verdict is Verdict.FEWER) == (high < 1)
    assert (found.verdict is Verdict.MORE) == (found.low > 1)
    turned = compare(_spans(), after, before)
    mirrored = {Verdict.FEWER: Verdict.MORE, Verdict.MORE: Verdict.FEWER}
    assert turned.verdict is mirrored.get(found.verdict, found.verdict)


def test_known_figures() -> None:
    """By hand: Clopper and Pearson of 5 in 25 are 0.0683 and 0.4070, as odds 0.0733 and 0.6864."""
    found = compare(_spans(), 20, 5)
    assert (found.ratio, found.verdict) == (0.25, Verdict.FEWER)
    assert found.low == pytest.approx(0.0733, abs=0.001)
    assert found.high == pytest.approx(0.6864, abs=0.001)
    assert compare(_spans(), 0, 12).high is None


def test_what_is_still_to_come_is_allowed_for() -> None:
    shares = (1.0, share_in(["a", "b"], {"a": 0.6, "b": 0.4}))
    found = compare(_spans(), 20, 10, shares=shares)
    assert (found.ratio, found.is_complete) == (1.0, False)


def test_nothing_to_compare_with() -> None:
    assert compare(Spans([], []), 0, 0).verdict is Verdict.TOO_EARLY
    assert compare(Spans([], ["2026-07"]), 0, 40).verdict is Verdict.TOO_FEW
    assert compare(_spans(), 40, 0, is_known=False).verdict is Verdict.TOO_FEW


LIMITS = {
    Language.NL: "toont dit niet",
    Language.FR: "ne montre pas",
    Language.EN: "does not show",
}
CLAIMS = ("dankzij", "grâce", "thanks to", "because of the action", "door de actie")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("before", "after"), [(40, 8), (8, 40), (20, 19), (2, 1), (0, 30), (30, 0)]
)
def test_each_sentence_says_what_it_cannot_show(
    language: Language, before: int, after: int
) -> None:
    effect = compare(_spans(), before, after)
    said = effect_sentence(LISTS, language, Cell(domain="housing"), effect, is_of_peak=True)
    assert LIMITS[language] in said
    assert str(before) in said
    assert str(after) in said
    assert "{" not in said
    assert "inf" not in said
    assert "None" not in said
    assert not [claim for claim in CLAIMS if claim in said]


def test_a_sentence_in_full() -> None:
    effect = compare(_spans(), 20, 5)
    said = effect_sentence(LISTS, Language.EN, Cell(domain="housing"), effect, is_of_peak=False)
    assert said == (
        "20 reports about housing in the 3 months before (from January to March 2026), 5 in as"
        " much time after (from July to September 2026). That is fewer than chance alone usually"
        " gives (0.25 times as many, with 95% confidence between 0.07 and 0.69). This counts"
        " reports, not discrimination: an action can also lead more people to report. It does not"
        " show whether the action made the difference."
    )
