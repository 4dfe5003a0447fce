"""Words looked for in sealed narratives: what one search costs.

    python -m benchmarks.narratives [--reports 20000] [--store both]

The worst search: words that no narrative holds, without a filter, so that as many as may be are
opened. Times whole requests from inside the server's process.
"""

import argparse
import time

from app.core.access import Role
from app.intake.narrative_search import MOST_OPENED
from app.main import create_app
from benchmarks.made_up_years import fill
from benchmarks.server import bureau, settings_for, stores
from tests.makers.identity import make_client

ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=MOST_OPENED)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    for name, url in stores(wanted.store):
        _report(name, url, wanted.reports)


def _report(name: str, url: str, reports: int) -> None:
    bureau(url, "db", "upgrade")
    application = create_app(settings_for(url))
    with application.state.runtime.database.transaction() as session:
        fill(session, last_year=2025, years=1, reports=reports)
    worker = make_client(application, Role.INTAKE_WORKER)
    for kind in ("first (keys from the store)", *["again"] * ROUNDS):
        started = time.perf_counter()
        answer = worker.post("/api/v1/reports/search", json={"words": "zzzzz"})
        seconds = time.perf_counter() - started
        assert answer.status_code == 200, answer.text
        opened = answer.json()["opened"]
        print(
            f"{name}: {kind}: {seconds:.2f} s, {opened} opened,"
            f" {seconds / opened * 1e6:.0f} us each"
        )


if __name__ == "__main__":
    main()
