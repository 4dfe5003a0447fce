"""In which region of Belgium a place lies, by data the project carries."""

import json
import re
from functools import cache
from pathlib import Path

from app.core.folding import fold

TABLE = Path(__file__).parent / "data" / "regions.json"

_POSTAL_CODE = re.compile(r"(?<![0-9])[1-9][0-9]{3}(?![0-9]| ?[A-Z]{2}\b)")
"""Not a Dutch one, which has two letters behind it."""

_NOT_LETTERS = re.compile(r"[\W\d_]+")


def region_of(municipality: str, address: str | None = None) -> str | None:
    """`BE-VL`, `BE-WAL` or `BE-BRU`; None when it is not known, or name and postal code disagree.

    municipality: a name, with a postal code or without. address: of the same place; its postal
    code counts when it is the only number of four figures.
    """
    named, codes = _tables()
    told = [named.get(_plain(municipality), set())]
    for text in (municipality, address or ""):
        numbers = set(_POSTAL_CODE.findall(text))
        if len(numbers) == 1:
            number = int(numbers.pop())
            told.append({region for region, first, last in codes if first <= number <= last})
    told = [regions for regions in told if regions]
    found = set.intersection(*told) if told else set()
    return found.pop() if len(found) == 1 else None


@cache
def _tables() -> tuple[dict[str, set[str]], list[tuple[str, int, int]]]:
    shipped = json.loads(TABLE.read_text(encoding="utf-8"))
    named: dict[str, set[str]] = {}
    for region, names in shipped["municipalities"].items():
        for name in names:
            named.setdefault(_plain(name), set()).add(region)
    codes = [
        (region, first, last)
        for region, ranges in shipped["postal_codes"].items()
        for first, last in ranges
    ]
    return named, codes


def _plain(name: str) -> str:
    """Hyphens, apostrophes and a postal code tell no two municipalities apart."""
    return _NOT_LETTERS.sub(" ", fold(name)).strip()
