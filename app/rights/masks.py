"""What is of others is left out until a colleague has looked at it; where, is told."""

from collections.abc import Collection, Iterator
from typing import Any

from app.rights.domain import MaskKind


class Masked(str):
    """Stands where something of somebody else was: the same number for the same text."""

    __slots__ = ("kind", "number")
    kind: MaskKind
    number: int

    def __new__(cls, kind: MaskKind, number: int) -> "Masked":
        made = super().__new__(cls, f"[{kind.value} {number}]")
        made.kind, made.number = kind, number
        return made


class Masks:
    """shown: kinds that a colleague has looked at."""

    def __init__(self, shown: Collection[MaskKind]) -> None:
        self._shown = frozenset(shown)
        self._numbers: dict[tuple[MaskKind, str], int] = {}

    def hide(self, kind: MaskKind, text: str | None) -> str | None:
        if text is None or kind in self._shown:
            return text
        count = sum(1 for known, _text in self._numbers if known is kind)
        return Masked(kind, self._numbers.setdefault((kind, text), count + 1))

    def unless(self, is_own: bool, kind: MaskKind, text: str | None) -> str | None:
        """As it is when it is the person's own."""
        return text if is_own else self.hide(kind, text)

    def shows(self, kind: MaskKind) -> bool:
        return kind in self._shown


def places(value: Any, path: str = "") -> Iterator[tuple[str, MaskKind]]:
    """JSON pointers of what is masked in a document."""
    if isinstance(value, Masked):
        yield path, value.kind
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, f"{path}/{name}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from places(part, f"{path}/{place}")
