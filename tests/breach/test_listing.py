"""After a breach: who read or changed what."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from typer.testing import CliRunner

from app.audit.models import AuditEntry
from app.cli import app as bureau
from app.core.access import Role
from app.core.database import Database
from app.identity.models import StaffAccount
from app.settings import Settings
from benchmarks.server import MASTER_KEYS
from tests.makers.identity import make_client
from tests.makers.tour import V1, add_case, add_report, done, start_talks

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("BUREAU_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("BUREAU_MASTER_KEYS", MASTER_KEYS)

    def run(subject: str, *more: str) -> tuple[int, str]:
        arguments = ["breach", subject, "--since", "2026-01-01", *more]
        result = CliRunner().invoke(bureau, arguments)
        return result.exit_code, result.output

    return run


def _username(database: Database, account_id: str) -> str:
    with database.snapshot() as session:
        rows = session.execute(select(StaffAccount.id, StaffAccount.username))
        return next(name for found, name in rows if str(found) == account_id)


def test_what_a_colleague_read_by_name_and_by_id(
    application: FastAPI, database: Database, run: Run
) -> None:
    worker = make_client(application, Role.CASE_MANAGER)
    other = make_client(application, Role.CASE_MANAGER)
    report = add_report(other)
    for _ in range(2):
        done(worker.get(f"{V1}/reports/{report['id']}"))
    me = worker.headers["X-Test-Account"]
    name = _username(database, me)
    for subject in (name, me):
        code, said = run(subject, "--format", "json")
        assert code == 0
        rows = json.loads(said)
        assert [(r["reference"], r["reads"], r["changes"]) for r in rows] == [
            (report["reference"], 2, 0)
        ]
        assert (rows[0]["username"], rows[0]["surface"]) == (name, "staff")


def test_who_saw_a_report_also_through_its_case_and_talks(
    application: FastAPI, database: Database, run: Run
) -> None:
    worker, reader = (make_client(application, Role.CASE_MANAGER) for _ in range(2))
    report = add_report(worker)
    case = add_case(worker, report["id"])
    talks = start_talks(worker, case["id"])
    done(reader.get(f"{V1}/cases/{case['id']}"))
    done(reader.get(f"{V1}/negotiations/{talks['id']}"))
    add_report(reader)  # another one
    for subject in (report["reference"], report["reference"].lower(), case["id"]):
        code, said = run(subject, "--format", "json")
        assert code == 0
        seen = {
            (row["object_kind"], row["reads"] > 0)
            for row in json.loads(said)
            if row["actor_id"] == reader.headers["X-Test-Account"]
        }
        assert seen == {("case", True), ("negotiation", True)}


def test_the_listing_itself_stands_in_the_trail(
    application: FastAPI, database: Database, run: Run
) -> None:
    report = add_report(make_client(application, Role.CASE_MANAGER))
    assert run(report["reference"])[0] == 0
    with database.snapshot() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.event == "access_listed")).one()
    assert (entry.actor_kind.value, str(entry.object_id)) == ("system", report["id"])
    assert entry.details == {"since": "2026-01-01"}


def test_cells_never_become_formulas_and_nothing_personal_is_printed(
    application: FastAPI, database: Database, run: Run
) -> None:
    worker = make_client(application, Role.CASE_MANAGER)
    with database.transaction() as session:
        account = session.scalars(select(StaffAccount)).one()
        account.username = "=cmd|'/c calc'!A0"
    report = add_report(worker)
    code, said = run(report["id"], "--format", "csv")
    assert code == 0
    rows = list(csv.reader(io.StringIO(said)))
    assert rows[1][0] == "'=cmd|'/c calc'!A0"
    assert report["incident"]["narrative"] not in said
    assert "A. Colleague" not in said
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_a_table_for_people(application: FastAPI, run: Run) -> None:
    report = add_report(make_client(application, Role.CASE_MANAGER))
    code, said = run(report["reference"])
    assert code == 0
    assert "1 lines." in said


@pytest.mark.parametrize("subject", ["nobody", "R-2026-1", "7aa1c1ae-477f-4746-94d3-c566f528216e"])
def test_an_unknown_name_is_refused(run: Run, subject: str) -> None:
    code, said = run(subject)
    assert code == 1
    assert subject not in said
