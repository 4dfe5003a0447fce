"""The figures of a year, and of five, over many reports.

    python -m benchmarks.figures [--reports 100000] [--years 1] [--repeat 5] [--store sqlite]

Times one request from inside the server's process: permission, snapshot, counting, the answer as
JSON. `--reports` is for each of `--years`; the request always compares five years.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from fastapi.testclient import TestClient

from app.core.access import Role
from app.main import create_app
from app.settings import Settings
from benchmarks.made_up_years import fill
from benchmarks.server import bureau, postgresql
from tests.makers.identity import make_client

LAST_YEAR = 2025


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if wanted.store != "postgresql":
            _report("sqlite", f"sqlite:///{folder}/bureau.db", wanted)
        if wanted.store != "sqlite":
            with postgresql(Path(folder)) as url:
                _report("postgresql", url, wanted)


def _report(name: str, url: str, wanted: argparse.Namespace) -> None:
    bureau(url, "db", "upgrade")
    application = create_app(Settings(database_url=url, log_level="error"))
    database = application.state.runtime.database
    with database.transaction() as session:
        fill(session, last_year=LAST_YEAR, years=wanted.years, reports=wanted.reports)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    analyst = make_client(application, Role.ANALYST)
    for counting in ("include", "as_one"):
        seconds = [_timed(analyst, counting) for _ in range(wanted.repeat + 1)][1:]
        print(
            f"{name}: {wanted.years} x {wanted.reports} reports, events={counting}: "
            f"median {statistics.median(seconds):.3f} s "
            f"(min {min(seconds):.3f}, max {max(seconds):.3f})"
        )
    database.close()


def _timed(analyst: TestClient, counting: str) -> float:
    started = time.perf_counter()
    answer = analyst.get(f"/api/v1/annual-reports/{LAST_YEAR}", params={"events": counting})
    assert answer.status_code == 200, answer.text
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
