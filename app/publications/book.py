"""What the layout of a report is made from: its content, the figures that may be shown, a language.

The house sees every figure of a content; everybody else sees a `Release` of it. The layout asks for
figures by name and does not know which of both it writes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.documents.domain import HIDDEN, Cell, Column, ColumnKind, Table
from app.publications.domain import Figures, row_name
from app.publications.wording import word
from app.vocabulary.domain import Language

NOT_SAID: Mapping[Language, str] = {
    Language.NL: "niet vermeld",
    Language.FR: "non précisé",
    Language.EN: "not said",
}


@dataclass(frozen=True)
class Book:
    """figures: name -> number, `name@2025` of earlier years. hidden: names that exist and may not
    be shown. A name that is in neither does not exist, or is not for this reader."""

    content: Mapping[str, Any]
    figures: Figures
    hidden: frozenset[str]
    language: Language

    @property
    def year(self) -> int:
        return int(self.content["year"])

    @property
    def years(self) -> list[int]:
        """The oldest first; without years before the bureau received anything."""
        every = sorted(int(view["year"]) for view in self.views)
        begun = [y for y in every if self.cell("reports.total", y) not in (0, None)]
        return [year for year in every if year >= min(begun, default=self.year)]

    @property
    def views(self) -> list[Mapping[str, Any]]:
        """The figures of each year with labels, the latest first: for rows, not for numbers."""
        found = self.content["figures"][self.language]
        return [found["figures"], *found["earlier"]]

    def cell(self, name: str, year: int | None = None) -> Cell:
        full = name if year in (None, self.year) else f"{name}@{year}"
        return HIDDEN if full in self.hidden else self.figures.get(full)

    def knows(self, name: str) -> bool:
        return name in self.figures or name in self.hidden

    def word(self, key: str, **parts: object) -> str:
        return word(key, self.language, **parts)

    def rows(
        self, path: Sequence[str], label: str = "label", *, by_label: bool = False
    ) -> dict[str, str]:
        """Name -> label of the rows of a table, of every year, as the latest has them. Rows that
        are 0 in every year are left out. by_label: where they stand by size, which would tell how
        hidden ones compare."""
        found: dict[str, str] = {}
        for view in self.views:
            table: Any = view
            for part in path:
                table = table[part]
            for row in table:
                name = row_name(path, row)
                found.setdefault(name, str(row.get(label) or NOT_SAID[self.language]))
        there = {name: text for name, text in found.items() if self._is_there(name)}
        if not by_label:
            return there
        nobody = NOT_SAID[self.language]
        return dict(sorted(there.items(), key=lambda row: (row[1] == nobody, row[1])))

    def _is_there(self, name: str) -> bool:
        return any(self.cell(name, year) not in (0, None) for year in self.years)


def yearly(
    book: Book,
    name: str,
    title: str,
    rows: Mapping[str, str],
    *,
    first: str,
    total: str | None = None,
    kind: ColumnKind = ColumnKind.INTEGER,
) -> Table:
    """A row for each name, a column for each year. total: the name of a last row."""
    lines = dict(rows)
    is_clear = len({code_of(row) for row in rows}) == len(rows)
    if total is not None:
        lines[total] = book.word("total")
    columns = [
        Column("code", book.word("code"), ColumnKind.CODE),
        Column("label", first, ColumnKind.TEXT),
        *(Column(f"y{year}", str(year), kind) for year in book.years),
    ]
    return Table(
        name=name,
        title=title,
        columns=columns,
        rows=[
            [
                code_of(row) if is_clear else row,
                label,
                *(book.cell(row, year) for year in book.years),
            ]
            for row, label in lines.items()
        ],
        totals=frozenset({len(rows)}) if total is not None else frozenset(),
    )


def code_of(name: str) -> str:
    return name.rpartition(".")[2]


def listed(
    book: Book, name: str, title: str, lines: Iterable[tuple[str, str, Cell]], *, first: str,
    number: str, kind: ColumnKind = ColumnKind.INTEGER, notes: Sequence[str] = (),
) -> Table:  # fmt: skip
    """lines: (code, label, number) of the year alone."""
    columns = [
        Column("code", book.word("code"), ColumnKind.CODE),
        Column("label", first, ColumnKind.TEXT),
        Column("number", number, kind),
    ]
    return Table(name, title, columns, [list(line) for line in lines], notes=notes)
