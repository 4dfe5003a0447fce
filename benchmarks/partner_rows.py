"""What the policies of PostgreSQL cost: an intake and lists, with and without them.

    python -m benchmarks.partner_rows [--reports 100000] [--times 200]

Whole requests, timed inside the server's process, one by one in turns. "Without" is a copy of the
store with row-level security switched off, and a partner's request that tells it nothing.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

from app.core.access import Role
from app.core.database import Database
from app.main import create_app
from app.referrals.models import Referral
from app.settings import Settings
from benchmarks.intake import BODY
from benchmarks.made_up_network import fill_network
from benchmarks.made_up_years import fill
from benchmarks.server import (
    Logins,
    bureau,
    make_logins,
    open_database,
    postgresql,
    settings_for,
)
from tests.makers.identity import make_client
from tests.makers.partners import make_partner_client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=200)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgresql(Path(folder)) as url:
        first = make_logins(url)
        bureau(first.owner, "db", "upgrade")
        owner = open_database(first.owner)
        _fill(owner, wanted.reports)
        owner.close()
        second = _twin(url)
        applications = [_application(first, is_narrow=True), _application(second, is_narrow=False)]
        kinds = [_kinds(application) for application in applications]
        for name in kinds[0]:
            seconds: tuple[list[float], list[float]] = [], []
            for turn in range(wanted.times):
                # Each goes first in turn: whatever else runs here hits both alike.
                for which in (0, 1) if turn % 2 else (1, 0):
                    seconds[which].append(_timed(kinds[which][name]))
            with_them, without = (
                statistics.median(found[len(found) // 10 :]) * 1000 for found in seconds
            )
            print(f"{name}: with {with_them:.2f} ms, without {without:.2f} ms (medians)")
        for application in applications:
            application.state.runtime.database.close()


def _twin(url: str) -> Logins:
    """A copy of the database, with row-level security switched off."""
    name = make_url(url).database
    engine = create_engine(
        Settings(
            database_url=make_url(url)
            .set(database="template1")
            .render_as_string(hide_password=False)
        ).database_url,
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE twin TEMPLATE {name} OWNER bureau_owner")
    engine.dispose()
    logins = make_logins(make_url(url).set(database="twin").render_as_string(hide_password=False))
    engine = create_engine(Settings(database_url=logins.owner).database_url)
    with engine.begin() as connection:
        for table in connection.scalars(
            text("SELECT relname FROM pg_class WHERE relrowsecurity")
        ).all():
            connection.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
    engine.dispose()
    return logins


def _application(logins: Logins, *, is_narrow: bool) -> FastAPI:
    unlimited = {"rate_limits": {}, "flood_reports_per_minute": 10_000_000}
    application = create_app(settings_for(logins.application).model_copy(update=unlimited))
    if not is_narrow:
        database: Database = application.state.runtime.database
        prepare = database._prepare
        patch.object(database, "_prepare", lambda session, _: prepare(session, None)).start()
    return application


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


def _timed(ask: Callable[[], Any]) -> float:
    started = time.perf_counter()
    answer = ask()
    seconds = time.perf_counter() - started
    assert answer.status_code in (200, 201), answer.text
    return seconds


if __name__ == "__main__":
    main()
