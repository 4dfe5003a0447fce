"""The figures of a year, and of five, over many reports.

    python -m benchmarks.figures [--reports 100000] [--years 1] [--repeat 5] [--store sqlite]

Times one request from inside the server's process: permission, snapshot, counting, the answer as
JSON. `--reports` is for each of `--years`; the request always compares five years. Beside them
stand 2,000 partners, a referral of each twentieth report, and agreements that change the service
area within a month. Three cases: no month was counted before; nothing changed since; a report of
the year changed just before.
"""

import argparse
import gc
import statistics
import time

from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.core.access import Role
from app.core.database import Database
from app.core.logs import configure_logs
from app.intake.models import Report
from app.main import create_app
from benchmarks.made_up_network import fill_network
from benchmarks.made_up_years import fill
from benchmarks.server import bureau, settings_for, stores
from tests.makers.identity import make_client

LAST_YEAR = 2025


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    configure_logs("console", "error")
    for name, url in stores(wanted.store):
        _report(name, url, wanted)


def _report(name: str, url: str, wanted: argparse.Namespace) -> None:
    bureau(url, "db", "upgrade")
    application = create_app(settings_for(url))
    database = application.state.runtime.database
    with database.transaction() as session:
        owner_id = fill(session, last_year=LAST_YEAR, years=wanted.years, reports=wanted.reports)
        fill_network(session, last_year=LAST_YEAR, years=wanted.years, owner_id=owner_id)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    analyst = make_client(application, Role.ANALYST)
    gc.freeze()  # as a server does
    what = f"{name}: {wanted.years} x {wanted.reports} reports"
    print(f"{what}, nothing counted before: {_timed(analyst, 'include')[0]:.3f} s")
    for counting in ("include", "as_one"):
        _print(f"{what}, events={counting}, nothing changed", wanted, analyst, counting)
        _print(f"{what}, events={counting}, a report changed", wanted, analyst, counting, database)
    database.close()


def _print(
    what: str,
    wanted: argparse.Namespace,
    analyst: TestClient,
    counting: str,
    changing: Database | None = None,
) -> None:
    seconds, busy = [], []
    for _ in range(wanted.repeat):
        if changing is not None:
            with changing.transaction() as session:
                first = session.scalars(select(Report.id).limit(1)).one()
                session.execute(update(Report).where(Report.id == first).values(language="fr"))
        taken, of_processor = _timed(analyst, counting)
        seconds.append(taken)
        busy.append(of_processor)
    print(
        f"{what}: median {statistics.median(seconds):.3f} s "
        f"(min {min(seconds):.3f}, max {max(seconds):.3f}), "
        f"of the processor {statistics.median(busy):.3f} s"
    )


def _timed(analyst: TestClient, counting: str) -> tuple[float, float]:
    """Seconds on the clock, and those that this process kept a processor busy: the fairer figure
    on a machine that others use, but without the work of PostgreSQL."""
    started, busy = time.perf_counter(), time.process_time()
    answer = analyst.get(f"/api/v1/annual-reports/{LAST_YEAR}", params={"events": counting})
    assert answer.status_code == 200, answer.text
    return time.perf_counter() - started, time.process_time() - busy


if __name__ == "__main__":
    main()
