"""Names of figures, texts around them, and the way to publication."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.publications.domain import (
    Change,
    DraftState,
    Figure,
    Review,
    ReviewDecision,
    approving,
    canonical,
    differences,
    inserted,
    mark,
    named_figures,
    names_in,
    state_of,
    wrong_names,
)
from app.publications.writing import written
from app.vocabulary.domain import Language

SOMEBODY = UUID(int=1)
APPROVE, RETURN = ReviewDecision.APPROVE, ReviewDecision.RETURN


def _year(year: int, **reports: Any) -> dict[str, Any]:
    return {"year": year, "first_day": f"{year}-01-01", "reports": reports}


def test_every_number_of_a_year_has_a_name_and_earlier_years_say_which() -> None:
    this = _year(
        2026,
        total=12,
        answer={"median_days": None, "within_promise": 0.5},
        by_month=[{"month": 1, "reports": 3}],
        by_ground={"mentions": 4, "rows": [{"code": "age", "label": "leeftijd", "reports": 4}]},
        by_crossing_grounds=[{"grounds": ["age", "sex"], "reports": 1}],
        by_place=[{"place": None, "reports": 7}],
        meetings=[{"kind": "core", "label": "x", "held": 3, "norm": 4, "state": "not_met"}],
    )
    assert named_figures([this, _year(2025, total=9)]) == {
        "reports.total": 12,
        "reports.answer.median_days": None,
        "reports.answer.within_promise": 0.5,
        "reports.by_month.1": 3,
        "reports.by_ground.mentions": 4,
        "reports.by_ground.rows.age": 4,
        "reports.by_crossing_grounds.age.sex": 1,
        "reports.by_place.not_said": 7,
        "reports.meetings.core.held": 3,
        "reports.meetings.core.norm": 4,
        "reports.total@2025": 9,
    }


def test_a_text_may_name_figures_only() -> None:
    known: dict[str, Figure] = {"reports.total": 1, "reports.by_place.Genk-Noord": 2}
    text = "{{reports.total}} en {{ reports.by_place.Genk-Noord }}, {{ reports.total }}"
    assert wrong_names(text, known) == []
    assert names_in(text) == ["reports.total", "reports.by_place.Genk-Noord"]
    assert wrong_names("{{ reports.totl }} {{}} {{ open", known) == ["reports.totl", "", "{{"]
    assert wrong_names("accolades { } alone say nothing", known) == []


@given(st.lists(st.sampled_from(["a", "b.c", "d@2025"])), st.text(alphabet="xyz {}%$\\1"))
def test_what_is_inserted_is_the_figure_and_nothing_else_changes(
    names: list[str], around: str
) -> None:
    known = {"a": "1.234", "b.c": "\\1 {{ a }}", "d@2025": "geen cijfer"}
    plain = around.replace("{{", "").replace("}}", "")
    text = plain + "|" + "|".join(f"{{{{ {name} }}}}" for name in names)
    expected = plain + "|" + "|".join(known[name] for name in names)
    assert inserted(text, known) == expected


@pytest.mark.parametrize(
    ("name", "value", "language", "text"),
    [
        ("reports.total", 12345, Language.NL, "12.345"),
        ("reports.total", 12345, Language.FR, "12\u202f345"),
        ("reports.total@2025", 12345, Language.EN, "12,345"),
        ("cases.closure.median_days", 41.5, Language.NL, "41,5"),
        ("resolutions.negotiated_resolution_share", 0.4267, Language.NL, "42,7\u00a0%"),
        ("reports.answer.within_promise@2024", 1.0, Language.EN, "100.0\u00a0%"),
        ("reports.answer.median_days", None, Language.FR, "pas de chiffre"),
        ("reports.total", 0, Language.NL, "0"),
    ],
)
def test_a_figure_is_written_as_its_language_does(
    name: str, value: Figure, language: Language, text: str
) -> None:
    assert written(name, value, language) == text


def test_only_the_last_review_of_this_very_draft_lets_it_be_published() -> None:
    good = Review(APPROVE, "d1", 0, SOMEBODY)
    assert approving("d1", [good], []) == good
    assert approving("d2", [good], []) is None
    assert approving("d1", [good, Review(RETURN, "d1", 0, SOMEBODY)], []) is None
    assert approving("d1", [good], ["d1"]) is None, "used for the first version"
    again = Review(APPROVE, "d1", 1, SOMEBODY)
    assert approving("d1", [good, again], ["d1"]) == again


def test_the_state_of_a_draft() -> None:
    good = Review(APPROVE, "d1", 0, SOMEBODY)
    assert state_of("d1", [], []) is DraftState.DRAFT
    assert state_of("d1", [good], []) is DraftState.REVIEWED
    assert state_of("d1", [good], ["d1"]) is DraftState.PUBLISHED
    assert state_of("d2", [good], ["d1"]) is DraftState.DRAFT


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=6))
def test_the_mark_is_of_the_content_not_of_its_order(content: dict[str, int]) -> None:
    turned = dict(reversed(list(content.items())))
    assert mark(canonical(content)) == mark(canonical(turned))
    assert mark(canonical(content | {"one more": 1})) != mark(canonical(content))


FIGURES = st.dictionaries(st.sampled_from("abcdef"), st.none() | st.integers(0, 3))


@given(FIGURES, FIGURES)
def test_differences_lead_from_what_was_published_to_today(
    published: dict[str, Figure], today: dict[str, Figure]
) -> None:
    changes = differences(published, today)
    now = published | {change.name: change.today for change in changes}
    known = published.keys() | today.keys()
    assert {name: now.get(name) for name in known} == {name: today.get(name) for name in known}
    assert differences(today, today) == []
    assert all(change.published != change.today for change in changes)


def test_a_figure_that_is_new_or_gone_is_told() -> None:
    assert differences({"a": 1, "b": 2}, {"b": 2, "c": 3}) == [
        Change("a", 1, None),
        Change("c", None, 3),
    ]
