"""Pages of a list: nothing twice, nothing left out, whatever comes in between."""

import base64
import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from tests.makers.identity import make_client
from tests.makers.partners import wrong_fields
from tests.makers.tour import V1, add_case, add_report, done


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.INTAKE_WORKER)


def test_every_row_is_on_one_page_though_rows_come_in_between(worker: TestClient) -> None:
    made = {
        add_report(worker, received_at=f"2026-01-{day:02}T09:00:00Z")["id"]
        for day in (5, 5, 5, 6, 6, 7, 8)
    }
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = done(worker.get(f"{V1}/reports", params=query))
        seen += [row["id"] for row in page["items"]]
        add_report(worker)  # newer than all: it belongs to the first page, which is past
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == made


def test_the_total_is_given_to_who_asks(worker: TestClient) -> None:
    for _ in range(3):
        add_report(worker)
    assert done(worker.get(f"{V1}/reports?limit=1"))["total"] is None
    assert done(worker.get(f"{V1}/reports?limit=1&count=true"))["total"] == 3


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "eyJhIjoxfQ", "%00", "A" * 501])
def test_a_cursor_of_another_list_is_refused(worker: TestClient, cursor: str) -> None:
    answer = worker.get(f"{V1}/reports?cursor={cursor}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/cursor"


def test_a_cursor_opens_only_lists_of_the_same_order(application: FastAPI) -> None:
    """Both by a day and an id: without its mark the cursor of one would fit the other."""
    worker = make_client(application, Role.COORDINATOR)
    for _ in range(2):
        add_case(worker)
    cursor = done(worker.get(f"{V1}/reports?limit=1"))["next"]
    assert done(worker.get(f"{V1}/reports?cursor={cursor}"))["items"]
    for other in ("cases", "activities", "referrals"):
        answer = worker.get(f"{V1}/{other}?cursor={cursor}")
        assert wrong_fields(answer) == {"/query/cursor": "bad_cursor"}, other


def test_a_list_in_the_order_of_moments_is_paged_too(application: FastAPI) -> None:
    """A cursor gives a moment back as one: as a text it would compare with nothing."""
    worker, auditor = (
        make_client(application, Role.INTAKE_WORKER),
        make_client(application, Role.AUDITOR),
    )
    for _ in range(3):
        add_report(worker)
    url = f"{V1}/audit-entries"
    everything = [row["id"] for row in done(auditor.get(url))["items"]]
    seen: list[str] = []
    cursor = ""
    while len(seen) < len(everything):
        page = done(auditor.get(f"{url}?limit=2{cursor}"))
        seen += [row["id"] for row in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert seen == everything
    assert len(seen) >= 3


def test_a_cursor_with_a_moment_of_no_zone_is_refused(application: FastAPI) -> None:
    worker, auditor = (
        make_client(application, Role.INTAKE_WORKER),
        make_client(application, Role.AUDITOR),
    )
    for _ in range(2):
        add_report(worker)
    cursor = done(auditor.get(f"{V1}/audit-entries?limit=1"))["next"]
    values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    values[1] = "2026-01-01T00:00:00"
    forged = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    answer = auditor.get(f"{V1}/audit-entries?cursor={forged}")
    assert wrong_fields(answer) == {"/query/cursor": "bad_cursor"}
