"""The report as documents: what everybody may have, and what a correction tells beside it."""

import csv
import io
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from app.core import clock
from app.core.access import Role
from tests.makers.identity import make_client
from tests.makers.tour import V1, add_report, done

YEAR = clock.local_date(clock.now()).year - 1
URL = f"{V1}/annual-reports/{YEAR}"
PUBLIC = f"{V1}/public/annual-reports/{YEAR}/document"


@pytest.fixture
def writer(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def reader(application: FastAPI) -> TestClient:
    return make_client(application, Role.ANALYST)


def _reports(worker: TestClient, number: int, ground: str = "age", domain: str = "housing") -> None:
    for _ in range(number):
        add_report(
            worker,
            received_at=f"{YEAR}-03-10T10:00:00Z",
            incident={"narrative": "Zo ging het.", "domain": domain},
            grounds=[{"code": ground, "link": "own"}],
        )


def _write(client: TestClient, text: str, section: str = "reports", lang: str = "nl") -> None:
    url = f"{URL}/narratives/{section}?lang={lang}"
    etag = client.get(url).headers["ETag"]
    done(client.put(url, json={"text": text}, headers={"If-Match": etag}))


def _publish(writer: TestClient, reader: TestClient, reason: str | None = None) -> Any:
    draft = done(reader.get(f"{URL}/draft"))["draft"]
    done(reader.post(f"{URL}/reviews", json={"decision": "approve", "draft": draft}), 201)
    return writer.post(f"{URL}/publications", json={"reason": reason})


def _cells(csv_bytes: bytes) -> dict[tuple[str, str, str], tuple[str, str]]:
    """(table, row, column) -> (value, status)."""
    rows = csv.DictReader(io.StringIO(csv_bytes.decode("utf-8-sig")))
    return {(r["table"], r["code"], r["column"]): (r["value"], r["status"]) for r in rows}


def test_anybody_can_have_what_was_published_without_small_counts(
    writer: TestClient, reader: TestClient, client: TestClient
) -> None:
    _reports(writer, 12)
    _reports(writer, 9, ground="sex", domain="education")
    _reports(writer, 3, ground="disability", domain="employment")
    text = "{{ reports.counted }} geteld, {{ reports.by_ground.rows.disability }} over handicap."
    _write(writer, text)
    assert client.get(PUBLIC).status_code == 404
    done(_publish(writer, reader), 201)
    listed = done(client.get(f"{V1}/public/annual-reports"))["reports"]
    assert [(one["year"], len(one["versions"])) for one in listed] == [(YEAR, 1)]
    page = client.get(PUBLIC)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "24 geteld, (te weinig om te tonen) over handicap." in page.text
    cells = _cells(client.get(f"{PUBLIC}?format=csv").content)
    column = str(YEAR)
    year = {key[:2]: found for key, found in cells.items() if column in key[2]}
    assert year["reports_by_ground", "age"] == ("12", "shown")
    assert year["reports_by_ground", "disability"] == ("", "hidden")
    assert year["reports_by_domain", "employment"][1] == "hidden"
    assert not any(
        value in {"1", "2", "3", "4"}
        for (table, _, _), (value, _) in cells.items()
        if table.startswith("reports")
    )


def test_the_house_sees_every_figure_and_others_need_a_login(
    writer: TestClient, reader: TestClient, client: TestClient
) -> None:
    _reports(writer, 6)
    _reports(writer, 2, ground="sex")
    _write(writer, "{{ reports.counted }}")
    inside = f"{URL}/document?format=csv"
    assert client.get(inside).status_code == 401
    assert ("2", "shown") in _cells(reader.get(inside).content).values()
    outside = _cells(reader.get(f"{inside}&audience=public").content)
    assert ("2", "shown") not in {
        found for (table, _, _), found in outside.items() if table == "reports_by_ground"
    }
    done(_publish(writer, reader), 201)
    kept = f"{URL}/publications/1/document?format=csv"
    assert ("2", "shown") in _cells(reader.get(kept).content).values()
    assert client.get(kept).status_code == 401


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_every_format_tells_the_same_figures(
    writer: TestClient, reader: TestClient, client: TestClient, language: str
) -> None:
    _reports(writer, 14)
    _reports(writer, 7, ground="sex", domain="education")
    _write(writer, "{{ reports.counted }}", lang=language)
    done(_publish(writer, reader), 201)
    told = {
        form: client.get(f"{PUBLIC}?format={form}&lang={language}")
        for form in ("html", "pdf", "xlsx", "csv", "datapackage")
    }
    assert {answer.status_code for answer in told.values()} == {200}
    assert told["pdf"].content.startswith(b"%PDF-")
    assert told["datapackage"].content.startswith(b"PK")
    cells = _cells(told["csv"].content)
    book = load_workbook(io.BytesIO(told["xlsx"].content))
    in_book = {
        str(cell) for sheet in book.worksheets for row in sheet.values for cell in row if cell
    }
    for (table, _, _), (value, status) in cells.items():
        if table == "reports_by_ground" and status == "shown":
            assert value in in_book
            assert f">{value}</td>" in told["html"].text
    again = client.get(f"{PUBLIC}?format=pdf&lang={language}")
    assert again.content == told["pdf"].content


def test_a_text_that_names_what_does_not_leave_the_bureau_is_not_published(
    writer: TestClient, reader: TestClient
) -> None:
    _reports(writer, 6)
    _write(writer, "{{ reports.unanswered_at_end }} open.")
    refused = _publish(writer, reader)
    assert (refused.status_code, refused.json()["code"]) == (409, "figure_not_public")
    assert "reports.unanswered_at_end" in refused.json()["detail"]


def test_a_late_report_makes_a_correction_and_both_versions_stand(
    writer: TestClient, reader: TestClient, client: TestClient
) -> None:
    _reports(writer, 12)
    _reports(writer, 3, ground="sex", domain="education")
    _write(writer, "{{ reports.counted }}")
    done(_publish(writer, reader), 201)
    first = client.get(f"{PUBLIC}?format=csv").content
    _reports(writer, 1)
    done(_publish(writer, reader, "Late melding."), 201)
    assert client.get(f"{PUBLIC}?format=csv&version=1").content == first
    second = _cells(client.get(f"{PUBLIC}?format=csv").content)
    hidden = {key for key, (_, status) in _cells(first).items() if status == "hidden"}
    assert hidden
    assert {second[key][1] for key in hidden} == {"hidden"}
    page = client.get(PUBLIC).text
    assert "Late melding." in page


def test_a_correction_that_would_tell_of_one_person_is_refused_by_name(
    writer: TestClient, reader: TestClient, client: TestClient
) -> None:
    _reports(writer, 12)
    _reports(writer, 9, ground="sex", domain="education")
    _write(writer, "{{ reports.counted }}")
    done(_publish(writer, reader), 201)
    _reports(writer, 1, ground="age", domain="education")
    refused = _publish(writer, reader, "Late melding.")
    assert (refused.status_code, refused.json()["code"]) == (409, "would_reveal")
    assert "reports.by_ground_and_domain.age.education" in refused.json()["detail"]
    versions = done(client.get(f"{V1}/public/annual-reports"))["reports"][0]["versions"]
    assert [one["version"] for one in versions] == [1]
