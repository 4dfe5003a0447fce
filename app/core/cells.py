"""Cells of files that people open in a spreadsheet."""

import re

_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20"
"""Characters that begin a formula, those of full width too."""

# Spaces, controls and what is invisible may be cut before a cell is looked at. A spreadsheet that
# parts columns by semicolons, or by tabs, sees a cell after each.
_BEGINS = re.compile(
    rf"""(?:^|(?<=[;\t\r\n]))(?=[\s"'\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*[{_FORMULA}])"""
)
_CONTROL_FIRST = re.compile(r"^[\t\r\n\x00]")


def harmless_cell(text: str) -> str:
    """A spreadsheet must not take a cell, or a part of it, for a formula: an apostrophe goes
    before what it would."""
    safe = _BEGINS.sub("'", text)
    return f"'{safe}" if _CONTROL_FIRST.match(safe) else safe
