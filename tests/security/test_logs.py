"""What a reader of the log learns of refusals, and what cannot be written into it.

Lines have the form that the process happens to have, JSON or that of a terminal.
"""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.errors import PermissionDeniedError
from tests.makers.identity import make_client
from tests.makers.intake import report_body, some_id


def _lines(capsys: pytest.CaptureFixture[str], event: str) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if event in line]


def test_who_is_refused_is_named_by_id(
    application: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    analyst = make_client(application, Role.ANALYST)
    own_id = analyst.get("/api/v1/me").json()["id"]
    assert analyst.get(f"/api/v1/reports/{some_id()}").status_code == 403
    (line,) = _lines(capsys, "permission_denied")
    assert own_id in line
    assert "staff" in line


def test_a_reporter_who_is_refused_is_not_named(
    application: FastAPI, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    anybody = TestClient(application)
    received = anybody.post("/api/v1/public/reports", json=report_body()).json()
    token = anybody.post(
        "/api/v1/public/receipts/token", json={"receipt_code": received["receipt_code"]}
    ).json()["access_token"]
    worker = make_client(application, Role.COORDINATOR)
    found = worker.get("/api/v1/reports", params={"q": received["reference"]}).json()
    capsys.readouterr()

    def refuses(*_arguments: object, **_more: object) -> None:
        raise PermissionDeniedError("made up: a reporter may do all of this door")

    monkeypatch.setattr("app.intake.queries.own_report", refuses)
    holder = TestClient(application, headers={"Authorization": f"Bearer {token}"})
    assert holder.get("/api/v1/public/report").status_code == 403
    (line,) = _lines(capsys, "permission_denied")
    assert "reporter" in line
    assert found["items"][0]["id"] not in line


@pytest.mark.parametrize("method", ["GET", 'GET\n{"event": "made up"}'])
def test_no_request_adds_a_line_of_its_own(
    client: TestClient, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    capsys.readouterr()
    client.request(method, '/api/v1/a%0A{"event":"made up"}')
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "unmatched" in lines[0]
