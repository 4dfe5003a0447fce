"""A retried request is answered as the first one was."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.api import idempotency
from app.api.models import KeptAnswer
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.intake import service
from app.intake.models import Report
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.tour import V1, add_case

URL = f"{V1}/public/reports"
KEY = {"Idempotency-Key": "a-key-of-the-client"}


def _reports(database: Database) -> int:
    with database.snapshot() as session:
        return session.scalar(select(func.count()).select_from(Report)) or 0


def test_many_retries_at_once_make_one_report(client: TestClient, database: Database) -> None:
    """Who comes while the first is worked on is told so; everybody else gets its answer."""
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: client.post(URL, json=report_body(), headers=KEY), range(20))
        )
    assert _reports(database) == 1
    made = [a for a in answers if a.status_code == 201]
    assert made
    assert len({a.text for a in made}) == 1
    for other in answers:
        if other.status_code != 201:
            assert (other.status_code, other.json()["code"]) == (409, "still_running")


def test_while_the_first_is_worked_on_a_retry_is_told_so(
    client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, may_go_on = threading.Event(), threading.Event()
    receive = service.receive_public_report

    def slowly(*args: object, **kwargs: object) -> object:
        has_begun.set()
        assert may_go_on.wait(20)
        return receive(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "receive_public_report", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, URL, json=report_body(), headers=KEY)
        assert has_begun.wait(20)
        retry = client.post(URL, json=report_body(), headers=KEY)
        may_go_on.set()
        assert first.result().status_code == 201
    assert (retry.status_code, retry.json()["code"]) == (409, "still_running")
    assert _reports(database) == 1


def test_a_refused_request_leaves_its_key_free(client: TestClient, database: Database) -> None:
    assert client.post(URL, json=report_body(request="pizza"), headers=KEY).status_code == 422
    assert client.post(URL, json=report_body(), headers=KEY).status_code == 201
    assert _reports(database) == 1


def test_a_key_is_one_actors_and_one_objects(application: FastAPI) -> None:
    workers = [make_client(application, Role.CASE_MANAGER) for _ in range(2)]
    cases = [add_case(workers[0])["id"] for _ in range(2)]
    notes = {
        worker.post(f"{V1}/cases/{case}/notes", json={"body": "Gebeld."}, headers=KEY).json()["id"]
        for worker in workers
        for case in cases
    }
    assert len(notes) == 4


def test_the_kept_answer_is_sealed_and_goes_after_a_day(
    client: TestClient, database: Database
) -> None:
    code = client.post(URL, json=report_body(), headers=KEY).json()["receipt_code"]
    with database.transaction() as session:
        kept = session.scalars(select(KeptAnswer)).one()
        assert kept.sealed_answer is not None
        assert code.encode() not in kept.sealed_answer
        assert kept.expires_at - clock.now() > timedelta(hours=24)
        idempotency.forget_expired(session, at=clock.now() + timedelta(days=3))
    with database.snapshot() as session:
        assert session.scalars(select(KeptAnswer)).all() == []
