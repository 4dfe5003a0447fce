"""Pages of a list: nothing twice, nothing left out, whatever comes in between."""

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
