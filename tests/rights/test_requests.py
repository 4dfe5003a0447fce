"""Requests of people: a month to answer, extended once; first it is checked who asks."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.core.access import Role
from app.core.database import Database
from app.rights.domain import answer_by
from tests.makers.barring import bar
from tests.makers.identity import make_client
from tests.makers.referrals import trail_of
from tests.makers.retention import today
from tests.makers.rights import REQUESTS, act_on, ask, asked
from tests.makers.tour import V1, add_case, add_report, done


@pytest.fixture
def coordinator(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 2))
def test_the_term_ends_on_the_same_day_of_a_later_month_or_on_its_last(
    received_on: date, more: int
) -> None:
    found = answer_by(received_on, months_more=more)
    months = (found.year - received_on.year) * 12 + found.month - received_on.month
    assert months == 1 + more
    is_last = (found + timedelta(days=1)).day == 1
    assert found.day == received_on.day or (is_last and found.day < received_on.day)


def test_a_request_from_registering_to_the_answer(
    application: FastAPI, coordinator: TestClient
) -> None:
    request = ask(coordinator)
    assert request["due_on"] == answer_by(today()).isoformat()
    assert "ontvangstcode" in request["identity_note"]
    report, case = add_report(coordinator), add_case(coordinator)
    subjects = {"report_ids": [report["id"]], "case_ids": [case["id"]]}
    found = done(act_on(coordinator, request, "subjects", subjects))
    assert {one["reference"] for one in found["subjects"]} == {
        report["reference"],
        case["reference"],
    }
    decision = {"decision": "granted", "reason": "Volledig."}
    early = act_on(coordinator, request, "decision", decision)
    assert (early.status_code, early.json()["code"]) == (409, "identity_not_checked")
    done(act_on(coordinator, request, "extension", {"months": 2, "reason": "Veel stukken."}))
    again = act_on(coordinator, request, "extension", {"months": 1, "reason": "Nog meer."})
    assert again.json()["code"] == "extended_before"
    done(act_on(coordinator, request, "identity", {"how": "receipt_code"}))
    found = done(act_on(coordinator, request, "decision", decision))
    assert found["due_on"] == answer_by(today(), months_more=2).isoformat()
    assert (found["decision"], found["answered_on"]) == ("granted", today().isoformat())
    for act, body in (
        ("decision", decision),
        ("subjects", {}),
        ("identity", {"how": "mandate"}),
        ("extension", {"months": 1, "reason": "Later."}),
    ):
        assert act_on(coordinator, request, act, body).json()["code"] == "request_decided"
    (row,) = done(coordinator.get(REQUESTS))["items"]
    assert "name" not in row
    assert row["decision"] == "granted"
    assert done(coordinator.get(f"{REQUESTS}?open=true&kind=access"))["items"] == []
    auditor = make_client(application, Role.AUDITOR)
    events = {event for event, _surface in trail_of(auditor, request["id"])}
    assert events >= {
        f"person_request_{act}"
        for act in ("registered", "read", "linked", "extended", "identified", "decided")
    }


def test_bad_input_is_named(coordinator: TestClient) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    refused = coordinator.post(
        REQUESTS,
        json={"kind": "access", "role": "other", "received_on": tomorrow, "language": "nl"},
    )
    assert _error(refused) == ("/received_on", "in_future")
    request = ask(coordinator)
    report = add_report(coordinator)["id"]
    unknown = {"report_ids": [report, request["id"]], "case_ids": [report]}
    answer = act_on(coordinator, request, "subjects", unknown)
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/report_ids/1",
        "/case_ids/0",
    ]
    for body, pointer in (
        ({"decision": "refused", "reason": "Neen."}, "/refusal_ground"),
        ({"decision": "granted", "refusal_ground": "other", "reason": "."}, "/refusal_ground"),
    ):
        assert _error(act_on(coordinator, request, "decision", body))[0] == pointer
    not_shown = {
        "decision": "refused",
        "refusal_ground": "identity_not_shown",
        "reason": "Niets getoond.",
    }
    done(act_on(coordinator, request, "identity", {"how": "known_contact"}))
    assert _error(act_on(coordinator, request, "decision", not_shown))[0] == "/refusal_ground"
    statistics = {"decision": "granted", "reason": "Ja.", "ends_statistics": True}
    assert _error(act_on(coordinator, request, "decision", statistics))[0] == "/ends_statistics"
    other = ask(coordinator)
    assert done(act_on(coordinator, other, "decision", not_shown))["decision"] == "refused"
    stale = coordinator.post(
        f"{REQUESTS}/{request['id']}/identity",
        json={"how": "mandate"},
        headers={"If-Match": '"1"'},
    )
    assert stale.status_code == 412


def _error(answer: Any) -> tuple[str, str]:
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    return error["pointer"], error["code"]


def test_the_term_cannot_be_extended_once_it_is_over(coordinator: TestClient) -> None:
    request = ask(coordinator, received_on=(today() - timedelta(days=40)).isoformat())
    late = act_on(coordinator, request, "extension", {"months": 2, "reason": "Te laat."})
    assert (late.status_code, late.json()["code"]) == (409, "term_over")
    items = done(coordinator.get(f"{V1}/worklist"))["items"]
    assert [(item["kind"], item["is_overdue"]) for item in items] == [
        ("answer_person_request", True)
    ]
    assert items[0]["object_id"] == request["id"]


def test_who_is_barred_from_a_report_sees_no_request_about_it(
    application: FastAPI, coordinator: TestClient
) -> None:
    other = make_client(application, Role.COORDINATOR)
    alone = add_report(coordinator)["id"]
    inside = add_report(coordinator)["id"]
    case = add_case(coordinator, inside)["id"]
    of_report = asked(coordinator, reports=(alone,))
    of_case = asked(coordinator, cases=(case,))
    assert len(done(other.get(REQUESTS))["items"]) == 2
    done(bar(coordinator, f"reports/{alone}", other), 201)
    done(bar(coordinator, f"cases/{case}", other), 201)
    assert done(other.get(REQUESTS))["items"] == []
    assert done(other.get(f"{V1}/worklist?ahead_days=90"))["items"] == []
    for request in (of_report, of_case):
        assert other.get(f"{REQUESTS}/{request['id']}").status_code == 404
        assert coordinator.get(f"{REQUESTS}/{request['id']}").status_code == 200


def test_an_objection_that_is_granted_takes_reports_out_of_the_figures(
    database: Database, coordinator: TestClient
) -> None:
    report = add_report(coordinator)["id"]
    request = asked(coordinator, "objection", reports=(report,))
    body = {"decision": "granted", "reason": "Toegestaan.", "ends_statistics": True}
    before = _figures(coordinator)
    done(act_on(coordinator, request, "decision", body))
    assert done(coordinator.get(f"{V1}/reports/{report}"))["consents"]["statistics"] is False
    after = _figures(coordinator)
    assert after["total"] == before["total"] == 1
    assert before["by_domain"] != after["by_domain"]


def _figures(coordinator: TestClient) -> Any:
    return done(coordinator.get(f"{V1}/annual-reports/{today().year}"))["figures"]["reports"]


def test_the_name_of_who_asks_is_nowhere_in_the_clear(
    database: Database, coordinator: TestClient
) -> None:
    ask(coordinator, name="Kwinkeleer Kanarie")
    with database.transaction() as session:
        rows = session.connection().exec_driver_sql("SELECT requester_name FROM person_requests")
        assert ["Kanarie" in row[0] for row in rows] == [False]
