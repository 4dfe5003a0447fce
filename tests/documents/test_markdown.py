"""Texts of people: what they may hold, and what is left as it was typed."""

import pytest

from app.documents.markdown import Node, NodeKind, parse, plain_text


def kinds(nodes: list[Node]) -> list[NodeKind]:
    return [node.kind for node in nodes]


def all_nodes(nodes: list[Node]) -> list[Node]:
    return [one for node in nodes for one in [node, *all_nodes(list(node.children))]]


def test_a_text_has_headings_paragraphs_and_lists() -> None:
    nodes = parse("# Kop\n\nEen *mooie* **dag**.\n\n- a\n- b\n\n3. c\n4. d\n\n> citaat\n\n---\n")
    assert kinds(nodes) == [
        NodeKind.HEADING, NodeKind.PARAGRAPH, NodeKind.BULLETS, NodeKind.NUMBERED,
        NodeKind.QUOTE, NodeKind.RULE,
    ]  # fmt: skip
    assert nodes[3].start == 3
    assert plain_text(nodes[1:2]) == "Een mooie dag."


def test_headings_never_skip_a_level() -> None:
    nodes = parse("### c\n\n# a\n\n###### f\n\n###### g\n\n## b\n")
    assert [node.level for node in nodes] == [1, 1, 2, 3, 2]


def test_a_heading_inside_of_a_list_or_quote_is_a_bold_paragraph() -> None:
    (quote,) = parse("> # Kop\n")
    assert quote.children[0].kind is NodeKind.PARAGRAPH
    assert quote.children[0].children[0].kind is NodeKind.STRONG


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '<img src="x" onerror="y">', "a <b>c</b>", "<!-- x -->"]
)
def test_html_stays_text(text: str) -> None:
    assert plain_text(parse(text)) == text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc", "/x"])
def test_a_link_elsewhere_stays_text(url: str) -> None:
    nodes = parse(f"[hier]({url})")
    assert not [node for node in all_nodes(nodes) if node.url]
    assert "hier" in plain_text(nodes)


@pytest.mark.parametrize("url", ["https://example.org/a?b=c", "mailto:a@example.org"])
def test_a_link_to_a_page_or_an_address_is_one(url: str) -> None:
    assert [node.url for node in all_nodes(parse(f"[hier]({url})")) if node.url] == [url]


def test_a_picture_is_its_description() -> None:
    nodes = parse("Zie ![de **kaart**](https://example.org/x.png) hier.")
    assert plain_text(nodes) == "Zie de kaart hier."
    assert not [node for node in all_nodes(nodes) if node.url]


def test_a_text_that_nests_without_end_is_read() -> None:
    assert parse(">" * 5000 + " a")
    assert parse("[" * 5000)
