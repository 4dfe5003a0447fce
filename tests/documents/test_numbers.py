"""Cells as languages write them, and as machines read them."""

from datetime import date

import pytest

from app.documents.cleaning import printable
from app.documents.domain import HIDDEN, Cell, ColumnKind
from app.documents.numbers import day_written, plain, written
from app.documents.wording import WORDS, hidden_explained


@pytest.mark.parametrize(
    ("cell", "kind", "language", "text"),
    [
        (1234, ColumnKind.INTEGER, "nl", "1.234"),
        (1234567, ColumnKind.INTEGER, "fr", "1\u00a0234\u00a0567"),
        (1234, ColumnKind.INTEGER, "en", "1,234"),
        (0, ColumnKind.INTEGER, "nl", "0"),
        (0.125, ColumnKind.SHARE, "nl", "12,5\u00a0%"),
        (1, ColumnKind.SHARE, "en", "100.0\u00a0%"),
        (123450, ColumnKind.CENTS, "nl", "€\u00a01.234,50"),
        (123450, ColumnKind.CENTS, "fr", "1\u00a0234,50\u00a0€"),
        (350, ColumnKind.HUNDREDTHS, "nl", "3,5"),
        (2.25, ColumnKind.DECIMAL, "fr", "2,25"),
        (-3, ColumnKind.INTEGER, "nl", "-3"),
        (HIDDEN, ColumnKind.INTEGER, "nl", "*"),
        (None, ColumnKind.INTEGER, "nl", "–"),  # noqa: RUF001  (the dash itself)
        ("Genk", ColumnKind.TEXT, "nl", "Genk"),
    ],
)
def test_a_cell_is_written_as_its_language_does(
    cell: Cell, kind: ColumnKind, language: str, text: str
) -> None:
    assert written(cell, kind, language) == text


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        (1234, ColumnKind.INTEGER, "1234"),
        (0.1, ColumnKind.SHARE, "0.1"),
        (123450, ColumnKind.CENTS, "1234.50"),
        (-5, ColumnKind.HUNDREDTHS, "-0.05"),
        (HIDDEN, ColumnKind.INTEGER, ""),
        (None, ColumnKind.CENTS, ""),
    ],
)
def test_a_machine_reads_all_decimals(cell: Cell, kind: ColumnKind, text: str) -> None:
    assert plain(cell, kind) == text


def test_a_day_is_written_in_full() -> None:
    assert day_written(date(2026, 3, 1), "nl") == "1 maart 2026"
    assert day_written(date(2026, 3, 1), "fr") == "1 mars 2026"


def test_every_language_has_every_word() -> None:
    assert set(WORDS) == {"nl", "fr", "en"}
    for words in WORDS.values():
        assert all(vars(words).values())
    assert "5" in hidden_explained("fr", 5)
    assert "5" not in hidden_explained("fr", None)


def test_what_no_file_can_carry_is_taken_out() -> None:
    assert printable("a\x00b\ud800c\u202ed\ufffe") == "abcd"
    assert printable("a\r\n b\tc\u2028d") == "a b c d"
    assert printable("Ğ\u00a0ő") == "Ğ\u00a0ő"
