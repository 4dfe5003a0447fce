"""Cells as a language writes them, and as a machine reads them."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from app.documents.domain import HIDDEN, Cell, ColumnKind, Table
from app.documents.wording import HIDDEN_SIGN, MISSING_SIGN, WORDS

HUNDRED = Decimal(100)
NUMBERS = frozenset(ColumnKind) - {ColumnKind.CODE, ColumnKind.TEXT}
"""Kinds of columns that hold numbers."""


def written(cell: Cell, kind: ColumnKind, language: str) -> str:
    """What a reader sees: a hidden figure and a missing one as their signs. Spaces within a number
    do not break, and are the one that every font has."""
    if cell is HIDDEN:
        return HIDDEN_SIGN
    if cell is None:
        return MISSING_SIGN
    if isinstance(cell, str):
        return cell
    locale = WORDS[language].locale
    match kind:
        case ColumnKind.SHARE:
            text = format_percent(cell, format="#,##0.0\u00a0%", locale=locale)
        case ColumnKind.CENTS:
            text = format_currency(Decimal(str(cell)) / HUNDRED, "EUR", locale=locale)
        case ColumnKind.HUNDREDTHS:
            text = format_decimal(Decimal(str(cell)) / HUNDRED, format="#,##0.##", locale=locale)
        case ColumnKind.INTEGER:
            text = format_decimal(cell, format="#,##0", locale=locale)
        case _:
            text = format_decimal(cell, format="#,##0.##", locale=locale)
    return text.replace("\u202f", "\u00a0").replace(" ", "\u00a0")


def plain(cell: Cell, kind: ColumnKind) -> str:
    """What a machine reads: a point, no marks of thousands, all decimals, euros for cents. Empty
    for what is hidden or missing."""
    if cell is None or cell is HIDDEN:
        return ""
    if isinstance(cell, str):
        return cell
    if kind in (ColumnKind.CENTS, ColumnKind.HUNDREDTHS):
        return f"{Decimal(str(cell)) / HUNDRED:.2f}"
    return repr(cell)


def day_written(day: date, language: str) -> str:
    """A day in full: 3 maart 2026."""
    return format_date(day, format="long", locale=WORDS[language].locale)


def seen_columns(table: Table) -> list[int]:
    """Places of the columns that pages and prints show, so without codes."""
    return [at for at, column in enumerate(table.columns) if column.kind is not ColumnKind.CODE]


def has_hidden(table: Table) -> bool:
    return any(cell is HIDDEN for row in table.rows for cell in row)


def has_missing(table: Table) -> bool:
    """Whether a column that is seen lacks a cell."""
    seen = seen_columns(table)
    return any(row[at] is None for row in table.rows for at in seen)
