"""The daily mail of what is due."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.database import Database
from app.identity.models import StaffAccount
from app.notifications.models import OutboxMessage
from app.worklist.digest import queue_digests
from app.worklist.domain import DigestLanguage, write_digest
from app.worklist.models import DigestSubscription
from tests.makers.identity import make_client
from tests.makers.notifications import messages
from tests.makers.tour import V1, add_case

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)  # half past nine in Belgium
WISH = {"email": "ilse@example.org", "hour": 9, "language": "nl", "is_on": True}


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    """A coordinator with a task that is over time."""
    worker = make_client(application, Role.COORDINATOR)
    case = add_case(worker)
    task = {
        "title": "Zeer persoonlijke titel",
        "due_on": "2026-01-02",
        "assignee_id": worker.headers["X-Test-Account"],
    }
    assert worker.post(f"{V1}/cases/{case['id']}/tasks", json=task).status_code == 201
    worker.headers["X-Test-Reference"] = case["reference"]
    return worker


def subscribe(database: Database, worker: TestClient, **changes: Any) -> None:
    wish: dict[str, Any] = WISH | {"last_on": None} | changes
    wish["language"] = DigestLanguage(wish["language"])
    with database.transaction() as session:
        session.merge(DigestSubscription(account_id=UUID(worker.headers["X-Test-Account"]), **wish))


def queue(database: Database, at: datetime) -> list[OutboxMessage]:
    with database.transaction() as session:
        queue_digests(session, at)
    return messages(database)


def test_a_digest_tells_counts_and_references_and_nothing_else(
    database: Database, worker: TestClient
) -> None:
    subscribe(database, worker)
    (mail,) = queue(database, AT)
    assert mail.recipient == "ilse@example.org"
    assert mail.subject is not None
    assert mail.subject.startswith("Wat vandaag op u wacht")
    assert mail.body is not None
    assert worker.headers["X-Test-Reference"] in mail.body
    assert "Te laat" in mail.body
    assert "persoonlijke" not in mail.body


def test_it_comes_at_its_hour_once_a_day(database: Database, worker: TestClient) -> None:
    subscribe(database, worker)
    assert queue(database, AT - timedelta(hours=1)) == []
    assert len(queue(database, AT)) == 1
    assert len(queue(database, AT + timedelta(minutes=1))) == 1
    assert len(queue(database, AT + timedelta(hours=10))) == 1
    assert len(queue(database, AT + timedelta(days=1))) == 2


def test_a_late_worker_still_sends_it(database: Database, worker: TestClient) -> None:
    subscribe(database, worker)
    assert len(queue(database, AT + timedelta(hours=8))) == 1


def test_several_workers_at_once_send_one(database: Database, worker: TestClient) -> None:
    subscribe(database, worker)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: queue(database, AT), range(8)))
    assert len(messages(database)) == 1


def test_a_crash_in_between_neither_loses_nor_doubles_it(
    database: Database, worker: TestClient
) -> None:
    subscribe(database, worker)
    with database.transaction() as session:
        queue_digests(session, AT)
        session.rollback()
    assert messages(database) == []
    assert len(queue(database, AT)) == 1


@pytest.mark.parametrize("changes", [{"is_on": False}, {"last_on": DAY}], ids=["off", "done today"])
def test_nobody_gets_one_unasked(
    database: Database, worker: TestClient, changes: dict[str, Any]
) -> None:
    subscribe(database, worker, **changes)
    assert queue(database, AT) == []


def test_who_left_or_may_no_longer_gets_none(database: Database, worker: TestClient) -> None:
    subscribe(database, worker)
    with database.transaction() as session:
        account = session.get_one(StaffAccount, UUID(worker.headers["X-Test-Account"]))
        account.is_active = False
    assert queue(database, AT) == []


def test_a_day_with_nothing_due_brings_no_mail(application: FastAPI, database: Database) -> None:
    idle = make_client(application, Role.CASE_MANAGER)
    subscribe(database, idle)
    assert queue(database, AT) == []


def test_of_a_restricted_case_only_its_handler_hears(
    application: FastAPI, database: Database, worker: TestClient
) -> None:
    colleague = make_client(application, Role.CASE_MANAGER)
    case = add_case(worker, is_restricted=True)
    task = {"title": "x", "due_on": "2026-01-02"}  # nobody's: mine and what nobody has
    worker.post(f"{V1}/cases/{case['id']}/tasks", json=task)
    subscribe(database, colleague)
    assert all(case["reference"] not in (mail.body or "") for mail in queue(database, AT))
    subscribe(database, worker)
    assert any(case["reference"] in (mail.body or "") for mail in queue(database, AT))


def test_the_wish_is_kept_and_checked(application: FastAPI, database: Database) -> None:
    worker = make_client(application, Role.INTAKE_WORKER)
    assert worker.get(f"{V1}/me/digest").json()["is_on"] is False
    assert worker.put(f"{V1}/me/digest", json=WISH).json() == WISH
    assert worker.get(f"{V1}/me/digest").json() == WISH
    for field, value in (
        ("email", "nobody"),
        ("email", "a@b.org\nBcc: x@y.org"),
        ("email", "a b@example.org"),
        ("hour", 24),
        ("hour", -1),
        ("language", "de"),
        ("is_on", None),
        ("unknown", 1),
    ):
        answer = worker.put(f"{V1}/me/digest", json=WISH | {field: value})
        assert answer.status_code == 422, field
        assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    analyst = make_client(application, Role.ANALYST)
    assert analyst.put(f"{V1}/me/digest", json=WISH).status_code == 403


@pytest.mark.parametrize("language", list(DigestLanguage))
def test_long_lists_are_cut_and_say_so(language: DigestLanguage) -> None:
    due = [(DAY - timedelta(days=1), f"C-2026-{n:06}") for n in range(30)]
    digest = write_digest([*due, (DAY, "R-2026-000001"), due[0]], language, today=DAY)
    assert "32" in digest.subject
    assert "C-2026-000000 (2)" in digest.body
    assert "R-2026-000001" in digest.body
    assert "C-2026-000025" not in digest.body
    assert " 10" in digest.body
