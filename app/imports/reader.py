"""Rows of a file, one at a time, every value as text."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

from openpyxl import load_workbook

from app.imports.mapping import FileForm, MappingError


@dataclass(frozen=True)
class SourceRow:
    """number: the line of the file on which the row ends (CSV), or the row of the sheet."""

    number: int
    values: dict[str, str]


LONGEST_CELL = 2**30
"""Bytes; the field it goes to has a bound of its own, which refuses the row and no other."""


@contextmanager
def open_rows(path: Path, form: FileForm, needed: set[str]) -> Iterator[Iterator[SourceRow]]:
    """The rows, streamed. Raises MappingError when the file lacks a column that is needed."""
    if form.format == "csv":
        # A byte that is no character spoils its row only: the row is refused where it is read.
        with path.open(encoding=form.encoding, newline="", errors="surrogateescape") as stream:
            yield _csv_rows(stream, form, needed)
        return
    workbook = load_workbook(path, read_only=True, data_only=True)
    try:
        if form.sheet is not None and form.sheet not in workbook.sheetnames:
            raise MappingError(f"file.sheet: the file has no sheet {form.sheet}")
        sheet = workbook[form.sheet] if form.sheet else workbook.worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        header = [_text(cell) for cell in next(rows, ())]
        _require(header, needed)
        yield (
            SourceRow(number, dict(zip(header, (_text(cell) for cell in cells), strict=False)))
            for number, cells in enumerate(rows, start=2)
            if any(cell is not None for cell in cells)
        )
    finally:
        workbook.close()


def count_rows(path: Path, form: FileForm, needed: set[str]) -> int:
    """How many rows there are: for the progress bar, by reading once through."""
    with open_rows(path, form, needed) as rows:
        return sum(1 for _ in rows)


def _csv_rows(stream: TextIO, form: FileForm, needed: set[str]) -> Iterator[SourceRow]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(stream, delimiter=form.delimiter)
    header = [name.strip() for name in next(reader, [])]
    _require(header, needed)
    return (
        SourceRow(reader.line_num, dict(zip(header, cells, strict=False)))
        for cells in reader
        if any(cells)
    )


def _require(header: list[str], needed: set[str]) -> None:
    missing = sorted(needed - set(header))
    if missing:
        raise MappingError("\n".join(f"the file has no column {name!r}" for name in missing))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
