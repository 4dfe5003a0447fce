"""All tables as one tidy file: a line for each figure, for who reads it with a program.

RFC 4180, UTF-8 with a mark of its coding, which spreadsheets ask for.
"""

import csv
import io

from app.core.cells import harmless_cell
from app.documents.domain import HIDDEN, Cell, ColumnKind, Document
from app.documents.numbers import plain, seen_columns

HEAD = (
    "table",
    "table_title",
    "row",
    "code",
    "label",
    "column",
    "column_title",
    "unit",
    "value",
    "status",
)
UNITS = {
    ColumnKind.TEXT: "text",
    ColumnKind.INTEGER: "number",
    ColumnKind.DECIMAL: "number",
    ColumnKind.SHARE: "share",
    ColumnKind.CENTS: "EUR",
    ColumnKind.HUNDREDTHS: "number",
}
SHOWN, HIDDEN_STATUS, MISSING = "shown", "hidden", "missing"


def long_csv(document: Document) -> bytes:
    """row: from 1 in its table. code: codes of the row, parted by `|`. label: its name. value: of a
    share 0..1, of money in euros; empty where status says hidden or missing."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for table in document.tables:
        seen = seen_columns(table)
        for number, row in enumerate(table.rows, 1):
            codes = [
                plain(row[at], column.kind)
                for at, column in enumerate(table.columns)
                if column.kind is ColumnKind.CODE
            ]
            label = plain(row[seen[0]], table.columns[seen[0]].kind)
            for at in seen[1:]:
                column, cell = table.columns[at], row[at]
                told = (table.name, table.title, number, "|".join(codes), label)
                named = (column.name, column.title, UNITS[column.kind])
                line = (*told, *named, safe_value(cell, column.kind), status(cell))
                writer.writerow([_safe(value) for value in line[:8]] + list(line[8:]))
    return text.getvalue().encode("utf-8-sig")


def _safe(value: str | int) -> str | int:
    return harmless_cell(value) if isinstance(value, str) else value


def safe_value(cell: Cell, kind: ColumnKind) -> str:
    """As a machine reads it; a text is made harmless, a number with a sign is one."""
    return harmless_cell(cell) if isinstance(cell, str) else plain(cell, kind)


def status(cell: Cell) -> str:
    """Why there is a value, or none."""
    if cell is HIDDEN:
        return HIDDEN_STATUS
    return MISSING if cell is None else SHOWN
