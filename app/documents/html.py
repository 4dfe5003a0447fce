"""A document as one page: no script, nothing fetched, readable at any width and in print."""

import base64
import hashlib
import html
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

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
from app.documents.look import Look
from app.documents.markdown import parse
from app.documents.numbering import chart_numbers, table_numbers
from app.documents.numbers import NUMBERS, day_written, seen_columns, written
from app.documents.signs import colophon, notes_below, signs, state
from app.documents.wording import WORDS

WIDE = 4
"""Columns from which a table can be moved sideways, by keys too."""


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("app.documents", ""), autoescape=True, undefined=StrictUndefined
    )


def page(document: Document, look: Look) -> tuple[str, str]:
    """The page, and the Content-Security-Policy that it stands under: its one style by its hash, a
    logo that is in it. Everything else is refused, so text that was taken for more does nothing."""
    style = _style(look)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    text = _environment().get_template("page.j2").render(
        document=document,
        look=look,
        words=WORDS[document.language],
        policy=policy,
        style=Markup(style),  # noqa: S704  (a file of this package, colours that were checked)
        publisher=look.name or document.publisher,
        when=day_written(document.issued_on or document.as_of.date(), document.language),
        state=state(document),
        parts=_parts(document, look),
        signs=signs(document),
        colophon=colophon(document),
    )  # fmt: skip
    return text, f"{policy}; frame-ancestors 'none'"


@cache
def _style(look: Look) -> str:
    given = resources.files("app.documents").joinpath("page.css").read_text("utf-8")
    return given.replace("@colour@", look.colour).replace("@accent@", look.accent)


def _parts(document: Document, look: Look) -> list[dict[str, Any]]:
    return [
        {
            "anchor": f"part-{part.name}",
            "title": part.title,
            "blocks": [_block(block, document, look) for block in part.blocks],
        }
        for part in document.parts
    ]


def _block(block: Block, document: Document, look: Look) -> dict[str, Any]:
    match block:
        case Text():
            return {"type": "text", "language": block.language, "nodes": parse(block.markdown)}
        case KeyFigures():
            figures = [_key_figure(figure, document) for figure in block.figures]
            return {"type": "figures", "figures": figures}
        case Table():
            return _table(block, document)
        case Chart():
            return _chart(block, document, look)


def _key_figure(figure: KeyFigure, document: Document) -> dict[str, Any]:
    notes = [figure.note] if figure.note else []
    if figure.value is HIDDEN:
        notes.append(WORDS[document.language].too_few)
    cell = _cell(figure.value, figure.kind, document.language)
    return {"label": figure.label, "cell": cell, "notes": notes}


def _cell(cell: Cell, kind: ColumnKind, language: str) -> dict[str, Any]:
    """aside: what is read aloud instead of a sign."""
    words = WORDS[language]
    aside = words.gap if cell is HIDDEN else words.none if cell is None else ""
    is_number = kind in NUMBERS
    return {"text": written(cell, kind, language), "aside": aside, "is_number": is_number}


def _table(table: Table, document: Document) -> dict[str, Any]:
    seen = seen_columns(table)
    columns = [table.columns[at] for at in seen]
    rows = [
        {
            "is_total": number in table.totals,
            "cells": [_cell(row[at], table.columns[at].kind, document.language) for at in seen],
        }
        for number, row in enumerate(table.rows)
    ]
    return {
        "type": "table",
        "anchor": f"table-{table.name}",
        "number": table_numbers(document)[table.name],
        "title": table.title,
        "is_wide": len(seen) >= WIDE,
        "heads": [{"text": one.title, "is_number": one.kind in NUMBERS} for one in columns],
        "rows": rows,
        "notes": notes_below(table, document),
    }


def _chart(chart: Chart, document: Document, look: Look) -> dict[str, Any]:
    drawn = draw(chart, document.language, look, for_print=False)
    said = html.escape(chart.alternative)
    picture = drawn.replace("<svg ", f'<svg role="img" aria-label="{said}" ', 1)
    number = table_numbers(document).get(chart.table.name)
    table = number and {"anchor": f"table-{chart.table.name}", "number": number}
    return {
        "type": "chart",
        "anchor": f"chart-{chart.name}",
        "number": chart_numbers(document)[chart.name],
        "title": chart.title,
        "picture": Markup(picture),  # noqa: S704  (drawn here; texts in it are escaped)
        "table": table,
    }
