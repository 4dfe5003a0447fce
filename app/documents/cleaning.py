"""Text as a document may hold it: without what no file can carry, or what misleads an eye."""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from app.documents.domain import Document, Text

# Controls, halves of a pair, non-characters and marks that turn the direction of what follows.
_NEVER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_BREAKS = re.compile("[ \t\r\n\u0085\u2028\u2029]*[\t\r\n\u0085\u2028\u2029][ \t\r\n\u2028\u2029]*")


def printable(text: str) -> str:
    """One line of text."""
    return _NEVER.sub("", _BREAKS.sub(" ", text))


def cleaned(document: Document) -> Document:
    """The same document with every text of it fit for every format."""
    return cast(Document, _cleaned(document))


def _cleaned(given: Any) -> Any:
    if isinstance(given, Text):
        lines = given.markdown.replace("\r\n", "\n").replace("\u2028", "\n")
        return replace(given, markdown=_NEVER.sub("", lines))
    if is_dataclass(given) and not isinstance(given, type):
        kept = {field.name: getattr(given, field.name) for field in fields(given)}
        return replace(given, **{name: _cleaned(value) for name, value in kept.items()})
    if type(given) is str:  # a code of an enum is one too, and stays
        return printable(given)
    if isinstance(given, list | tuple):
        return tuple(_cleaned(one) for one in given)
    return given
