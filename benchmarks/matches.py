"""Proposing partners out of a large register.

    python -m benchmarks.matches [--partners 2000] [--store sqlite]

Times whole requests from inside the server's process.
"""

import argparse
import time
from random import Random
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import SYSTEM, Role
from app.main import create_app
from app.partners import service
from app.partners.domain import Accessibility
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList
from benchmarks.server import bureau, settings_for, stores
from tests.makers.identity import make_client
from tests.makers.tour import add_report

LANGUAGES = ("nl", "fr", "en", "tr", "it", "ar", "uk", "pl", "es")
PLACES = ["Genk", "Hasselt", "As", "Bilzen", *(f"Gemeente {number}" for number in range(40))]
ROUNDS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partners", type=int, default=2_000)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    for name, url in stores(wanted.store):
        _report(name, url, wanted.partners)


def _report(name: str, url: str, partners: int) -> None:
    bureau(url, "db", "upgrade")
    application = create_app(settings_for(url))
    with application.state.runtime.database.transaction() as session:
        _fill(session, partners)
    worker = make_client(application, Role.CASE_MANAGER)
    queries: tuple[dict[str, Any], ...] = (
        {"domain": "housing"},
        {
            "ground": ["gender_identity", "age"],
            "domain": "education",
            "municipality": "Genk",
            "language": "tr",
            "needs": ["sign_language", "wheelchair"],
            "limit": 50,
        },
        {"report_id": add_report(worker)["id"]},
    )
    for query in queries:
        seconds = sorted(_timed(worker, query) for _ in range(ROUNDS))
        print(
            f"{name:11} {', '.join(query):48} p50 {seconds[ROUNDS // 2] * 1000:5.1f} ms"
            f"  p95 {seconds[int(ROUNDS * 0.95)] * 1000:5.1f} ms"
        )


def _timed(worker: TestClient, query: dict[str, Any]) -> float:
    start = time.perf_counter()
    answer = worker.get("/api/v1/partners/matches", params=query)
    assert answer.status_code == 200
    return time.perf_counter() - start


def _fill(session: Session, partners: int) -> None:
    chance = Random(1)
    codes = vocabulary.current(session)

    def some(values: Any, most: int) -> list[str]:
        return chance.sample(list(values), chance.randrange(most))

    for number in range(partners):
        service.register_partner(
            session,
            SYSTEM,
            name=f"Organisatie {number}",
            kind="association",
            tier=chance.choice(["core_group", "network", None]),
            territory=some(PLACES, 8),
            grounds=some(codes.entries(CodeList.GROUNDS), 6),
            domains=some(codes.entries(CodeList.DOMAINS), 4),
            languages=some(LANGUAGES, 5),
            accessibility=some(Accessibility, 5),
            accepts_referrals=chance.random() < 0.9,
            at=clock.now(),
        )


if __name__ == "__main__":
    main()
