"""Calendar feeds by a secret address."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import select

from app.activities.ical import CalendarEntry, render
from app.activities.models import CalendarAddress
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.identity.models import StaffAccount, StaffRole
from app.partners.models import Partner
from tests.makers.activities import add_activity, change_activity
from tests.makers.identity import make_client
from tests.makers.partners import new_partner
from tests.makers.tour import V1, add_case, done, in_days


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _issue(worker: TestClient, of: str = "me") -> str:
    return str(done(worker.post(f"{V1}/{of}/calendar"), 201)["calendar_path"])


def _events(answer: Any) -> dict[str, Any]:
    """title -> event."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.text)
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def test_a_colleague_sees_what_they_attend_and_what_is_due(
    application: FastAPI, client: TestClient, worker: TestClient
) -> None:
    me = worker.headers["X-Test-Account"]
    meeting = add_activity(
        worker, title="Kerngroep; punt, komma", attendee_ids=[me], ended_on=in_days(-9)
    )
    other = add_activity(worker, title="Zonder mij", action_points=[])
    case = add_case(worker)
    for title in ("Mevrouw Fictief bellen", "Meneer Fictief bellen"):
        task = {"title": title, "due_on": in_days(2), "assignee_id": me}
        done(worker.post(f"{V1}/cases/{case['id']}/tasks", json=task), 201)
    answer = client.get(_issue(worker))
    events = _events(answer)
    task_title, point_title = f"Taak {case['reference']}", f"Taak {meeting['reference']}"
    meeting_title = f"Kerngroepvergadering {meeting['reference']}"
    assert {meeting_title, task_title, point_title} <= set(events)
    assert other["reference"] not in answer.text
    assert "Fictief" not in answer.text
    assert "punt" not in answer.text
    assert "folder" not in answer.text
    event = events[meeting_title]
    assert event["DTSTART"].dt == date.fromisoformat(meeting["held_on"])
    assert event["DTEND"].dt == date.fromisoformat(meeting["ended_on"]) + timedelta(days=1)
    uids = [event["UID"] for event in Calendar.from_ical(answer.text).walk("VEVENT")]
    assert len(set(uids)) == len(uids) >= 4


def test_the_words_of_the_system_come_in_the_language_asked(
    client: TestClient, worker: TestClient
) -> None:
    reference = add_activity(worker)["reference"]
    path = _issue(worker)
    for language, word in (("nl", "Taak"), ("fr", "Tâche"), ("en", "Task")):
        assert f"{word} {reference}" in _events(client.get(path, params={"lang": language}))
    assert client.get(path, params={"lang": "de"}).status_code == 422


def test_an_item_of_a_restricted_case_is_not_in_anybody_elses_calendar(
    application: FastAPI, client: TestClient, worker: TestClient
) -> None:
    colleague = make_client(application, Role.INTAKE_WORKER)
    owner = colleague.headers["X-Test-Account"]
    case = add_case(worker)
    task = {"title": "x", "due_on": in_days(2), "assignee_id": owner}
    done(worker.post(f"{V1}/cases/{case['id']}/tasks", json=task), 201)
    assert len(_events(client.get(_issue(colleague)))) == 1
    etag = {"If-Match": worker.get(f"{V1}/cases/{case['id']}").headers["ETag"]}
    done(worker.patch(f"{V1}/cases/{case['id']}", json={"is_restricted": True}, headers=etag))
    assert _events(client.get(_issue(colleague))) == {}


def test_a_partner_sees_the_activities_it_takes_part_in(
    application: FastAPI, client: TestClient, worker: TestClient
) -> None:
    partner = new_partner(application)
    made = add_activity(
        worker,
        kind="network_meeting",
        title="Dossier C-2026-000012 Fictief",
        held_on=in_days(30),
        partner_ids=[str(partner)],
        guests=["A. Fictief"],
        place="Bij Fictief thuis",
        minutes="Vertrouwelijk.",
    )
    add_activity(worker, title="Zonder hen")
    answer = client.get(_issue(worker, f"partners/{partner}"))
    assert list(_events(answer)) == [f"Netwerkoverleg {made['reference']}"]
    assert "C-2026" not in answer.text
    assert "Fictief" not in answer.text
    assert "LOCATION" not in answer.text


def test_what_is_called_off_is_shown_as_such(client: TestClient, worker: TestClient) -> None:
    me = worker.headers["X-Test-Account"]
    made = add_activity(worker, attendee_ids=[me], action_points=[])
    path = _issue(worker)
    assert next(iter(_events(client.get(path)).values()))["STATUS"] == "CONFIRMED"
    done(change_activity(worker, made, is_cancelled=True))
    [event] = _events(client.get(path)).values()
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)


def test_who_has_the_calendar_need_not_fetch_it_again(
    client: TestClient, worker: TestClient
) -> None:
    me = worker.headers["X-Test-Account"]
    made = add_activity(worker, attendee_ids=[me])
    path = _issue(worker)
    first = client.get(path)
    tag = first.headers["ETag"]
    assert client.get(path).text == first.text
    again = client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    done(change_activity(worker, made, held_on=in_days(-11)))
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_renewed_address_closes_the_one_before(client: TestClient, worker: TestClient) -> None:
    old = _issue(worker)
    new = _issue(worker)
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_of_two_issued_at_once_one_works(client: TestClient, worker: TestClient) -> None:
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(lambda _: _issue(worker), range(2)))
    assert sorted(client.get(path).status_code for path in paths) == [200, 404]


def test_a_retry_gets_the_same_address(client: TestClient, worker: TestClient) -> None:
    headers = {"Idempotency-Key": "calendar-once-only"}
    first, second = (worker.post(f"{V1}/me/calendar", headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert client.get(first.json()["calendar_path"]).status_code == 200


@pytest.mark.parametrize("ends", ["account", "roles"])
def test_a_colleague_who_left_has_no_calendar(
    client: TestClient, database: Database, worker: TestClient, ends: str
) -> None:
    path = _issue(worker)
    with database.transaction() as session:
        account = session.scalars(select(StaffAccount)).one()
        if ends == "account":
            account.is_active = False
        else:
            account.role_rows = [StaffRole(role=Role.ANALYST)]
    assert client.get(path).status_code == 404


def test_a_partner_that_ended_has_no_calendar(
    application: FastAPI, client: TestClient, database: Database, worker: TestClient
) -> None:
    partner_id = new_partner(application)
    path = _issue(worker, f"partners/{partner_id}")
    with database.transaction() as session:
        session.get_one(Partner, partner_id).active_from = date(2020, 1, 1)
        session.get_one(Partner, partner_id).active_to = date(2020, 12, 31)
    assert client.get(path).status_code == 404
    assert worker.post(f"{V1}/partners/{partner_id}/calendar").json()["code"] == "partner_ended"


@pytest.mark.parametrize("token", ["x", "%00", "a" * 1500, "..%2f..", "%F0%9F%93%85"])
def test_an_address_that_nobody_has_is_not_found(client: TestClient, token: str) -> None:
    answer = client.get(f"{V1}/public/calendars/{token}.ics")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_a_hash_of_the_address_is_kept_and_nothing_is_logged(
    client: TestClient, database: Database, worker: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _issue(worker)
    token = path.rpartition("/")[2].removesuffix(".ics")
    assert len(token) >= 43  # 256 bits
    client.get(path)
    shown = capsys.readouterr()
    assert "calendars/{token}.ics" in shown.out + shown.err
    assert token not in shown.out + shown.err
    with database.snapshot() as session:
        row = session.scalars(select(CalendarAddress)).one()
    assert token not in str(vars(row))


texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff"),
    min_size=1,
    max_size=200,
).map(str.strip)


@given(st.lists(st.tuples(texts.filter(bool), st.dates(date(1990, 1, 1), date(2100, 12, 31)))))
def test_any_title_comes_back_as_it_was(given_entries: list[tuple[str, date]]) -> None:
    entries = [
        CalendarEntry(
            uid=str(place),
            title=title,
            first=day,
            last=day,
            stamp=clock.now(),
            category="x, y",
        )
        for place, (title, day) in enumerate(given_entries)
    ]
    text = render(entries, name="Naam; met, tekens")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    calendar = Calendar.from_ical(text)
    events: list[Any] = list(calendar.walk("VEVENT"))
    found = [(str(e["SUMMARY"]), e["DTSTART"].dt) for e in events]
    assert found == given_entries
    assert calendar.subcomponents  # RFC 5545, 3.6: at least one
    assert text == render(entries, name="Naam; met, tekens")
