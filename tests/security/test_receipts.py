"""A code that never was, one that ended and one that expired cannot be told from each other."""

from datetime import timedelta
from statistics import median
from time import perf_counter
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.intake.domain import new_receipt_code
from app.intake.models import Receipt
from tests.conftest import STORES
from tests.makers.identity import make_client
from tests.makers.tour import V1, add_report, done


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """Both, unlike what else is tested in this folder."""
    return str(request.param)


@pytest.mark.parametrize(
    ("tries", "share"), [(60, 0.5), pytest.param(1_000, 0.05, marks=pytest.mark.torture)]
)
def test_codes_that_open_nothing_answer_alike_and_as_fast(
    application: FastAPI, database: Database, tries: int, share: float
) -> None:
    """share: by how much the medians may differ; each code is tried in turn."""
    worker = make_client(application, Role.INTAKE_WORKER)
    reports = [add_report(worker)["id"] for _ in range(2)]
    ended, expired = (
        done(worker.post(f"{V1}/reports/{one}/receipt"), 201)["receipt_code"] for one in reports
    )
    done(worker.post(f"{V1}/reports/{reports[0]}/receipt"), 201)
    with database.transaction() as session:
        today = clock.local_date(clock.now())
        session.get_one(Receipt, UUID(reports[1])).expires_on = today - timedelta(days=1)
    codes = {"unknown": new_receipt_code(), "ended": ended, "expired": expired}
    anybody = TestClient(application)
    seconds: dict[str, list[float]] = {name: [] for name in codes}
    answers = set()
    for _ in range(tries):
        for name, code in codes.items():
            began = perf_counter()
            answer = anybody.post(f"{V1}/public/receipts/token", json={"receipt_code": code})
            seconds[name].append(perf_counter() - began)
            shown = {k: v for k, v in answer.headers.items() if "ratelimit" not in k}
            answers.add((answer.status_code, answer.text, str(sorted(shown.items()))))
    assert len(answers) == 1
    assert answers.pop()[0] == 401
    medians = [median(found) for found in seconds.values()]
    assert max(medians) <= min(medians) * (1 + share)
