"""A workbook: what it is on the first sheet, each table on one of its own.

What is text stays text, whatever it begins with: no formula, no link. What is hidden is its sign.
"""

import io
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from app.documents.domain import HIDDEN, Cell, Column, ColumnKind, Document, Table
from app.documents.look import Look
from app.documents.numbering import table_numbers
from app.documents.numbers import HUNDRED, NUMBERS
from app.documents.signs import colophon, notes_below, signs, state
from app.documents.wording import HIDDEN_SIGN, MISSING_SIGN, WORDS
from app.documents.zips import packed, unpacked

MOST_LETTERS = 31
"""Of the name of a sheet."""
FORMATS = {
    ColumnKind.INTEGER: "#,##0",
    ColumnKind.DECIMAL: "#,##0.##",
    ColumnKind.SHARE: "0.0%",
    ColumnKind.CENTS: '#,##0.00\\ "€"',
    ColumnKind.HUNDREDTHS: "#,##0.00",
}
NARROWEST, WIDEST = 9, 48
_NOT_IN_NAMES = re.compile(r"[^\w ,.()-]")
"""More than a sheet may not be called by: the name stands in an expression of the workbook too."""


def workbook(document: Document, look: Look) -> bytes:
    """The same document gives the same bytes."""
    book = Workbook(write_only=True)
    _first_sheet(book, document, look)
    numbers = table_numbers(document)
    for table, name in zip(document.tables, sheet_names(document), strict=True):
        _table_sheet(book, name, numbers[table.name], table, document, look)
    moment = document.as_of.replace(tzinfo=None, microsecond=0)
    book.properties.title = document.title
    book.properties.creator = document.publisher
    book.properties.language = document.language
    book.properties.created = moment
    written = io.BytesIO()
    book.save(written)
    files = unpacked(written.getvalue())
    core = files["docProps/core.xml"]
    fixed = rb"\g<1>" + moment.isoformat().encode() + rb"Z\g<2>"
    files["docProps/core.xml"] = re.sub(
        rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)", fixed, core
    )
    return packed(files, moment)


def sheet_names(document: Document) -> list[str]:
    """Of the tables: number and title, cut to what a sheet may be called, each once."""
    names = []
    for number, table in enumerate(document.tables, 1):
        title = " ".join(_NOT_IN_NAMES.sub(" ", table.title).split())
        names.append(f"{number} {title}"[:MOST_LETTERS].strip())  # the number makes it one
    return names


def _first_sheet(book: Workbook, document: Document, look: Look) -> None:
    words = WORDS[document.language]
    sheet = book.create_sheet(words.contents[:MOST_LETTERS])
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["B"].width = 90
    title = Font(bold=True, size=16, color=_argb(look.colour))
    head = Font(bold=True, size=12, color=_argb(look.colour))
    wrapped = Alignment(wrap_text=True, vertical="top")

    def line(*texts: str, font: Font | None = None) -> None:
        cells = [_text(sheet, text, font) for text in texts]
        for cell in cells[1:]:
            cell.alignment = wrapped
        sheet.append(cells)

    line(document.title, font=title)
    line(document.subtitle)
    said = state(document)
    if said:
        line(said, font=Font(bold=True))
    line()
    for label, value in colophon(document):
        line(label, value)
    line()
    line(words.contents, font=head)
    for name, table in zip(sheet_names(document), document.tables, strict=True):
        line(name, table.title)
    line()
    line(words.reading, font=head)
    for sign, meaning in signs(document):
        line(sign, meaning)
    if document.notes:
        line()
        line(words.notes, font=head)
        for note in document.notes:
            line("", note)


def _table_sheet(
    book: Workbook, name: str, number: int, table: Table, document: Document, look: Look
) -> None:
    words = WORDS[document.language]
    sheet = book.create_sheet(name)
    for at, width in enumerate(_widths(table), 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = f"{get_column_letter(_labels(table) + 1)}4"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    heading = Font(bold=True, size=13, color=_argb(look.colour))
    sheet.append([_text(sheet, f"{words.table} {number}. {table.title}", heading)])
    sheet.append([])
    sheet.append([_head(sheet, column, look) for column in table.columns])
    for place, row in enumerate(table.rows):
        cells = [
            _cell(sheet, cell, column)
            for cell, column in zip(row, table.columns, strict=True)
        ]  # fmt: skip
        if place in table.totals:
            for cell in cells:
                cell.font = Font(bold=True)
                cell.border = Border(top=Side("thin", color=_argb(look.colour)))
        sheet.append(cells)
    sheet.append([])
    for note in notes_below(table, document):
        sheet.append([_text(sheet, note, Font(italic=True, color="FF595959"))])


def _labels(table: Table) -> int:
    """Columns up to the one that names the row, which stay in sight."""
    kinds = [column.kind for column in table.columns]
    return next((at for at, kind in enumerate(kinds, 1) if kind is not ColumnKind.CODE), 1)


def _widths(table: Table) -> Iterable[float]:
    for at, column in enumerate(table.columns):
        texts = [str(row[at]) for row in table.rows if isinstance(row[at], str)]
        words = max((len(word) for word in column.title.split()), default=0)
        longest = max([words, *(len(text) for text in texts)])
        yield max(NARROWEST, min(WIDEST, longest + 3))


def _head(sheet: Any, column: Column, look: Look) -> SheetCell:
    cell = _text(sheet, column.title, Font(bold=True, color="FFFFFFFF"))
    cell.fill = PatternFill("solid", start_color=_argb(look.colour))
    side = "right" if column.kind in NUMBERS else "left"
    cell.alignment = Alignment(wrap_text=True, vertical="bottom", horizontal=side)
    return cell


def _cell(sheet: Any, cell: Cell, column: Column) -> SheetCell:
    if cell is HIDDEN or cell is None:
        sign = _text(sheet, HIDDEN_SIGN if cell is HIDDEN else MISSING_SIGN)
        if cell is None and column.kind not in NUMBERS:
            sign = _text(sheet, "")
        sign.alignment = Alignment(horizontal="right" if column.kind in NUMBERS else "left")
        return sign
    if isinstance(cell, str):
        text = _text(sheet, cell)
        text.alignment = Alignment(wrap_text=True, vertical="top")
        return text
    in_hundredths = column.kind in (ColumnKind.CENTS, ColumnKind.HUNDREDTHS)
    number = WriteOnlyCell(sheet, float(Decimal(str(cell)) / HUNDRED) if in_hundredths else cell)
    number.number_format = FORMATS.get(column.kind, "General")
    number.alignment = Alignment(vertical="top")
    return number


def _text(sheet: Any, text: str, font: Font | None = None) -> SheetCell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # a text that begins as a formula would be one
    if font is not None:
        cell.font = font
    return cell


def _argb(colour: str) -> str:
    return f"FF{colour.removeprefix('#').upper()}"
