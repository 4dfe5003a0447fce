"""What no form sends, and what only the bureau may say."""

import json
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.tour import V1, add_case, add_report, done

PUBLIC = f"{V1}/public/reports"
LONE = "\\ud800"
"""A lone surrogate, as JSON writes it."""


def _raw(body: dict[str, Any]) -> bytes:
    return json.dumps(body).replace("LONE", LONE).encode()


def _post(client: TestClient, url: str, body: dict[str, Any], method: str = "POST") -> Any:
    headers = {"Content-Type": "application/json"}
    if method == "PATCH":
        headers["If-Match"] = client.get(url).headers["ETag"]
    return client.request(method, url, content=_raw(body), headers=headers)


def test_a_lone_surrogate_is_refused_wherever_text_is_taken(
    application: FastAPI, client: TestClient
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    report, case = add_report(worker)["id"], add_case(worker)["id"]
    incident = report_body()["incident"] | {"narrative": "a LONE b"}
    answers = [
        _post(client, PUBLIC, report_body(incident=incident)),
        _post(client, f"{V1}/public/receipts/token", {"receipt_code": "LONE"}),
        _post(worker, f"{V1}/reports/{report}/messages", {"body": "LONE"}),
        _post(worker, f"{V1}/reports/{report}", {"wishes": "LONE"}, "PATCH"),
        _post(worker, f"{V1}/cases/{case}/notes", {"body": "LONE"}),
        _post(client, f"{V1}/auth/invitation", {"token": "x", "password": "long enough LONE"}),
    ]
    assert [answer.status_code for answer in answers] == [422] * len(answers)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("0001-01-01T00:00:00+14:00", "too_early"),
        ("1989-12-31T23:59:59Z", "too_early"),
        (5, "datetime_type"),
        ("2999-01-01T00:00:00Z", "in_future"),
        ("2026-01-06T10:00:00", "timezone_aware"),
    ],
)
def test_a_moment_of_receiving_that_cannot_be_is_refused(
    application: FastAPI, given: Any, code: str
) -> None:
    worker = make_client(application, Role.INTAKE_WORKER)
    body = report_body(channel="email", received_at=given)
    answer = worker.post(f"{V1}/reports", json=body)
    assert answer.status_code == 422
    assert {"pointer": "/received_at", "code": code}.items() <= answer.json()["errors"][0].items()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"channel": "phone"}, "/channel"),
        ({"channel": "import"}, "/channel"),
        ({"channel": "partner"}, "/channel"),
        ({"request": "own_initiative"}, "/request"),
    ],
)
def test_the_public_form_does_not_say_what_only_the_bureau_can(
    client: TestClient, changes: dict[str, str], pointer: str
) -> None:
    answer = client.post(PUBLIC, json=report_body(**changes))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("text", ["\u200b", " \u2060\u00ad ", "\u200b\n\u200b"])
def test_a_text_that_nobody_can_see_is_refused(client: TestClient, text: str) -> None:
    incident = report_body()["incident"] | {"narrative": text}
    answer = client.post(PUBLIC, json=report_body(incident=incident))
    assert answer.json()["errors"][0]["code"] == "nothing_visible"


def test_consent_is_said_and_not_guessed(client: TestClient) -> None:
    consents = report_body()["consents"] | {"contact": "yes"}
    answer = client.post(PUBLIC, json=report_body(consents=consents))
    assert answer.json()["errors"][0]["pointer"] == "/consents/contact"


def test_who_called_was_heard_on_the_day_of_the_call(application: FastAPI) -> None:
    worker = make_client(application, Role.INTAKE_WORKER)
    report = add_report(worker, received_at="2026-01-06T10:00:00Z")
    assert date.fromisoformat(report["acknowledged_on"]) == date(2026, 1, 6)


def test_one_ground_is_single_whatever_is_said_of_it(application: FastAPI) -> None:
    worker = make_client(application, Role.INTAKE_WORKER)
    url = f"{V1}/reports/{add_report(worker)['id']}"
    etag = {"If-Match": worker.get(url).headers["ETag"]}
    changed = done(worker.patch(url, json={"multiplicity": None}, headers=etag))
    assert changed["multiplicity"] == "single"
