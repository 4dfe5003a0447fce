"""Reporting, and the receipt holder's door."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.audit.models import AuditEntry
from app.core.access import Role
from app.core.database import Database
from app.intake.domain import RECEIPT_ALPHABET
from app.intake.models import Receipt, Report
from tests.makers.identity import make_client
from tests.makers.intake import report_body

PUBLIC = "/api/v1/public"


def _report(client: TestClient, **changes: Any) -> dict[str, Any]:
    answer = client.post(f"{PUBLIC}/reports", json=report_body(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _holder(application: FastAPI, receipt_code: str) -> TestClient:
    client = TestClient(application)
    token = client.post(f"{PUBLIC}/receipts/token", json={"receipt_code": receipt_code}).json()
    client.headers["Authorization"] = f"Bearer {token['access_token']}"
    return client


def test_an_anonymous_report_gets_a_reference_a_receipt_and_dates(client: TestClient) -> None:
    received = _report(client)
    assert re.fullmatch(r"R-\d{4}-\d{6}", received["reference"])
    code = received["receipt_code"].replace("-", "")
    assert len(code) == 20
    assert set(code) <= set(RECEIPT_ALPHABET)
    assert date.fromisoformat(received["acknowledge_by"]) < date.fromisoformat(
        received["answer_by"]
    )


def test_an_anonymous_report_keeps_no_exact_time(client: TestClient, database: Database) -> None:
    received = _report(client)
    _holder(client.app, received["receipt_code"]).post(  # type: ignore[arg-type]
        f"{PUBLIC}/report/messages", json={"body": "Nog iets."}
    )
    with database.snapshot() as session:
        report = session.scalars(select(Report)).one()
        moments = [report.received_at, *session.scalars(select(AuditEntry.at)).all()]
    assert len(moments) == 4
    assert {moment.timetz() for moment in moments} == {time(0, 0, tzinfo=UTC)}


def test_only_the_hash_of_a_receipt_is_kept(client: TestClient, database: Database) -> None:
    code = _report(client)["receipt_code"]
    with database.snapshot() as session:
        kept = session.scalars(select(Receipt.code_hash)).one()
    assert code.replace("-", "") not in kept
    assert len(kept) == 64


def test_wrong_expired_and_never_issued_receipts_get_the_same_answer(
    client: TestClient, database: Database
) -> None:
    code = _report(client)["receipt_code"]
    with database.transaction() as session:
        session.execute(update(Receipt).values(expires_on=date(2020, 1, 1)))
    answers = [
        client.post(f"{PUBLIC}/receipts/token", json={"receipt_code": text})
        for text in (code, code[:-1] + "2", "never issued")
    ]
    assert {a.status_code for a in answers} == {401}
    assert len({a.text for a in answers}) == 1


def test_a_receipt_code_is_read_as_people_write_it(application: FastAPI) -> None:
    code = _report(TestClient(application))["receipt_code"]
    holder = _holder(application, code.lower().replace("-", " "))
    assert holder.get(f"{PUBLIC}/report").status_code == 200


def test_the_dialogue_goes_both_ways(application: FastAPI) -> None:
    received = _report(TestClient(application))
    holder = _holder(application, received["receipt_code"])
    holder.post(f"{PUBLIC}/report/messages", json={"body": "Wanneer hoor ik iets?"})
    worker = make_client(application, Role.INTAKE_WORKER)
    listed = worker.get("/api/v1/reports", params={"q": received["reference"]}).json()["items"]
    url = f"/api/v1/reports/{listed[0]['id']}"
    answered = worker.post(f"{url}/messages", json={"body": "Deze week."})
    assert answered.status_code == 201
    assert answered.json()["acknowledged_on"] is not None
    own = holder.get(f"{PUBLIC}/report").json()
    assert [m["direction"] for m in own["messages"]] == ["from_reporter", "from_bureau"]
    assert own["status"] == "registered"


def test_identity_can_be_given_later_and_once(application: FastAPI) -> None:
    holder = _holder(application, _report(TestClient(application))["receipt_code"])
    identity = {"name": "Voorbeeld Persoon", "email": "voorbeeld@example.org"}
    assert holder.post(f"{PUBLIC}/report/identity", json=identity).json()["is_anonymous"] is False
    assert holder.post(f"{PUBLIC}/report/identity", json=identity).status_code == 409


def test_withdrawal_ends_every_consent_and_the_dialogue(
    application: FastAPI, database: Database
) -> None:
    holder = _holder(application, _report(TestClient(application))["receipt_code"])
    assert holder.post(f"{PUBLIC}/report/withdrawal", json={}).json()["status"] == "withdrawn"
    assert holder.post(f"{PUBLIC}/report/messages", json={"body": "?"}).status_code == 409
    with database.snapshot() as session:
        report = session.scalars(select(Report)).one()
    assert [report.consent_approach_respondent, report.consent_share_with_partners] == [False] * 2


def test_a_receipt_opens_no_staff_route_and_a_login_opens_no_report(application: FastAPI) -> None:
    holder = _holder(application, _report(TestClient(application))["receipt_code"])
    assert holder.get("/api/v1/reports").status_code == 401
    worker = make_client(application, Role.COORDINATOR)
    assert worker.get(f"{PUBLIC}/report").status_code == 401


def test_a_phone_report_is_acknowledged_at_once_and_can_get_a_receipt(
    application: FastAPI,
) -> None:
    worker = make_client(application, Role.INTAKE_WORKER)
    body = report_body(channel="phone", received_at="2026-01-06T10:00:00+01:00")
    body["reporter"] = {
        "role": "victim",
        "is_anonymous": False,
        "name": "Voorbeeld",
        "phone": "0470 00 00 00",
    }
    report = worker.post("/api/v1/reports", json=body).json()
    assert report["status"] == "registered"
    assert report["acknowledged_on"] is not None
    # 6 January 2026 is a Tuesday: five working days later is the next Tuesday.
    assert report["acknowledge_by"] == "2026-01-13"
    code = worker.post(f"/api/v1/reports/{report['id']}/receipt").json()["receipt_code"]
    assert _holder(application, code).get(f"{PUBLIC}/report").status_code == 200


def test_a_new_receipt_ends_the_one_before(application: FastAPI) -> None:
    worker = make_client(application, Role.INTAKE_WORKER)
    report = worker.post("/api/v1/reports", json=report_body(channel="desk")).json()
    codes = [
        worker.post(f"/api/v1/reports/{report['id']}/receipt").json()["receipt_code"]
        for _ in range(2)
    ]
    statuses = [
        worker.post(
            f"{PUBLIC}/receipts/token", json={"receipt_code": c}, headers={"Authorization": ""}
        ).status_code
        for c in codes
    ]
    assert statuses == [401, 200]


def test_a_retried_intake_gets_the_same_receipt(client: TestClient, database: Database) -> None:
    headers = {"Idempotency-Key": "a-random-key-of-the-client"}
    answers = [
        client.post(f"{PUBLIC}/reports", json=report_body(), headers=headers) for _ in range(3)
    ]
    assert len({a.text for a in answers}) == 1
    with database.snapshot() as session:
        assert len(session.scalars(select(Report)).all()) == 1


def _changed(path: str, value: Any) -> dict[str, Any]:
    body = report_body()
    *parents, last = path.split("/")
    target = body
    for part in parents:
        target = target[part]
    target[last] = value
    return body


TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


@pytest.mark.parametrize(
    ("path", "value", "pointer", "code"),
    [
        ("request", "pizza", "/request", "unknown_code"),
        ("request", 5, "/request", "string_type"),
        ("unknown", 1, "/unknown", "extra_forbidden"),
        ("incident/domain", "moon", "/incident/domain", "unknown_code"),
        ("incident/narrative", "  ", "/incident/narrative", "too_short"),
        ("incident/narrative", "x" * 20_001, "/incident/narrative", "too_long"),
        ("incident/narrative", "a\0b", "/incident/narrative", "control_character"),
        ("incident/occurred_from", TOMORROW, "/incident/occurred_from", "in_future"),
        ("incident/occurred_to", "2025-01-01", "/incident/occurred_to", "date_order"),
        ("incident/district", "a\u202eb", "/incident/district", "bidi_override"),
        ("incident/respondent", {"kind": "dragon"}, "/incident/respondent/kind", "unknown_code"),
        ("incident/conducts", ["direct", "direct"], "/incident/conducts/1", "duplicate"),
        ("grounds", [], "/grounds", "too_short"),
        ("grounds", [{"code": "age"}, {"code": "age"}], "/grounds/1", "duplicate"),
        ("grounds", [{"code": "age", "link": "x"}], "/grounds/0/link", "enum"),
        ("multiplicity", "intersectional", "/multiplicity", "multiplicity"),
        ("reporter/name", "Somebody", "/reporter/name", "anonymous"),
        ("reporter/role", "king", "/reporter/role", "unknown_code"),
        ("consents/contact", None, "/consents/contact", "bool_type"),
        ("language", "Dutch", "/language", "string_pattern_mismatch"),
    ],
)
def test_bad_input_is_refused_and_named(
    client: TestClient, database: Database, path: str, value: Any, pointer: str, code: str
) -> None:
    answer = client.post(f"{PUBLIC}/reports", json=_changed(path, value))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"pointer": pointer, "code": code}.items() <= answer.json()["errors"][0].items()
    with database.snapshot() as session:
        assert session.scalars(select(Report)).all() == []


def test_a_body_of_a_megabyte_is_refused_before_it_is_parsed(client: TestClient) -> None:
    answer = client.post(f"{PUBLIC}/reports", content=b"{" * 1_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_what_was_sent_is_never_echoed(client: TestClient) -> None:
    body = _changed("incident/occurred_from", "very secret 4711")
    assert "4711" not in client.post(f"{PUBLIC}/reports", json=body).text
    assert client.post(f"{PUBLIC}/reports", content=b"\xff\xfe secret").status_code in (400, 422)


def test_an_expired_code_is_refused_and_named(application: FastAPI) -> None:
    coordinator = make_client(application, Role.COORDINATOR)
    url = "/api/v1/vocabulary/grounds/wealth"
    etag = coordinator.get(url).headers["ETag"]
    ended = coordinator.patch(url, json={"valid_to": "2020-12-31"}, headers={"If-Match": etag})
    assert ended.status_code == 200
    answer = TestClient(application).post(
        f"{PUBLIC}/reports", json=report_body(grounds=[{"code": "wealth"}])
    )
    error = answer.json()["errors"][0]
    assert (error["pointer"], error["code"]) == ("/grounds/0/code", "expired_code")


@pytest.mark.parametrize(
    ("way", "consents_to_contact", "status"),
    [
        ({}, True, 422),
        ({}, False, 201),
        ({"email": "melder@example.org"}, True, 201),
        ({"phone": "0470 00 00 00"}, True, 201),
        ({"postal": "Dorpsstraat 1"}, True, 201),
        ({"safe_contact": "Via mijn zus, nooit thuis."}, True, 201),
    ],
)
def test_who_is_known_and_wants_an_answer_says_how(
    application: FastAPI,
    client: TestClient,
    way: dict[str, str],
    consents_to_contact: bool,
    status: int,
) -> None:
    body = report_body()
    body["reporter"] = {"role": "victim", "is_anonymous": False, "name": "Voorbeeld"} | way
    body["consents"]["contact"] = consents_to_contact
    worker = make_client(application, Role.INTAKE_WORKER)
    for answer in (
        client.post(f"{PUBLIC}/reports", json=body),
        worker.post("/api/v1/reports", json=body | {"channel": "phone"}),
    ):
        assert answer.status_code == status, answer.text
        if status == 422:
            errors = [(e["pointer"], e["code"]) for e in answer.json()["errors"]]
            assert errors == [("/reporter", "no_contact")]
