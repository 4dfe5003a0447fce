"""The same figures in every format: each is read back, cell by cell."""

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser

import openpyxl
import pytest

from app.documents.cleaning import cleaned
from app.documents.csv import status
from app.documents.domain import HIDDEN, Cell, ColumnKind, Document, Part, Table
from app.documents.look import DEFAULT_LOOK
from app.documents.numbers import NUMBERS, plain, seen_columns, written
from app.documents.writing import Format, write
from tests.makers.documents import make_document, make_table, make_yearly_report
from tests.makers.pdf_reading import elements, marked_texts, named, opened, page_numbers, text_of

Rows = list[list[str]]


@pytest.fixture(scope="module", params=["nl", "fr", "en"])
def report(request: pytest.FixtureRequest) -> Document:
    """As the formats see it."""
    return cleaned(make_yearly_report(request.param))


def content(document: Document, wanted: Format) -> bytes:
    return write(document, wanted, DEFAULT_LOOK).content


def as_seen(table: Table, language: str) -> Rows:
    seen = seen_columns(table)
    return [
        [written(row[at], table.columns[at].kind, language) for at in seen] for row in table.rows
    ]


def test_the_maker_makes_all_that_may_differ(report: Document) -> None:
    cells = [cell for table in report.tables for row in table.rows for cell in row]
    assert len(report.tables) == 25
    assert cells.count(HIDDEN) > 50
    assert cells.count(None) > 20
    assert {column.kind for table in report.tables for column in table.columns} == set(ColumnKind)


class _Tables(HTMLParser):
    """Rows of the tables of a page, without what is only read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Rows] = []
        self._in_cell = False
        self._aside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._in_cell = True
        elif tag == "span" and ("class", "aside") in attrs:
            self._aside = 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False
        elif tag == "span":
            self._aside = 0

    def handle_data(self, data: str) -> None:
        if self._in_cell and not self._aside:
            self.tables[-1][-1][-1] += data


def test_the_page_shows_every_cell(report: Document) -> None:
    reader = _Tables()
    reader.feed(content(report, Format.HTML).decode())
    assert len(reader.tables) == 25
    for (_head, *rows), table in zip(reader.tables, report.tables, strict=True):
        assert rows == as_seen(table, report.language)


def test_the_print_shows_every_cell(report: Document) -> None:
    with opened(content(report, Format.PDF)) as pdf:
        words, pages = marked_texts(pdf), page_numbers(pdf)
        read = [
            [
                [text_of(cell, words, pages) for cell in named(row, "TD")]
                for row in named(table, "TR")
                if named(row, "TD")
            ]
            for table in elements(pdf)
            if str(table.S) == "/Table"
        ]
    assert len(read) == 25
    for rows, table in zip(read, report.tables, strict=True):
        kinds = [table.columns[at].kind for at in seen_columns(table)]
        for found, expected in zip(rows, as_seen(table, report.language), strict=True):
            for kind, one, other in zip(kinds, found, expected, strict=True):
                # Lines of a label may be broken, within words too; a number is as it is.
                assert one == other if kind in NUMBERS else _close(one) == _close(other)


def _close(text: str) -> str:
    return re.sub("[\\s\u200b\u00ad\u2010-]", "", text)


def test_the_workbook_holds_every_cell(report: Document) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content(report, Format.XLSX)))
    assert len(book.sheetnames) == 26
    for sheet, table in zip(book.worksheets[1:], report.tables, strict=True):
        for place, row in enumerate(table.rows):
            for at, cell in enumerate(row):
                found = sheet.cell(place + 4, at + 1)
                _compare_sheet_cell(found.value, cell, table.columns[at].kind)
                assert found.data_type == (
                    "n" if isinstance(found.value, int | float) else "s"
                ) or (found.value is None)


def _compare_sheet_cell(found: object, cell: Cell, kind: ColumnKind) -> None:
    if cell is HIDDEN:
        assert found == "*"
    elif cell is None:
        assert found in ("–", None, "")  # noqa: RUF001  (the dash itself)
    elif isinstance(cell, str):
        assert found == cell
    else:
        assert isinstance(found, int | float)
        assert float(found) == pytest.approx(float(plain(cell, kind)), abs=1e-12)


def test_the_csv_holds_every_figure(report: Document) -> None:
    text = content(report, Format.CSV).decode("utf-8-sig")
    lines = {
        (line["table"], line["row"], line["column"]): line
        for line in csv.DictReader(io.StringIO(text))
    }
    expected = 0
    for table in report.tables:
        for number, row in enumerate(table.rows, 1):
            for at in seen_columns(table)[1:]:
                line = lines[table.name, str(number), table.columns[at].name]
                assert line["status"] == status(row[at])
                assert line["value"] == plain(row[at], table.columns[at].kind)
                expected += 1
    assert len(lines) == expected > 3000


def test_the_open_data_holds_every_cell(report: Document) -> None:
    with zipfile.ZipFile(io.BytesIO(content(report, Format.DATAPACKAGE))) as archive:
        told = json.loads(archive.read("datapackage.json"))
        for resource, table in zip(told["resources"], report.tables, strict=True):
            head, *rows = csv.reader(io.StringIO(archive.read(resource["path"]).decode()))
            assert head == [column.name for column in table.columns]
            for found, row in zip(rows, table.rows, strict=True):
                for one, cell, column in zip(found, row, table.columns, strict=True):
                    expected = ":" if cell is HIDDEN else plain(cell, column.kind)
                    assert one.removeprefix("'") == expected


def test_a_hidden_figure_is_zero_in_no_format() -> None:
    """A table of nothing but hidden figures: no digit stands where they would."""
    row: list[Cell] = ["a", "Alles", HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN]
    only = make_table(rows=[row], totals=frozenset())
    document = make_document(parts=[Part("p", "Beschermd", [only])])
    reader = _Tables()
    reader.feed(content(document, Format.HTML).decode())
    assert reader.tables[0][1] == ["Alles", *["*"] * 5]
    line = content(document, Format.CSV).decode("utf-8-sig").splitlines()[1]
    assert line.endswith(",,hidden")
    book = openpyxl.load_workbook(io.BytesIO(content(document, Format.XLSX)))
    assert [cell.value for cell in book.worksheets[1][4]] == ["a", "Alles", *["*"] * 5]
