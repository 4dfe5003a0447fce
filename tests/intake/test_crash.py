"""What was acknowledged survives: `kill -9` in the middle of many intakes."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.core.database import Database
from app.intake.models import Report
from benchmarks.load import encode, post_all
from benchmarks.server import Server, open_database
from tests.makers.intake import report_body

CLIENTS = 16


@pytest.mark.parametrize(
    ("intakes", "kills"), [(2_000, 4), pytest.param(10_000, 30, marks=pytest.mark.torture)]
)
def test_every_acknowledged_report_is_there_exactly_once(
    database_url: str, intakes: int, kills: int
) -> None:
    server = Server(database_url)
    server.start()
    requests = [
        encode(
            server.port,
            "/api/v1/public/reports",
            report_body(),
            {"Idempotency-Key": str(uuid4())},
        )
        for _ in range(intakes)
    ]
    acknowledged: dict[int, dict[str, Any]] = {}
    moments = {intakes * n // (kills + 1): threading.Event() for n in range(1, kills + 1)}

    def note(number: int, answer: dict[str, Any]) -> None:
        acknowledged[number] = answer
        if len(acknowledged) in moments:
            moments[len(acknowledged)].set()

    def kill_and_restart() -> None:
        for moment in moments.values():
            assert moment.wait(60)
            server.kill()
            server.start()

    with ThreadPoolExecutor(1) as pool:
        killer = pool.submit(kill_and_restart)
        try:
            outcome = asyncio.run(
                post_all(server.port, requests, clients=CLIENTS, on_answer=note, is_patient=True)
            )
            killer.result()
        finally:
            server.stop()
    assert outcome.retries >= kills
    references = {answer["reference"] for answer in acknowledged.values()}
    assert len(acknowledged) == len(references) == intakes
    database = open_database(database_url)
    with database.snapshot() as session:
        stored = session.scalars(select(Report.reference)).all()
    database.close()
    assert sorted(stored) == sorted(references)


def test_many_more_writers_than_threads_all_finish(client: TestClient, database: Database) -> None:
    """200 at once: nobody holds the writing connection while waiting for a thread."""
    bodies = [report_body() for _ in range(200)]
    bodies[100] = report_body(request="no such request")

    def send(body: dict[str, Any]) -> int:
        return int(client.post("/api/v1/public/reports", json=body).status_code)

    with ThreadPoolExecutor(200) as pool:
        statuses = sorted(pool.map(send, bodies))
    assert statuses == [201] * 199 + [422]
    with database.snapshot() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 199
