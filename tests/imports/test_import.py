"""Importing other registers."""

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from rich.console import Console
from sqlalchemy import func, select

from app.cases.models import Case
from app.core.access import Role
from app.core.database import Database
from app.imports import service
from app.imports.command import run_import
from app.imports.mapping import MappingError, MappingFile, load_mapping
from app.imports.reader import open_rows
from app.imports.service import Result, RowResult, Terms, import_rows
from app.imports.transform import parse_day, split_tokens
from app.intake.models import Report
from app.settings import Settings
from tests.makers.identity import make_client
from tests.makers.intake import PERIODS

DATA = Path(__file__).parent / "data"
MAPPINGS = Path(service.__file__).parent / "mappings"
EPA = DATA / "epa_civil_rights_docket_2014_2023.csv"
TORONTO = DATA / "toronto_hate_crimes_2018_2023.csv"
AT = datetime(2026, 5, 4, 9, tzinfo=UTC)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _mapping(name: str) -> MappingFile:
    return load_mapping(MAPPINGS / f"{name}.yaml")


def _import(
    database: Database, mapping: MappingFile, path: Path, *, is_dry_run: bool = False
) -> list[RowResult]:
    results: list[RowResult] = []
    with open_rows(path, mapping.file, mapping.columns()) as rows:
        import_rows(
            database,
            mapping,
            rows,
            terms=Terms(PERIODS, 180, AT),
            is_dry_run=is_dry_run,
            report=results.append,
        )
    return results


def _ends(results: Iterable[RowResult]) -> Counter[Result]:
    return Counter(result.result for result in results)


def _count(database: Database, model: type[Any]) -> int:
    with database.snapshot() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    ("name", "path"), [("epa-civil-rights", EPA), ("toronto-hate-crimes", TORONTO)]
)
def test_a_dry_run_keeps_nothing_and_the_same_file_again_creates_nothing(
    database: Database, name: str, path: Path
) -> None:
    rows = len(_rows(path))
    mapping = _mapping(name)
    assert _ends(_import(database, mapping, path, is_dry_run=True)) == {Result.CREATED: rows}
    assert _count(database, Report) == 0
    assert _ends(_import(database, mapping, path)) == {Result.CREATED: rows}
    assert _count(database, Report) == rows
    assert _ends(_import(database, mapping, path)) == {Result.UNCHANGED: rows}
    assert _count(database, Report) == rows


def test_the_outcomes_of_the_epa_docket_are_decided_by_rule(database: Database) -> None:
    """Against an independent reading: 126 rejected, 48 rejected and referred, 58 pending, 30
    resolved (21 by informal resolution agreement, 2 by ADR settlement), 5 withdrawn.

    That reading has 26 of the pending in negotiation; the text says so of 25.
    """
    rules = Counter(r.rule for r in _import(database, _mapping("epa-civil-rights"), EPA))
    assert rules["rejected"] + rules["administrative_closure"] == 126
    assert rules["rejected_and_referred"] == 48
    pending = {name: n for name, n in rules.items() if name and name.startswith("pending")}
    assert sum(pending.values()) == 58
    assert pending["pending_negotiation"] + pending["pending_voluntary_compliance"] == 25
    resolved = {name: n for name, n in rules.items() if name and name.startswith("resolved")}
    assert sum(resolved.values()) == 30
    assert rules["resolved_informal_closed"] + rules["resolved_informal_monitoring"] == 21
    assert rules["resolved_adr"] == 2
    assert rules["withdrawn"] == 5
    assert rules[None] == 6


def test_what_no_rule_decides_is_named_and_not_guessed(database: Database) -> None:
    results = _import(database, _mapping("epa-civil-rights"), EPA)
    undecided = [r for r in results if any("undecided" in remark for remark in r.remarks)]
    assert {r.key.split(" | ")[0] for r in undecided} == {
        "04R-19-R3",
        "05R-19-R3",
        "38r-16-R4",
        "37r-16-R4",
        "33TA-16-R3",
        "25TA-16-R2",
    }


def test_one_file_number_for_two_cases_gives_two_reports(database: Database) -> None:
    results = _import(database, _mapping("epa-civil-rights"), EPA)
    twice = [r for r in results if r.key.startswith("03RNO-23-R3")]
    assert [r.result for r in twice] == [Result.CREATED, Result.CREATED]


def _figures(application: FastAPI, year: int) -> dict[str, Any]:
    answer = make_client(application, Role.ANALYST).get(f"/api/v1/annual-reports/{year}")
    found: dict[str, Any] = answer.json()["figures"]
    return found


def _table(rows: list[dict[str, Any]], key: str = "code") -> dict[str, int]:
    return {row[key]: row["reports"] for row in rows if row["reports"]}


@pytest.mark.parametrize("year", [2020, 2022])
def test_the_figures_read_back_equal_counts_of_the_toronto_file(
    application: FastAPI, database: Database, year: int
) -> None:
    _import(database, _mapping("toronto-hate-crimes"), TORONTO)
    rows = [row for row in _rows(TORONTO) if row["REPORTED_DATE"].startswith(str(year))]
    reports = _figures(application, year)["reports"]
    assert reports["total"] == len(rows) > 100
    grounds: Counter[str] = Counter()
    for row in rows:
        found = set()
        for column, ground in (
            ("RACE_BIAS", "alleged_race"),
            ("ETHNICITY_BIAS", "national_ethnic_origin"),
            ("LANGUAGE_BIAS", "language"),
            ("RELIGION_BIAS", "religion_belief"),
            ("SEXUAL_ORIENTATION_BIAS", "sexual_orientation"),
        ):
            if row[column] != "None":
                found.add(ground)
        if row["MENTAL_OR_PHYSICAL_DISABILITY"] == "YES":
            found.add("disability")
        if "Transgender" in row["GENDER_BIAS"]:
            found.add("gender_identity")
        if "Woman" in row["GENDER_BIAS"].split(", ") or row["GENDER_BIAS"] == "Woman":
            found.add("sex")
        grounds.update(found or {"unknown"})
    assert _table(reports["by_ground"]["rows"]) == grounds
    assert _table(reports["by_month"], "month") == Counter(
        int(row["REPORTED_DATE"][5:7]) for row in rows
    )
    education = sum(row["LOCATION_TYPE"].startswith("Educational") for row in rows)
    assert _table(reports["by_domain"])["education"] == education
    speech = sum("Hatred" in row["PRIMARY_OFFENCE"] for row in rows) + sum(
        "Genocide" in row["PRIMARY_OFFENCE"] for row in rows
    )
    assert _table(reports["by_conduct"]).get("hate_speech", 0) == speech


@pytest.mark.parametrize("year", [2020, 2022])
def test_the_figures_read_back_equal_counts_of_the_epa_file(
    application: FastAPI, database: Database, year: int
) -> None:
    _import(database, _mapping("epa-civil-rights"), EPA)
    rows = [row for row in _rows(EPA) if row["Date Received"].endswith(f"/{year}")]
    found = _figures(application, year)
    reports = found["reports"]
    assert reports["total"] == len(rows) > 5
    bases = [" ".join(row["Alleged Discrimination Basis"].split()).casefold() for row in rows]
    table = _table(reports["by_ground"]["rows"])
    assert table.get("alleged_race", 0) == sum("race" in basis for basis in bases)
    origin = sum("national origin" in basis for basis in bases)
    assert table.get("national_ethnic_origin", 0) == origin
    assert table.get("disability", 0) == sum("disability" in basis for basis in bases)
    retaliation = sum("retaliation" in basis for basis in bases)
    assert _table(reports["by_conduct"]).get("retaliation", 0) == retaliation
    statuses = [" ".join(row["Detailed Status"].split()).casefold() for row in rows]
    became_cases = sum(
        status.startswith("resolved")
        or (status.startswith("pending") and "jurisdictional" not in status)
        for status in statuses
    )
    assert found["cases"]["opened"] == became_cases


def _small(tmp_path: Path, lines: list[str], **changes: Any) -> tuple[MappingFile, Path]:
    content: dict[str, Any] = {
        "source": {"name": "small", "title": "Small", "licence": "CC0", "attribution": "none"},
        "file": {"format": "csv"},
        "key": ["id"],
        "report": {
            "received_on": {"column": "day", "formats": ["%d/%m/%Y"]},
            "language": {"constant": "nl"},
            "narrative": [{"column": "text"}],
            "request": {"constant": ["registration"]},
            "reporter_role": {"constant": ["victim"]},
            "domain": {"constant": ["housing"]},
            "grounds": [{"column": "ground", "split": ";", "codes": {"leeftijd": ["age"]}}],
            "status": {"constant": "registered_only"},
        },
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = content
        for part in parents:
            target = target[part]
        target[last] = value
    mapping_file = tmp_path / "small.yaml"
    mapping_file.write_text(yaml.safe_dump(content), encoding="utf-8")
    file = tmp_path / "small.csv"
    file.write_text("\n".join(["id,day,text,ground", *lines]), encoding="utf-8")
    return load_mapping(mapping_file), file


def test_a_bad_row_stops_no_other_and_says_why(database: Database, tmp_path: Path) -> None:
    lines = [
        "1,01/02/2026,goed,leeftijd",
        "2,2026-02-01,datum,leeftijd",
        "3,01/02/2026,grond,onbekend",
        ",01/02/2026,geen sleutel,leeftijd",
        "1,02/02/2026,nog eens,leeftijd",
        "5,01/02/2026,ook goed,leeftijd",
    ]
    mapping, file = _small(tmp_path, lines)
    results = {r.number: r for r in _import(database, mapping, file)}
    assert [results[n].result.value for n in range(2, 8)] == [
        "created",
        "refused",
        "refused",
        "refused",
        "refused",
        "created",
    ]
    assert "received_on" in results[3].remarks[0]
    assert "grounds" in results[4].remarks[0]
    assert "key" in results[5].remarks[0]
    assert _count(database, Report) == 2


def test_a_byte_that_is_no_text_and_an_overlong_cell_spoil_their_row_only(
    database: Database, tmp_path: Path
) -> None:
    lines = [
        "1,01/02/2026,goed,leeftijd",
        "2,01/02/2026,BYTE,leeftijd",
        "BYTE,01/02/2026,sleutel,leeftijd",
        f"4,01/02/2026,{'x' * 200_000},leeftijd",
        "5,01/02/2026,ook goed,leeftijd",
    ]
    mapping, file = _small(tmp_path, lines)
    file.write_bytes(file.read_bytes().replace(b"BYTE", b"\xff"))
    ends = [r.result.value for r in _import(database, mapping, file)]
    assert (ends[0], ends[1], ends[2], ends[4]) == ("created", "refused", "refused", "created")
    assert ends[3] in ("created", "refused")
    assert _count(database, Report) == ends.count("created")


def test_a_changed_row_is_carried_over_unless_somebody_worked_on_it(
    application: FastAPI, database: Database, tmp_path: Path
) -> None:
    mapping, file = _small(tmp_path, ["1,01/02/2026,a,leeftijd", "2,01/02/2026,b,leeftijd"])
    _import(database, mapping, file)
    worker = make_client(application, Role.INTAKE_WORKER)
    with database.snapshot() as session:
        reports = {r.narrative: r for r in session.scalars(select(Report))}
    touched = worker.patch(
        f"/api/v1/reports/{reports['b'].id}",
        json={"wishes": "Bel terug."},
        headers={"If-Match": f'"{reports["b"].version}"'},
    )
    assert touched.status_code == 200
    mapping, file = _small(tmp_path, ["1,01/02/2026,nieuw,leeftijd", "2,01/02/2026,x,leeftijd"])
    results = _import(database, mapping, file)
    assert [r.result for r in results] == [Result.CHANGED, Result.REFUSED]
    assert "worked on it" in results[1].remarks[0]
    with database.snapshot() as session:
        assert {r.narrative for r in session.scalars(select(Report))} == {"nieuw", "b"}
    assert _ends(_import(database, mapping, file))[Result.UNCHANGED] == 1


def test_an_interrupted_import_resumes(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(service, "BATCH", 10)
    mapping, file = _small(tmp_path, [f"{n},01/02/2026,t{n},leeftijd" for n in range(45)])

    class PowerCutError(Exception):
        pass

    def cut(result: RowResult) -> None:
        if result.number == 25:
            raise PowerCutError

    with open_rows(file, mapping.file, mapping.columns()) as rows, pytest.raises(PowerCutError):
        import_rows(
            database,
            mapping,
            rows,
            terms=Terms(PERIODS, 180, AT),
            is_dry_run=False,
            report=cut,
        )
    assert _count(database, Report) == 30
    ends = _ends(_import(database, mapping, file))
    assert ends == {Result.UNCHANGED: 30, Result.CREATED: 15}
    assert _count(database, Report) == 45


def test_a_spreadsheet_is_read_like_a_csv(database: Database, tmp_path: Path) -> None:
    mapping, _file = _small(
        tmp_path, [], file={"format": "xlsx", "sheet": "Meldingen"},
        report__received_on={"column": "day", "formats": ["%Y-%m-%d"]},
    )  # fmt: skip
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Meldingen"
    sheet.append(["id", "day", "text", "ground"])
    sheet.append([1, date(2026, 2, 1), "uit een blad", "leeftijd; leeftijd"])
    book.save(tmp_path / "small.xlsx")
    assert _ends(_import(database, mapping, tmp_path / "small.xlsx")) == {Result.CREATED: 1}
    with database.snapshot() as session:
        assert session.scalars(select(Report.received_on)).one() == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        ("report__domain", {"constant": ["moon"]}, "report.domain"),
        ("report__received_on", {"column": "day", "formats": ["whenever"]}, "formats"),
        ("report__status", {"column": "text", "rules": [{"name": "a", "match": "("}]}, "match"),
        ("report__language", {"constant": "nl", "column": "text"}, "report.language"),
        ("report__narrative", [{"column": "no such column"}], "no such column"),
        ("surprise", 1, "surprise"),
    ],
)
def test_a_wrong_mapping_is_refused_before_a_row_is_read(
    database: Database, settings: Settings, tmp_path: Path, place: str, value: Any, named: str
) -> None:
    def try_it() -> None:
        _small(tmp_path, ["1,01/02/2026,a,leeftijd"], **{place: value})
        run_import(
            settings,
            database,
            tmp_path / "small.csv",
            tmp_path / "small.yaml",
            report_file=tmp_path / "report.csv",
            is_dry_run=False,
            console=Console(quiet=True),
        )

    with pytest.raises(MappingError, match=named):
        try_it()
    assert _count(database, Report) == 0


def test_the_report_file_holds_no_formula(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    _small(tmp_path, ["=1+1,01/02/2026,a,leeftijd"])
    run_import(
        settings,
        database,
        tmp_path / "small.csv",
        tmp_path / "small.yaml",
        report_file=tmp_path / "report.csv",
        is_dry_run=False,
        console=Console(quiet=True),
    )
    assert _rows(tmp_path / "report.csv")[0]["key"] == "'=1+1"


def test_imported_cases_are_numbered_by_the_year_they_were_opened_in(database: Database) -> None:
    _import(database, _mapping("epa-civil-rights"), EPA)
    with database.snapshot() as session:
        cases = session.execute(select(Case.year, Case.number)).all()
    for year in {row.year for row in cases}:
        numbers = sorted(row.number for row in cases if row.year == year)
        assert numbers == list(range(1, len(numbers) + 1))


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters=",\x00"), max_size=8)))
def test_splitting_gives_the_trimmed_parts(parts: list[str]) -> None:
    expected = [" ".join(p.split()) for p in parts if p.split()]
    printable = [e for e in expected if e.isprintable()]
    if len(printable) == len(expected):
        assert split_tokens(",".join(parts), ",") == expected


@given(day=st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_a_written_day_is_read_back(day: date) -> None:
    assert parse_day(day.strftime("%d/%m/%Y"), ["%Y-%m-%d", "%d/%m/%Y"]) == day
    assert parse_day(day.isoformat(), ["%Y-%m-%d", "%d/%m/%Y"]) == day
    assert parse_day("31/06/2007", ["%d/%m/%Y"]) is None
