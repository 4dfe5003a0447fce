"""Open data: a Frictionless Data Package, a CSV for each table with its schema.

Source: specs.frictionlessdata.io, Tabular Data Package 1.0. A hidden figure is `:`, as Eurostat
writes what it may not tell; a missing one is empty.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from app.documents.csv import safe_value
from app.documents.domain import HIDDEN, Cell, Column, ColumnKind, Document, Table
from app.documents.numbers import seen_columns
from app.documents.signs import colophon, notes_below
from app.documents.wording import LICENCES, WORDS, hidden_explained
from app.documents.zips import packed

HIDDEN_VALUE, MISSING_VALUE = ":", ""
TYPES = {
    ColumnKind.CODE: "string",
    ColumnKind.TEXT: "string",
    ColumnKind.INTEGER: "integer",
    ColumnKind.DECIMAL: "number",
    ColumnKind.SHARE: "number",
    ColumnKind.CENTS: "number",
    ColumnKind.HUNDREDTHS: "number",
}


def package(document: Document) -> bytes:
    """A zip: `datapackage.json`, `README.md`, `data/<table>.csv`. The same document gives the same
    bytes."""
    described = json.dumps(descriptor(document), ensure_ascii=False, indent=2) + "\n"
    files = {
        "datapackage.json": described.encode(),
        "README.md": _readme(document).encode(),
    }
    for table in document.tables:
        files[f"data/{table.name}.csv"] = _data(table)
    return packed(files, document.as_of)


def descriptor(document: Document) -> dict[str, Any]:
    """What `datapackage.json` holds."""
    licence: dict[str, str] = {"name": document.licence}
    if document.licence in LICENCES:
        licence["title"], licence["path"] = LICENCES[document.licence]
    told: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": document.name.replace("_", "-"),
        "title": document.title,
        "description": "\n\n".join([document.subtitle, *document.notes]),
        "lang": document.language,
        "created": document.as_of.isoformat(),
        "licenses": [licence],
        "sources": [{"title": document.publisher}],
        "contributors": [{"title": document.publisher, "role": "publisher"}],
    }
    if document.version is not None:
        told["version"] = str(document.version)
    if document.keywords:
        told["keywords"] = list(document.keywords)
    return told | {"resources": [_resource(table, document) for table in document.tables]}


def _resource(table: Table, document: Document) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [MISSING_VALUE, HIDDEN_VALUE],
    }
    key = primary_key(table)
    if key:
        schema["primaryKey"] = key
    return {
        "profile": "tabular-data-resource",
        "name": table.name.replace("_", "-"),
        "path": f"data/{table.name}.csv",
        "title": table.title,
        "description": "\n".join([*notes_below(table, document), _missing_said(document)]),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True},
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    units = {ColumnKind.SHARE: "0..1", ColumnKind.CENTS: "EUR"}
    said = [column.description, units.get(column.kind, "")]
    field = {"name": column.name, "type": TYPES[column.kind], "title": column.title}
    description = "; ".join(filter(None, said))
    return field | ({"description": description} if description else {})


def primary_key(table: Table) -> list[str]:
    """The columns that tell the rows apart: the codes, else the name of the row; none where neither
    does."""
    codes = [at for at, column in enumerate(table.columns) if column.kind is ColumnKind.CODE]
    for places in (codes, seen_columns(table)[:1]):
        if places and _tell_apart(table, places):
            return [table.columns[at].name for at in places]
    return []


def _tell_apart(table: Table, places: Sequence[int]) -> bool:
    found = [tuple(row[at] for at in places) for row in table.rows]
    has_all = all(_data_cell(cell, table.columns[at].kind) not in (MISSING_VALUE, HIDDEN_VALUE)
                  for row in found for at, cell in zip(places, row, strict=True))  # fmt: skip
    return has_all and len(set(found)) == len(found)


def _data(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        kinds = (column.kind for column in table.columns)
        writer.writerow(_data_cell(cell, kind) for cell, kind in zip(row, kinds, strict=True))
    return text.getvalue().encode()


def _data_cell(cell: Cell, kind: ColumnKind) -> str:
    return HIDDEN_VALUE if cell is HIDDEN else safe_value(cell, kind)


def _missing_said(document: Document) -> str:
    words = WORDS[document.language]
    hidden = hidden_explained(document.language, document.threshold)
    return f'"{HIDDEN_VALUE}": {hidden}. "": {words.missing}.'


def _readme(document: Document) -> str:
    return "\n".join(_readme_lines(document)) + "\n"


def _readme_lines(document: Document) -> Iterator[str]:
    words = WORDS[document.language]
    yield from (f"# {_line(document.title)}", "", _line(document.subtitle), "")
    for label, value in colophon(document):
        yield f"- {_line(label)}: {_line(value)}"
    _title, address = LICENCES.get(document.licence, ("", ""))
    yield from ([f"- {document.licence}: <{address}>"] if address else [])
    yield from ("", f"## {words.notes}", "")
    yield from (f"- {_line(note)}" for note in document.notes)
    yield f"- {_missing_said(document)}"
    yield from ("", f"## {words.files}", "")
    for table in document.tables:
        yield f"### data/{table.name}.csv"
        yield from ("", _line(table.title), "")
        yield from (f"- {_line(note)}" for note in notes_below(table, document))
        yield from ("", f"{words.columns}:", "")
        for column in table.columns:
            about = ", ".join(filter(None, [column.title, column.description]))
            yield f"- `{column.name}`: {_line(about)}"
        yield ""


def _line(text: str) -> str:
    """Of people, so no markup here."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|!&" else letter for letter in text)
