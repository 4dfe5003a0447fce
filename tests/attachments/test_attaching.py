"""Adding, listing, downloading and removing files, and who may."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.api.headers import NOTHING
from app.attachments import service
from app.attachments.models import Attachment
from app.attachments.storage import Storage
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.settings import Settings
from tests.makers.attachments import PDF, clamd, send_file
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.tour import V1, act_on_case, add_case, add_report, done, start_talks


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def report(worker: TestClient) -> str:
    return f"{V1}/reports/{add_report(worker)['id']}/attachments"


def files(settings: Settings) -> list[Path]:
    folder = settings.attachments_dir
    return sorted(folder.iterdir()) if folder.is_dir() else []


def holder(application: FastAPI, client: TestClient) -> TestClient:
    received = client.post(f"{V1}/public/reports", json=report_body()).json()
    token = client.post(
        f"{V1}/public/receipts/token", json={"receipt_code": received["receipt_code"]}
    ).json()["access_token"]
    return TestClient(application, headers={"Authorization": f"Bearer {token}"})


def test_a_file_comes_back_as_it_went_and_only_as_a_download(
    worker: TestClient, report: str, settings: Settings
) -> None:
    content = PDF + bytes(range(256)) * 8000
    added = done(send_file(worker, report, content, "Één brief.pdf"), 201)
    assert added["name"] == "Één brief.pdf"
    assert added["media_type"] == "application/pdf"
    assert (added["size_bytes"], added["sha256"]) == (len(content), sha256(content).hexdigest())
    answer = worker.get(f"{V1}/attachments/{added['id']}")
    assert answer.content == content
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=UTF-8''%C3%89%C3%A9n%20brief.pdf"
    )
    assert answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["Content-Security-Policy"] == f"sandbox; {NOTHING}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert [item["id"] for item in worker.get(report).json()["items"]] == [added["id"]]
    (file,) = files(settings)
    assert file.stat().st_mode & 0o777 == 0o600
    assert "brief" not in file.name


def test_every_step_stands_in_the_trail_of_the_owner(
    worker: TestClient, report: str, database: Database
) -> None:
    added = done(send_file(worker, report), 201)
    worker.get(report)
    worker.get(f"{V1}/attachments/{added['id']}")
    worker.delete(f"{V1}/attachments/{added['id']}")
    owner = report.split("/")[-2]
    with database.snapshot() as session:
        entries = session.scalars(
            select(AuditEntry).where(
                AuditEntry.event.in_(("attachment_added", "attachment_read", "attachment_removed"))
            )
        ).all()
    assert sorted(entry.event for entry in entries) == [
        "attachment_added",
        "attachment_read",
        "attachment_read",
        "attachment_removed",
    ]
    assert {str(entry.object_id) for entry in entries} == {owner}
    assert "bewijs" not in str([entry.details for entry in entries])


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ("Één regel\nen \ttwee ☃".encode(), "text/plain; charset=utf-8"),
        (b"plain", "text/plain; charset=utf-8"),
        (b"\xc9\xe9n regel", "application/octet-stream"),
        ("é".encode()[:1], "application/octet-stream"),
        (b"a" * (1024 * 1024 - 1) + "é".encode(), "text/plain; charset=utf-8"),
    ],
    ids=["UTF-8", "ASCII", "Latin-1", "cut", "across parts"],
)
def test_a_text_is_served_with_its_charset_or_as_bytes(
    worker: TestClient, report: str, content: bytes, media_type: str
) -> None:
    added = done(send_file(worker, report, content, "brief.txt", Content_Type="text/plain"), 201)
    got = worker.get(f"{V1}/attachments/{added['id']}")
    assert got.content == content
    assert got.headers["Content-Type"] == media_type


def test_a_removed_file_is_gone_with_its_name(
    worker: TestClient, report: str, settings: Settings, database: Database
) -> None:
    added = done(send_file(worker, report), 201)
    url = f"{V1}/attachments/{added['id']}"
    assert worker.delete(url).status_code == 204
    assert worker.get(url).status_code == worker.delete(url).status_code == 404
    assert worker.get(report).json()["items"] == []
    assert files(settings) == []
    with database.snapshot() as session:
        row = session.scalars(select(Attachment)).one()
    assert row.file_name is None
    assert row.removed_on is not None


def test_two_hundred_megabytes_are_refused_early_and_nothing_is_left(
    worker: TestClient, report: str, settings: Settings
) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(200):
            sent += 1
            yield bytes(1024 * 1024)

    answer = send_file(worker, report, endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    declared = send_file(worker, report, b"x", Content_Length=str(200 * 1024 * 1024))
    assert declared.status_code == 413
    assert files(settings) == []


def test_nothing_is_read_before_the_login(client: TestClient, report: str) -> None:
    for path in (report, f"{V1}/public/report/attachments"):
        assert send_file(client, path, b"x" * 1000, "a.exe").status_code == 401


@pytest.mark.parametrize(
    ("name", "content", "pointer", "code"),
    [
        ("a.exe", b"MZ", "/header/x-file-name", "type_not_allowed"),
        ("a.pdf", b"", "/file", "empty_file"),
        ("a.pdf", b"#!/bin/sh", "/file", "type_mismatch"),
        ("a.pdf\udcff", PDF, "/header/x-file-name", "bad_name"),
    ],
)
def test_what_is_refused_says_why_and_leaves_nothing(
    worker: TestClient,
    report: str,
    settings: Settings,
    name: str,
    content: bytes,
    pointer: str,
    code: str,
) -> None:
    answer = send_file(worker, report, content, name)
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    assert files(settings) == []


def test_a_missing_name_is_asked_for(worker: TestClient, report: str) -> None:
    answer = worker.post(report, content=PDF)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/header/x-file-name"


def test_a_name_that_climbs_is_only_a_name(
    worker: TestClient, report: str, settings: Settings
) -> None:
    added = done(send_file(worker, report, name="../../../tmp/x.pdf"), 201)
    assert added["name"] == "x.pdf"
    assert len(files(settings)) == 1


def test_a_retry_gets_the_same_answer_and_stores_nothing_more(
    worker: TestClient, report: str, settings: Settings
) -> None:
    key = {"Idempotency-Key": "0123456789"}
    first = done(send_file(worker, report, **key), 201)
    assert done(send_file(worker, report, **key), 201) == first
    assert len(files(settings)) == 1
    other = send_file(worker, report, PDF + b"other", **key)
    assert other.json()["errors"][0]["code"] == "idempotency_key_reused"
    renamed = send_file(worker, report, name="ander.pdf", **key)
    assert renamed.json()["errors"][0]["code"] == "idempotency_key_reused"
    assert len(files(settings)) == 1


def test_retries_at_once_store_one(worker: TestClient, report: str, settings: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _n: send_file(worker, report, **{"Idempotency-Key": "0123456789"}), range(8)
            )
        )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len(files(settings)) == 1


def test_an_owner_has_fifty_files_at_most(
    worker: TestClient, report: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_OF_ONE_OWNER", 2)
    assert [send_file(worker, report).status_code for _ in range(3)] == [201, 201, 409]
    assert len(files(settings)) == 2


def test_files_of_a_restricted_case_do_not_exist_for_others(
    application: FastAPI, worker: TestClient
) -> None:
    case = add_case(worker, is_restricted=True)
    talks = start_talks(worker, _ready(worker, case["id"]))
    report_id = case["reports"][0]["id"]
    colleague = make_client(application, Role.CASE_MANAGER)
    analyst = make_client(application, Role.ANALYST)
    for path in (
        f"cases/{case['id']}",
        f"negotiations/{talks['id']}",
        f"reports/{report_id}",
    ):
        url = f"{V1}/{path}/attachments"
        added = done(send_file(worker, url), 201)
        hidden = f"{V1}/attachments/{added['id']}"
        absent = f"{V1}/attachments/{uuid4()}"
        for method in ("GET", "DELETE"):
            found = colleague.request(method, hidden)
            assert found.status_code == 404
            assert found.json() == colleague.request(method, absent).json()
            assert analyst.request(method, hidden).status_code == 404
        assert colleague.get(url).status_code == 404
        assert send_file(colleague, url).status_code == 404
        assert worker.get(hidden).content == PDF


def _ready(worker: TestClient, case_id: str) -> str:
    act_on_case(worker, case_id, "moves", {"to": "analysis", "reason": "Next."})
    return case_id


def test_who_may_see_but_not_add(application: FastAPI, worker: TestClient) -> None:
    case = add_case(worker)
    talks = start_talks(worker, _ready(worker, case["id"]))
    url = f"{V1}/negotiations/{talks['id']}/attachments"
    added = done(send_file(worker, url), 201)
    reader = make_client(application, Role.INTAKE_WORKER)
    assert reader.get(f"{V1}/attachments/{added['id']}").content == PDF
    assert send_file(reader, url).status_code == 403
    assert reader.delete(f"{V1}/attachments/{added['id']}").status_code == 403


def test_a_reporter_adds_to_the_own_report_and_sees_only_the_own_files(
    application: FastAPI,
    client: TestClient,
    worker: TestClient,
    database: Database,
    settings: Settings,
) -> None:
    reporter = holder(application, client)
    url = f"{V1}/public/report/attachments"
    added = done(send_file(reporter, url, name="foto.pdf"), 201)
    with database.snapshot() as session:
        row = session.scalars(select(Attachment)).one()
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.event == "attachment_added")
        ).one()
    # An anonymous report keeps days, also on disk.
    assert row.added_at == entry.at == clock.day_only(clock.now())
    assert files(settings)[0].stat().st_mtime == clock.day_only(clock.now()).timestamp()
    done(send_file(worker, f"{V1}/reports/{row.owner_id}/attachments", name="intern.pdf"), 201)
    assert [item["name"] for item in reporter.get(url).json()["items"]] == ["foto.pdf"]
    assert len(worker.get(f"{V1}/reports/{row.owner_id}/attachments").json()["items"]) == 2
    assert worker.get(f"{V1}/attachments/{added['id']}").content == PDF
    assert holder(application, client).get(url).json()["items"] == []
    reporter.post(f"{V1}/public/report/withdrawal", json={})
    assert send_file(reporter, url).json()["code"] == "report_withdrawn"


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (b"stream: OK\0", 201, None),
        (b"stream: Eicar-Signature FOUND\0", 422, "virus_found"),
        (b"INSTREAM size limit exceeded. ERROR\0", 503, "not_scanned"),
        (b"", 503, "not_scanned"),
    ],
)
def test_a_file_is_taken_only_when_the_scanner_says_so(
    application: FastAPI,
    worker: TestClient,
    report: str,
    settings: Settings,
    answer: bytes,
    status: int,
    code: str | None,
) -> None:
    with clamd(answer) as (address, got):
        application.state.runtime.settings = settings.model_copy(update={"clamd": address})
        found = send_file(worker, report, PDF * 5000)
    assert found.status_code == status
    body: Any = found.json()
    assert (body["errors"][0]["code"] if status == 422 else body.get("code")) == code
    assert got == [PDF * 5000]
    assert len(files(settings)) == (1 if status == 201 else 0)


def test_without_the_scanner_that_is_set_nothing_is_taken(
    application: FastAPI, worker: TestClient, report: str, settings: Settings
) -> None:
    for address in ("127.0.0.1:1", "/no/such/socket"):
        application.state.runtime.settings = settings.model_copy(update={"clamd": address})
        assert send_file(worker, report).json()["code"] == "not_scanned"
    assert files(settings) == []


def test_a_file_that_is_missing_on_disk_is_said(
    worker: TestClient, report: str, settings: Settings
) -> None:
    added = done(send_file(worker, report), 201)
    files(settings)[0].unlink()
    answer = worker.get(f"{V1}/attachments/{added['id']}")
    assert (answer.status_code, answer.json()["code"]) == (503, "file_missing")


def test_what_a_crash_left_is_swept_and_nothing_else(
    worker: TestClient, report: str, settings: Settings, database: Database
) -> None:
    done(send_file(worker, report), 201)
    storage = Storage(settings.attachments_dir)
    kept = files(settings)
    at = clock.now()
    with (settings.attachments_dir / "source").open("wb+") as orphan:
        orphan.write(PDF)
        storage.put(orphan, at=at)
    (settings.attachments_dir / "source").rename(settings.attachments_dir / f"{uuid4().hex}.part")
    service.sweep(database, storage, at=at)
    assert len(files(settings)) == 3
    service.sweep(database, storage, at=at + timedelta(days=4))
    assert files(settings) == kept


def test_a_file_whose_act_failed_to_commit_is_swept_not_lost(
    worker: TestClient, report: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    monkeypatch.setattr("sqlalchemy.orm.Session.commit", broken)
    answer = send_file(worker, report)
    monkeypatch.undo()
    assert answer.status_code == 503
    # Whether that commit arrived cannot be known here: the sweep looks.
    assert len(files(settings)) == 1
