"""What the policies of PostgreSQL cost: an intake and lists, with and without them.

    python -m benchmarks.partner_rows [--reports 100000] [--rounds 5]

Whole requests, timed inside the server's process; the two take turns. "Without" is the same store
with row-level security switched off and a partner's request that tells the store nothing.
"""

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select, text

from app.core.access import Role
from app.core.database import Database
from app.main import create_app
from app.referrals.models import Referral
from benchmarks.intake import BODY
from benchmarks.made_up_network import fill_network
from benchmarks.made_up_years import fill
from benchmarks.server import bureau, make_logins, open_database, postgresql, settings_for
from tests.makers.identity import make_client
from tests.makers.partners import make_partner_client

TIMES = 40
"""Requests of each kind in a round."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgresql(Path(folder)) as url:
        logins = make_logins(url)
        bureau(logins.owner, "db", "upgrade")
        owner = open_database(logins.owner)
        _fill(owner, wanted.reports)
        unlimited = {"rate_limits": {}, "flood_reports_per_minute": 10_000_000}
        settings = settings_for(logins.application).model_copy(update=unlimited)
        application = create_app(settings)
        kinds = _kinds(application)
        seconds: dict[tuple[str, bool], list[float]] = defaultdict(list)
        for turn in range(wanted.rounds + 1):
            for is_on in (True, False):
                with _policies(owner.engine, is_on=is_on):
                    for name, ask in kinds.items():
                        found = _timed(ask)
                        if turn:  # the first turn warms up
                            seconds[name, is_on] += found
        for name in kinds:
            with_them, without = (
                statistics.median(seconds[name, is_on]) * 1000 for is_on in (True, False)
            )
            print(f"{name}: with {with_them:.2f} ms, without {without:.2f} ms (medians)")
        application.state.runtime.database.close()
        owner.close()


def _fill(owner: Database, reports: int) -> None:
    with owner.transaction() as session:
        owner_id = fill(session, last_year=2025, years=5, reports=reports // 5)
        fill_network(session, last_year=2025, years=5, owner_id=owner_id)
    with owner.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _kinds(application: FastAPI) -> dict[str, Callable[[], Any]]:
    database: Database = application.state.runtime.database
    with database.snapshot() as session:
        partner_id, most = session.execute(
            select(Referral.partner_id, func.count().label("number"))
            .group_by(Referral.partner_id)
            .order_by(func.count().desc())
            .limit(1)
        ).one()
        one = session.scalars(
            select(Referral.id).where(
                Referral.partner_id == partner_id, Referral.refused_on.is_(None)
            )
        ).first()
    print(f"the partner has {most} referrals")
    public = TestClient(application)
    worker = make_client(application, Role.COORDINATOR)
    partner = make_partner_client(application, partner_id)
    return {
        "intake": lambda: public.post("/api/v1/public/reports", json=BODY),
        "list of reports, staff": lambda: worker.get("/api/v1/reports"),
        "reports by words, staff": lambda: worker.get("/api/v1/reports?q=r-2024-000500"),
        "list of referrals, staff": lambda: worker.get("/api/v1/referrals"),
        "list of referrals, partner": lambda: partner.get("/api/v1/partner/referrals"),
        "one referral, partner": lambda: partner.get(f"/api/v1/partner/referrals/{one}"),
    }


def _timed(ask: Callable[[], Any]) -> list[float]:
    found = []
    for _ in range(TIMES):
        started = time.perf_counter()
        answer = ask()
        found.append(time.perf_counter() - started)
        assert answer.status_code in (200, 201), answer.text
    return found


@contextmanager
def _policies(owner: Engine, *, is_on: bool) -> Iterator[None]:
    if is_on:
        yield
        return
    closed = "SELECT relname FROM pg_class WHERE relrowsecurity"
    with owner.begin() as connection:
        names = connection.scalars(text(closed)).all()
        for name in names:
            connection.execute(text(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"))
    with patch("app.core.database.narrow"):
        yield
    with owner.begin() as connection:
        for name in names:
            connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))


if __name__ == "__main__":
    main()
