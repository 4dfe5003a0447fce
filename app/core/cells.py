"""Cells of files that people open in a spreadsheet."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless_cell(text: str) -> str:
    """A spreadsheet must not take a cell for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
