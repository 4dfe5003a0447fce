"""Charts: what stands in the picture, what does not, and the same bytes again."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from app.documents.charts import COLOURS, draw
from app.documents.domain import HIDDEN, ChartKind
from app.documents.look import DEFAULT_LOOK, GRAPHIC_CONTRAST, contrast
from tests.makers.documents import make_chart, make_small_table, make_table

KINDS = list(ChartKind)


def drawn(kind: ChartKind, *, for_print: bool = False) -> str:
    table = make_small_table(3)
    assert any(cell is HIDDEN for row in table.rows for cell in row)
    series = ["s1", "s2", "s3", "s4"]
    chart = make_chart(table, kind=kind, categories="year", series=series)
    return draw(chart, "nl", DEFAULT_LOOK, for_print=for_print)


def texts(svg: str) -> str:
    return " ".join("".join(one.itertext()) for one in ElementTree.fromstring(svg).iter())  # noqa: S314


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_chart_gives_the_same_bytes(kind: ChartKind) -> None:
    assert drawn(kind) == drawn(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_names_its_series_and_says_what_is_hidden(kind: ChartKind) -> None:
    said = texts(drawn(kind))
    for name in ("Afkomst", "Leeftijd", "te weinig om te tonen"):
        assert name in said


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_fits_a_page_with_a_strict_policy(kind: ChartKind) -> None:
    svg = drawn(kind)
    for forbidden in ("style=", "<style", "<script", "<image", "<metadata"):
        assert forbidden not in svg
    ids = re.findall(r' id="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(one.startswith("grounds_chart-") or "chart" in one for one in ids)
    referred = re.findall(r"#([A-Za-z0-9_-]*chart-[A-Za-z0-9_-]+)", svg)
    assert set(referred) <= set(ids)


def test_the_print_has_letters_not_shapes() -> None:
    svg = drawn(ChartKind.LINES, for_print=True)
    assert "<text" in svg
    assert "Source Sans Pro" in svg


def test_a_hidden_bar_is_no_bar_of_zero() -> None:
    chart = make_chart(make_table())
    said = texts(draw(chart, "nl", DEFAULT_LOOK, for_print=True))
    assert "* beschermd" in said
    assert "1.204" in said
    assert "Totaal" not in said


def test_a_chart_without_any_number_is_drawn() -> None:
    table = make_table(rows=[["a", "A", HIDDEN, None, None, None, None]], totals=frozenset())
    for kind in ChartKind:
        assert draw(make_chart(table, kind=kind), "fr", DEFAULT_LOOK, for_print=True)
    empty = replace(table, rows=[])
    for kind in ChartKind:
        assert draw(make_chart(empty, kind=kind), "fr", DEFAULT_LOOK, for_print=True)


def test_what_people_wrote_is_text_in_a_chart() -> None:
    wicked = "<script>$x$ & \"'"
    table = make_table(rows=[["a", wicked, 3, 0.5, 1, 1, 1]], totals=frozenset())
    svg = draw(make_chart(table), "en", DEFAULT_LOOK, for_print=False)
    assert "<script" not in svg
    assert "<script>$x$ & \"'" in texts(svg)


def test_every_colour_is_seen_on_white() -> None:
    assert all(contrast(colour, "#ffffff") >= GRAPHIC_CONTRAST for colour in COLOURS)
