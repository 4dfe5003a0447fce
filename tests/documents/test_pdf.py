"""The print is accessible: what PDF/UA-1 asks and a program can see. veraPDF is not needed here."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pikepdf
import pytest

from app.documents import typesetting
from app.documents.domain import Chart, Document, Text
from app.documents.look import DEFAULT_LOOK, Logo, Look
from app.documents.pdf import PrintError
from app.documents.writing import Format, write
from tests.makers.documents import (
    LONG_LABEL,
    NO_BREAK,
    WICKED,
    make_document,
    make_table,
    make_yearly_report,
)
from tests.makers.pdf_reading import (
    elements,
    fonts,
    marked_texts,
    named,
    opened,
    page_numbers,
    text_of,
    unmarked_paints,
)

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
    b'<rect width="40" height="20"/></svg>'
)


def pdf_of(document: Document, look: Look = DEFAULT_LOOK) -> pikepdf.Pdf:
    return opened(write(document, Format.PDF, look).content)


@pytest.fixture(scope="module")
def report() -> Document:
    return make_yearly_report()


@pytest.fixture(scope="module")
def pdf(report: Document) -> Iterator[pikepdf.Pdf]:
    with pdf_of(report) as opened_pdf:
        yield opened_pdf


def test_it_says_that_it_is_tagged_which_language_and_which_title(pdf: pikepdf.Pdf) -> None:
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang).startswith("nl")
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as told:
        assert told["pdfuaid:part"] == "1"
        assert told["dc:title"] == "Jaarverslag gelijke behandeling 2025"
        assert told["dc:creator"] == ["Stad Genk"]


def test_it_is_of_the_size_of_a_yearly_report(pdf: pikepdf.Pdf) -> None:
    assert 20 <= len(pdf.pages) <= 30


def test_every_chart_has_a_text_and_every_table_has_headers(
    pdf: pikepdf.Pdf, report: Document
) -> None:
    charts = [one for part in report.parts for one in part.blocks if isinstance(one, Chart)]
    alternatives = [str(one.Alt) for one in elements(pdf) if str(one.S) == "/Figure"]
    assert alternatives == [one.alternative for one in charts]
    tables = [one for one in elements(pdf) if str(one.S) == "/Table"]
    assert len(tables) == len(report.tables) == 25
    for table in tables:
        heads = named(table, "TH")
        assert heads
        for head in heads:
            attributes = head.A if isinstance(head.A, pikepdf.Array) else [head.A]
            assert any(str(one.get("/Scope", "")) == "/Column" for one in attributes)
        widths = {len(named(row, "TD")) or len(named(row, "TH")) for row in named(table, "TR")}
        assert widths == {len(heads)}


def test_headings_nest_without_gaps(pdf: pikepdf.Pdf) -> None:
    levels = [int(str(one.S)[2:]) for one in elements(pdf) if re.match(r"/H\d", str(one.S))]
    assert len(levels) > 20
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_all_letters_are_in_it_and_can_be_read(pdf: pikepdf.Pdf) -> None:
    assert fonts(pdf)
    for font in fonts(pdf):
        described = font.DescendantFonts[0].FontDescriptor
        assert {"/FontFile2", "/FontFile3"} & set(described.keys())
        assert "/ToUnicode" in font
        assert any(name in str(font.BaseFont) for name in ("SourceSansPro", "DejaVuSans"))


def test_nothing_is_painted_outside_of_the_tags(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        assert unmarked_paints(page) == []
        assert page.obj.Tabs == "/S"


def test_the_contents_lead_to_the_parts(pdf: pikepdf.Pdf, report: Document) -> None:
    entries = [one for one in elements(pdf) if str(one.S) == "/TOCI"]
    assert len(entries) >= len(report.parts) + 1
    assert all(named(entry, "Link") for entry in entries)
    links = [one for page in pdf.pages for one in page.obj.get("/Annots", [])]
    assert links
    for link in links:
        assert "/Contents" in link or "/StructParent" in link
        target = link.A.get("/URI", "https://") if "/A" in link else "https://"
        assert str(target).startswith(("https://", "mailto:"))
    with pdf.open_outline() as outline:
        assert len(outline.root) >= len(report.parts) + 1


def test_it_runs_and_holds_nothing_else(pdf: pikepdf.Pdf) -> None:
    assert not {"/OpenAction", "/AA", "/AcroForm", "/Names"} & set(pdf.Root.keys())
    raw = b"".join(bytes(str(one), "utf-8") for one in pdf.objects if _is_dictionary(one))
    assert b"/JavaScript" not in raw
    assert b"/Launch" not in raw


def _is_dictionary(one: object) -> bool:
    return isinstance(one, pikepdf.Dictionary)


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_the_same_document_gives_the_same_bytes(language: str) -> None:
    document = make_document(language=language)
    first = write(document, Format.PDF, DEFAULT_LOOK)
    assert first == write(document, Format.PDF, DEFAULT_LOOK)
    with opened(first.content) as pdf:
        assert str(pdf.Root.Lang).startswith(language)


def test_what_people_wrote_is_text_and_no_markup() -> None:
    wicked = ['#panic("x")', '#read("/etc/passwd")', WICKED, "$ x $", "= a", "@b", "<c>", "*d*"]
    rows = [[str(at), text, at, 0.5, 1, 1, 1] for at, text in enumerate(wicked)]
    document = make_document(title=wicked[0], subtitle=wicked[1], publisher=WICKED, notes=wicked)
    document = replace(
        document,
        parts=[
            replace(document.parts[0], title=WICKED, blocks=[Text(WICKED), make_table(rows=rows)])
        ],
    )
    with pdf_of(document) as pdf:
        words, pages = marked_texts(pdf), page_numbers(pdf)
        (table,) = (one for one in elements(pdf) if str(one.S) == "/Table")
        said = [text_of(named(row, "TD")[0], words, pages) for row in named(table, "TR")[1:]]
    assert [_close(one) for one in said] == [_close(one) for one in wicked]


def _close(text: str) -> str:
    return re.sub("[\\s\u200b]", "", text)


@pytest.mark.parametrize(
    "text",
    [
        "漢字", "العربية", "עברית", "हिन्दी", "ไทย", "\U0001f600\U0001f3f3\ufe0f\u200d\U0001f308",
        "\ue000", "e\u0301", "a\u200bb", "\U0001d518", NO_BREAK, LONG_LABEL, "\ufffc", "x" * 3000,
        "\u2028", "\ufb01", "", " ",
    ],
)  # fmt: skip
def test_letters_that_no_font_has_do_not_stop_a_print(text: str) -> None:
    table = make_table(rows=[["a", text, 1, 0.5, 1, 1, 1]], totals=frozenset())
    document = make_document(subtitle=text)
    part = replace(document.parts[0], title=text or "x", blocks=[Text(f"**{text}**"), table])
    with pdf_of(replace(document, parts=[part])) as pdf:
        assert len(pdf.pages) >= 4


def test_the_logo_stands_on_the_cover_with_its_text() -> None:
    look = Look("Stad Genk", "#5a1f5c", "#00785a", Logo(SVG, "image/svg+xml", "Wapen van Genk"))
    with pdf_of(make_document(), look) as pdf:
        figures = [str(one.Alt) for one in elements(pdf) if str(one.S) == "/Figure"]
    assert figures[0] == "Wapen van Genk"


def test_a_print_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.documents.pdf._template", lambda: '#panic("no")')
    with pytest.raises(PrintError, match=r"^a print ended with 1$") as found:
        write(make_document(), Format.PDF, DEFAULT_LOOK)
    assert "panicked" in found.value.details


@pytest.mark.parametrize(("bound", "value"), [("MOST_BYTES", 50_000_000), ("MOST_SECONDS", 0)])
def test_a_print_that_takes_too_much_is_ended(
    monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(typesetting, bound, value)
    with pytest.raises(PrintError):
        write(make_yearly_report(), Format.PDF, DEFAULT_LOOK)


def test_a_print_leaves_no_memory_behind() -> None:
    """Typst in this process held 40 MB more after each."""
    document = make_document()
    write(document, Format.PDF, DEFAULT_LOOK)
    assert "typst" not in sys.modules
