"""Workbook, CSV and open data: what is in the files, and what never is."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from app.documents.cleaning import cleaned
from app.documents.datapackage import descriptor, primary_key
from app.documents.domain import HIDDEN, Column, Document, KeyFigure, KeyFigures, Part, Text
from app.documents.look import DEFAULT_LOOK
from app.documents.writing import Format, Written, file_name, write
from app.documents.xlsx import sheet_names
from tests.indicators.test_exporting import FORMULAS
from tests.makers.documents import make_chart, make_document, make_table, make_yearly_report


def written(document: Document, wanted: Format) -> Written:
    return write(document, wanted, DEFAULT_LOOK)


def files_of(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def wicked_document(text: str) -> Document:
    """The text in every place where there is one."""
    table = make_table(
        title=text,
        notes=[text],
        rows=[[text, text, 1, 0.5, text, 1, 1], ["b", "c", 1, 0.5, 1, 1, 1]],
        columns=[replace(one, title=text, description=text) for one in make_table().columns],
    )
    chart = make_chart(table, title=text, alternative=text)
    figures = KeyFigures([KeyFigure(text, text, note=text)])
    part = Part("p", text, [Text(text), figures, table, chart])
    return make_document(
        title=text, subtitle=text, publisher=text, parts=[part], facts=[(text, text)],
        notes=[text], licence=text, keywords=[text],
    )  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_is_a_formula_or_a_link_of_a_workbook(formula: str) -> None:
    assert len(FORMULAS) >= 40
    files = files_of(written(wicked_document(formula), Format.XLSX).content)
    sheets = [text for name, text in files.items() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 2
    for text in sheets:
        assert not re.search(r"<f[ >/]|<hyperlink|t=\"(str|e|b)\"", text)
    assert not [name for name in files if re.search("external|_rels/sheet|vba|connections", name)]
    assert not re.search(r"definedName[^>]*>[^<]*[|=@]", files["xl/workbook.xml"])


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("wanted", [Format.CSV, Format.DATAPACKAGE])
def test_no_cell_of_a_csv_begins_a_formula(formula: str, wanted: Format) -> None:
    content = written(wicked_document(formula), wanted).content
    if wanted is Format.CSV:
        texts = [content.decode("utf-8-sig")]
    else:
        texts = [text for name, text in files_of(content).items() if name.endswith(".csv")]
    for text in texts:
        for row in csv.reader(io.StringIO(text)):
            for cell in row:
                for part in cell.replace(";", "\n").split("\n"):
                    seen = part.strip(' \u00a0\u200b\u200e\ufeff"')
                    assert not seen or seen[0] not in "=+-@\uff1d\uff0b\uff0d\uff20", repr(cell)


@pytest.mark.parametrize("wanted", list(Format))
def test_every_format_is_the_same_bytes_for_the_same_document(wanted: Format) -> None:
    assert written(make_document(), wanted) == written(make_document(), wanted)


def test_the_name_of_a_file_says_which_document_version_and_language() -> None:
    document = make_document(language="fr")
    assert written(document, Format.XLSX).file_name == "yearly_report_2025-v2-fr.xlsx"
    draft = make_document(version=None)
    assert file_name(draft, Format.DATAPACKAGE) == "yearly_report_2025-draft-nl.zip"


def test_a_workbook_has_contents_and_a_sheet_for_each_table() -> None:
    content = written(make_yearly_report(), Format.XLSX).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    names = book.sheetnames
    assert len({name.casefold() for name in names}) == len(names) == 26
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)
    sheet = book.worksheets[1]
    assert sheet.freeze_panes == "C4"
    assert sheet.cell(4, 3).number_format == "#,##0"
    first = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert "Toelichting bij het tellen" in first
    assert any("te weinig om te tonen" in text for text in first)
    money = book.worksheets[24].cell(4, 5)
    assert (money.value, money.number_format) == (1234.5, '#,##0.00\\ "€"')


@pytest.mark.parametrize("title", ["[x]:*?/\\'", "x" * 99, "", "Inhoud", "History", "'"])
def test_sheets_may_be_called_by_any_title(title: str) -> None:
    tables = [make_table(name=f"t{at}", title=title) for at in range(12)]
    document = make_document(parts=[Part("p", "P", tables)])
    names = sheet_names(document)
    assert len({name.casefold() for name in names}) == 12
    assert all(0 < len(name) <= 31 for name in names)
    assert openpyxl.load_workbook(io.BytesIO(written(document, Format.XLSX).content))


def test_the_csv_says_why_there_is_no_value() -> None:
    text = written(make_document(), Format.CSV).content
    assert text.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert {line["status"] for line in lines} == {"shown", "hidden", "missing"}
    assert all((line["value"] == "") == (line["status"] != "shown") for line in lines)
    zero = next(line for line in lines if line["code"] == "zero" and line["column"] == "reports")
    assert (zero["value"], zero["status"]) == ("0", "shown")
    money = next(line for line in lines if line["column"] == "cost")
    assert (money["value"], money["unit"]) == ("1234.50", "EUR")


def test_the_package_describes_itself() -> None:
    files = files_of(written(make_document(), Format.DATAPACKAGE).content)
    told = json.loads(files["datapackage.json"])
    assert told["profile"] == "tabular-data-package"
    assert told["licenses"][0]["path"] == "https://creativecommons.org/licenses/by/4.0/"
    assert told["version"] == "2"
    assert told["sources"] == [{"title": "Stad Genk"}]
    (resource,) = told["resources"]
    schema = resource["schema"]
    assert schema["missingValues"] == ["", ":"]
    assert "te weinig om te tonen" in resource["description"]
    assert [field["type"] for field in schema["fields"]] == [
        "string", "string", "integer", "number", "number", "number", "number",
    ]  # fmt: skip
    assert schema["fields"][0]["description"] == "the code of the list"
    assert "Toelichting bij het tellen" in files["README.md"]
    assert set(files) == {"datapackage.json", "README.md", resource["path"]}


def test_a_key_is_told_only_where_it_is_one() -> None:
    assert primary_key(make_table()) == ["label"]  # the total has no code
    coded = make_table(rows=make_table().rows[:4])
    assert primary_key(coded) == ["code"]
    assert primary_key(make_table(rows=[*coded.rows, *coded.rows])) == []
    hidden = make_table(columns=[Column("a", "A")], rows=[[HIDDEN], [1]])
    assert primary_key(hidden) == []


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_every_text_of_a_package_survives_its_json(language: str) -> None:
    document = cleaned(replace(wicked_document('a"b\\c\n{{d}}\u2028é'), language=language))
    assert json.loads(json.dumps(descriptor(document))) == descriptor(document)
    assert written(document, Format.DATAPACKAGE).content


def test_a_package_holds_the_values_that_its_schema_says() -> None:
    files = files_of(written(make_yearly_report(), Format.DATAPACKAGE).content)
    told = json.loads(files["datapackage.json"])
    reads = {"integer": int, "number": float, "string": str}
    count = 0
    for resource in told["resources"]:
        fields = resource["schema"]["fields"]
        lines = list(csv.DictReader(io.StringIO(files[resource["path"]])))
        key = resource["schema"].get("primaryKey", [])
        keys = [tuple(line[name] for name in key) for line in lines]
        assert not key or len(set(keys)) == len(keys)
        for line in lines:
            for field in fields:
                if line[field["name"]] not in ("", ":"):
                    reads[field["type"]](line[field["name"]])
                    count += 1
    assert count > 3000
