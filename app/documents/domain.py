"""What a document holds, whatever the format: parts with texts, tables and charts.

Every format is written from this and from nothing else, so all of them tell the same. A cell that
may not be shown is HIDDEN, here already: a format cannot show what it was not given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Final, Literal


class _Hidden(Enum):
    HIDDEN = "hidden"


HIDDEN: Final = _Hidden.HIDDEN
"""A figure that disclosure control holds back; not zero, and not missing."""

Cell = int | float | str | None | Literal[_Hidden.HIDDEN]
"""None: there is no such figure, or nobody said."""


class ColumnKind(StrEnum):
    """CODE: for machines; in pages and prints left out. SHARE: 0..1, a percentage.
    CENTS: whole cents. HUNDREDTHS: whole hundredths (350 is 3.5)."""

    CODE = "code"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    SHARE = "share"
    CENTS = "cents"
    HUNDREDTHS = "hundredths"


@dataclass(frozen=True)
class Column:
    """name: for machines ([a-z0-9_]), one in its table. description: of the open data, in the
    language of the document."""

    name: str
    title: str
    kind: ColumnKind = ColumnKind.INTEGER
    description: str = ""


@dataclass(frozen=True)
class Table:
    """name: for machines ([a-z0-9_]), one in its document. The first column that is no CODE names
    the row. totals: places of rows that sum others up. notes: how it was counted."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    totals: frozenset[int] = frozenset()
    notes: Sequence[str] = ()


class ChartKind(StrEnum):
    """BARS: a bar for each row, lying. LINES: the rows are years or months, a line for each
    series. SMALL_MULTIPLES: the same as LINES, a small picture for each series."""

    BARS = "bars"
    LINES = "lines"
    SMALL_MULTIPLES = "small_multiples"


@dataclass(frozen=True)
class Chart:
    """A picture of a table that stands in the same part. categories: the column of the rows' names;
    series: columns of numbers. alternative: what it shows, for who does not see it."""

    name: str
    title: str
    kind: ChartKind
    table: Table
    categories: str
    series: Sequence[str]
    alternative: str


@dataclass(frozen=True)
class Text:
    """markdown: CommonMark, with its figures in it; may come from people, so never trusted: no
    HTML, no pictures, links to http(s) and mailto only."""

    markdown: str
    language: str | None = None
    """Where it is not the language of the document."""


@dataclass(frozen=True)
class KeyFigure:
    """A number in large letters. value: as `kind` says."""

    label: str
    value: Cell
    kind: ColumnKind = ColumnKind.INTEGER
    note: str = ""


@dataclass(frozen=True)
class KeyFigures:
    figures: Sequence[KeyFigure]


Block = Text | Table | Chart | KeyFigures


@dataclass(frozen=True)
class Part:
    """name: for anchors ([a-z0-9_-])."""

    name: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """title, subtitle: of the cover. publisher: who accounts. language: nl, fr, en. version: of a
    publication, None of a draft or a working copy. facts: (label, value) for the colophon:
    when, which version, hash, how often corrected and why. licence: of the open data."""

    name: str
    title: str
    subtitle: str
    publisher: str
    language: str
    parts: Sequence[Part]
    as_of: datetime
    issued_on: date | None = None
    version: int | None = None
    is_public: bool = False
    threshold: int | None = None
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    licence: str = "CC-BY-4.0"
    keywords: Sequence[str] = ()

    @property
    def tables(self) -> list[Table]:
        """In their order; each has its name once."""
        return [b for part in self.parts for b in part.blocks if isinstance(b, Table)]
