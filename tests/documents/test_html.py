"""The page: one file without a script, that is read by keys, aloud, and at any width."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from app.documents.domain import Document, Part, Text
from app.documents.look import DEFAULT_LOOK, Logo, Look
from app.documents.writing import Format, Written, write
from tests.makers.documents import WICKED, make_document, make_table, make_yearly_report

VOID = {"meta", "link", "img", "br", "hr", "path", "use", "rect"}


class _Page(HTMLParser):
    """The elements of a page, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.found if name == tag]


def written(document: Document, look: Look = DEFAULT_LOOK) -> Written:
    return write(document, Format.HTML, look)


def page_of(document: Document, look: Look = DEFAULT_LOOK) -> _Page:
    return _Page(written(document, look).content.decode())


@pytest.fixture(scope="module")
def page() -> _Page:
    return page_of(make_yearly_report())


def test_every_element_is_closed_and_every_id_there_once(page: _Page) -> None:
    assert page.open == []
    ids = [attrs["id"] for _tag, attrs in page.found if "id" in attrs]
    assert len(ids) == len(set(ids)) > 50


def test_every_link_inside_leads_somewhere(page: _Page) -> None:
    ids = {attrs["id"] for _tag, attrs in page.found if "id" in attrs}
    for link in page.all("a"):
        href = link["href"]
        assert href.startswith(("https://", "mailto:")) or href.removeprefix("#") in ids
    for _tag, attrs in page.found:
        if "aria-labelledby" in attrs:
            assert attrs["aria-labelledby"] in ids


def test_it_holds_no_script_and_fetches_nothing(page: _Page) -> None:
    for tag in ("script", "iframe", "object", "embed", "form", "base", "link", "input"):
        assert page.all(tag) == []
    for _tag, attrs in page.found:
        assert not [name for name in attrs if name.startswith("on") or name in ("style", "src")]
    assert len(page.all("style")) == 1


def test_the_policy_allows_its_own_style_and_nothing_else() -> None:
    answer = written(make_document())
    assert answer.policy is not None
    (style,) = re.findall("<style>(.*?)</style>", answer.content.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in answer.policy
    assert answer.policy.startswith("default-src 'none';")
    assert "unsafe" not in answer.policy
    assert "script-src" not in answer.policy
    assert "frame-ancestors 'none'" in answer.policy


def test_headings_nest_without_gaps(page: _Page) -> None:
    levels = [int(tag[1]) for tag, _attrs in page.found if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_a_caption_and_scopes_and_wide_ones_are_moved_by_keys(page: _Page) -> None:
    assert len(page.all("table")) == len(page.all("caption")) == 25
    assert {attrs["scope"] for attrs in page.all("th")} == {"col", "row"}
    regions = [one for one in page.all("div") if one.get("role") == "region"]
    assert len(regions) == 25 + 8
    assert all(one["tabindex"] == "0" and one["aria-labelledby"] for one in regions)


def test_charts_say_what_they_show_and_lead_to_their_table(page: _Page) -> None:
    pictures = page.all("svg")
    assert len(pictures) == 8
    assert all(one["role"] == "img" and one["aria-label"] for one in pictures)
    assert len([a for a in page.all("a") if a["href"].startswith("#table-")]) == 8


def test_languages_are_told(page: _Page) -> None:
    assert page.all("html") == [{"lang": "nl"}]
    assert [one["lang"] for one in page.all("div") if "lang" in one] == ["fr"]
    skip, *_others = page.all("a")
    assert skip == {"class": "skip", "href": "#content"}


def test_a_draft_and_a_working_document_say_so() -> None:
    text = written(make_document(version=None, is_public=False)).content.decode()
    assert "Ontwerp · Werkdocument, niet voor publicatie" in text
    assert 'name="robots" content="noindex"' in text
    assert "Ontwerp" not in written(make_document()).content.decode()


def test_the_logo_is_in_the_page() -> None:
    look = Look("Stad Genk", "#5a1f5c", "#00785a", Logo(b"<svg/>", "image/svg+xml", 'W"apen'))
    page = page_of(make_document(), look)
    (image,) = page.all("img")
    assert image["alt"] == 'W"apen'
    assert image["src"].startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    "text",
    [WICKED, '"><img src=x onerror=alert(1)>', "</style><script>1</script>", "'onload='x",
     "{{ 7*7 }}",
     "[a](https://x.org/\"onclick=\"y)", "<https://x.org/'\"><script>>"],
)  # fmt: skip
def test_what_people_wrote_is_text(text: str) -> None:
    table = make_table(title=text, notes=[text], rows=[["a", text, 1, 0.5, 1, 1, 1]])
    document = make_document(
        title=text, subtitle=text, publisher=text, facts=[(text, text)], notes=[text],
        keywords=[text], parts=[Part("p", text, [Text(text), table])],
    )  # fmt: skip
    plain = page_of(replace(document, parts=[Part("p", "x", [Text("x"), make_table()])]))
    page = page_of(document)
    assert page.open == []
    assert {tag for tag, _attrs in page.found} <= {tag for tag, _a in plain.found} | {"a", "em"}
    for _tag, attrs in page.found:
        assert not [name for name in attrs if name.startswith("on") or name == "style"]
    assert "49" not in re.sub("<style>.*?</style>", "", written(document).content.decode())
