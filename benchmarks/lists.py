"""Lists, filtered and paged, over many cases and reports.

    python -m benchmarks.lists [--cases 100000] [--store sqlite]

Times whole requests from inside the server's process, with the filters that people use, first pages
and pages further on.
"""

import argparse
import time
from typing import Any

from fastapi.testclient import TestClient

from app.core.access import Role
from app.main import create_app
from benchmarks.made_up_years import fill
from benchmarks.server import bureau, settings_for, stores
from tests.makers.identity import make_client

REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/cases", {}),
    ("/cases", {"status": "open"}),
    ("/cases", {"status": "closed", "outcome": "court"}),
    ("/cases", {"assessment": "established"}),
    ("/cases", {"overdue": True}),
    ("/cases", {"ground": "disability"}),
    ("/cases", {"ground": "birth", "domain": "education"}),
    ("/cases", {"domain": "housing", "status": "open"}),
    ("/cases", {"district": "Wijk 20"}),
    ("/cases", {"municipality": "Gemeente 30"}),
    ("/cases", {"received_from": "2023-03-01", "received_to": "2023-03-31"}),
    ("/cases", {"opened_from": "2024-03-01", "opened_to": "2024-03-31"}),
    ("/cases", {"q": "nothing has this"}),
    ("/reports", {}),
    ("/reports", {"status": "registered_only", "channel": "email"}),
    ("/reports", {"ground": "birth"}),
    ("/reports", {"domain": "education", "ground": "language"}),
    ("/reports", {"q": "r-2024-000500"}),
    ("/reports", {"q": "nothing has this"}),
    ("/reports", {"municipality": "Gemeente 30", "district": "Wijk 20"}),
    ("/reports", {"overdue": True}),
    ("/tasks", {}),
    ("/commitments", {"status": "pending"}),
    ("/worklist", {}),
)
PAGES = 5
ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    for name, url in stores(wanted.store):
        _report(name, url, wanted.cases)


def _report(name: str, url: str, cases: int) -> None:
    bureau(url, "db", "upgrade")
    application = create_app(settings_for(url))
    database = application.state.runtime.database
    with database.transaction() as session:
        fill(session, last_year=2025, years=5, reports=cases // 5, case_share=1.0)
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    worker = make_client(application, Role.CASE_MANAGER)
    everything: list[float] = []
    for path, query in REQUESTS:
        seconds = [s for _ in range(ROUNDS) for s in _pages(worker, path, query)]
        everything += seconds
        print(
            f"{name}: {path} {query}: p50 {_quantile(seconds, 0.5):.1f} "
            f"max {max(seconds) * 1000:.1f} ms"
        )
    print(
        f"{name}: {cases} cases, {len(everything)} pages: p50 {_quantile(everything, 0.5):.1f} "
        f"p95 {_quantile(everything, 0.95):.1f} ms"
    )
    database.close()


def _pages(worker: TestClient, path: str, query: dict[str, Any]) -> list[float]:
    seconds = []
    cursor: str | None = None
    for _ in range(PAGES):
        started = time.perf_counter()
        answer = worker.get(f"/api/v1{path}", params=query | ({"cursor": cursor} if cursor else {}))
        seconds.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.text
        cursor = answer.json().get("next")
        if cursor is None:
            break
    return seconds


def _quantile(seconds: list[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


if __name__ == "__main__":
    main()
