"""A document as a print: tagged, PDF/UA-1, by Typst; nothing is read but the template and fonts.

The template gets everything as data, so a text cannot become markup; it has no file to read.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from app.documents import typesetting
from app.documents.charts import draw
from app.documents.domain import (
    HIDDEN,
    Block,
    Cell,
    Chart,
    ColumnKind,
    Document,
    KeyFigure,
    KeyFigures,
    Table,
    Text,
)
from app.documents.fonts import FAMILY, SECOND_FAMILY, drawable, font_folder
from app.documents.look import Logo, Look
from app.documents.markdown import Node, parse
from app.documents.numbers import NUMBERS, day_written, seen_columns, written
from app.documents.signs import colophon, notes_below, signs, state
from app.documents.wording import WORDS

UPRIGHT_LETTERS, FLIPPED_LETTERS = 96, 150
"""How many letters of 9.5 points a line of a table has on the page, and on the page turned."""
SIZES = ((9.5, 1.0, 4.5), (8.5, 1.12, 3.5), (7.5, 1.27, 2.6))
"""Points, how many more letters fit, and points beside a cell."""
MOST_LETTERS, FEWER_LETTERS = 34, 20
"""Of a column; fewer before the page is turned."""
LEAST_LETTERS, GAP_LETTERS = 3, 2


PATIENCE_SECONDS = 90


class PrintError(Exception):
    """The print could not be made. details: what Typst said, which may quote the document, so it is
    no part of the message, which goes to the log."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


@cache
def _template() -> str:
    return resources.files("app.documents").joinpath("report.typ").read_text("utf-8")


def printed(document: Document, look: Look) -> bytes:
    """The PDF; the same document and look give the same bytes. Raises PrintError."""
    told = {
        "document": json.dumps(_drawable(_data(document, look)), ensure_ascii=False),
        "template": _template(),
        "fonts": str(font_folder()),
        "most_bytes": typesetting.MOST_BYTES,
        "most_seconds": typesetting.MOST_SECONDS,
        "timestamp": int(document.as_of.timestamp()),
    }
    try:
        done = subprocess.run(  # noqa: S603  (this Python and a file of this package)
            [sys.executable, "-I", typesetting.__file__],
            input=json.dumps(told).encode(),
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PrintError(f"a print was not done after {PATIENCE_SECONDS} seconds") from None
    if done.returncode != 0:
        details = done.stderr.decode(errors="replace")
        raise PrintError(f"a print ended with {done.returncode}", details)
    return done.stdout


def _drawable(value: Any) -> Any:
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, list | tuple):
        return [_drawable(one) for one in value]
    if isinstance(value, dict):
        return {key: _drawable(one) for key, one in value.items()}
    return value


def _data(document: Document, look: Look) -> dict[str, Any]:
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "publisher": document.publisher,
        "publisher-name": look.name or document.publisher,
        "language": document.language,
        "keywords": list(document.keywords),
        "when": day_written(document.issued_on or document.as_of.date(), document.language),
        "state": state(document),
        "colour": look.colour,
        "accent": look.accent,
        "logo": look.logo and _logo(look.logo),
        "fonts": [FAMILY, SECOND_FAMILY],
        "words": vars(WORDS[document.language]),
        "notes": list(document.notes),
        "signs": signs(document),
        "colophon": colophon(document),
        "parts": [
            {"title": part.title, "blocks": [_block(one, document, look) for one in part.blocks]}
            for part in document.parts
        ],
    }


def _logo(logo: Logo) -> dict[str, Any]:
    is_svg = logo.media_type == "image/svg+xml"
    return {
        "text": logo.text,
        "format": "svg" if is_svg else "png",
        "text-content": logo.content.decode("utf-8") if is_svg else None,
        "octets": None if is_svg else list(logo.content),
    }


def _block(block: Block, document: Document, look: Look) -> dict[str, Any]:
    match block:
        case Text():
            nodes = [_node(node) for node in parse(block.markdown)]
            return {"type": "text", "language": block.language, "nodes": nodes}
        case KeyFigures():
            figures = [_key_figure(figure, document.language) for figure in block.figures]
            return {"type": "figures", "figures": figures}
        case Table():
            return _table(block, document)
        case Chart():
            svg = draw(block, document.language, look, for_print=True)
            told = {"title": block.title, "alternative": block.alternative}
            return {"type": "chart", "svg": svg, **told}


def _node(node: Node) -> dict[str, Any]:
    return {
        "kind": node.kind.value,
        "text": node.text,
        "url": node.url,
        "level": node.level,
        "start": node.start,
        "children": [_node(child) for child in node.children],
    }


def _key_figure(figure: KeyFigure, language: str) -> dict[str, Any]:
    notes = [figure.note] if figure.note else []
    if figure.value is HIDDEN:
        notes.append(WORDS[language].too_few)
    value = written(figure.value, figure.kind, language)
    return {"label": figure.label, "value": value, "notes": notes}


def _table(table: Table, document: Document) -> dict[str, Any]:
    seen = seen_columns(table)
    columns = [table.columns[at] for at in seen]
    rows = [
        [_cell(row[at], table.columns[at].kind, document.language) for at in seen]
        for row in table.rows
    ]
    texts = [
        [column.title, *(row[at]["text"] for row in rows)] for at, column in enumerate(columns)
    ]
    widths, size, inset, is_flipped = _fitting(texts)
    return {
        "type": "table",
        "title": table.title,
        "heads": [{"text": one.title, "number": one.kind in NUMBERS} for one in columns],
        "rows": rows,
        "totals": sorted(table.totals),
        "widths": widths,
        "size": size,
        "inset": inset,
        "flipped": is_flipped,
        "notes": notes_below(table, document),
    }


def _cell(cell: Cell, kind: ColumnKind, language: str) -> dict[str, Any]:
    return {"text": written(cell, kind, language), "number": kind in NUMBERS}


def _fitting(texts: Sequence[Sequence[str]]) -> tuple[list[int], float, float, bool]:
    """Letters of each column, size in points, points beside a cell, whether the page is turned."""
    for is_flipped, room, most in (
        (False, UPRIGHT_LETTERS, MOST_LETTERS),
        (False, UPRIGHT_LETTERS, FEWER_LETTERS),
        (True, FLIPPED_LETTERS, MOST_LETTERS),
    ):
        widths = [_letters(column, most) for column in texts]
        for size, factor, inset in SIZES:
            if sum(widths) <= room * factor:
                return widths, size, inset, is_flipped
    widths = [_letters(column, FEWER_LETTERS) for column in texts]
    return widths, SIZES[-1][0], SIZES[-1][2], True


def _letters(texts: Sequence[str], most: int) -> int:
    """How wide a column should be; longer texts are broken. texts: its title first."""
    word = max((len(word) for word in texts[0].split()), default=0)
    longest = max([min(word, 14), *(len(text) for text in texts[1:])])
    return max(LEAST_LETTERS, min(longest, most)) + GAP_LETTERS
