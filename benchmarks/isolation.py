"""How long a partner waits for the 404 of what is not its own: it must not tell one from another.

    python -m benchmarks.isolation [--rounds 200] [--store both]

Every route of the partner's surface that names an id, with ids of every kind, in turns, so that
other work on the machine falls on all alike. Times whole requests from inside the server's process.
Prints for each route the median of the whole and how far the medians of the kinds lie from it.
"""

import argparse
import json
import re
import time
from collections import defaultdict
from statistics import median, quantiles
from typing import Any

from app.api.openapi import EXAMPLES
from app.core.access import Role
from app.main import create_app
from benchmarks.server import bureau, settings_for, stores
from tests.makers.identity import make_client
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.referrals import foreign_ids, routes_with_an_id


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    for name, url in stores(wanted.store):
        _report(name, url, wanted.rounds)


def _report(name: str, url: str, rounds: int) -> None:
    bureau(url, "db", "upgrade")
    application = create_app(settings_for(url))
    partner_id = new_partner(application)
    partner = make_partner_client(application, partner_id)
    worker = make_client(application, Role.COORDINATOR)
    ids = foreign_ids(application, worker, partner_id, partner)
    examples: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    for operation, method, path in routes_with_an_id(application):
        body = examples[operation].get("request")
        taken: dict[str, list[float]] = defaultdict(list)
        for _ in range(rounds):
            for kind, object_id in ids.items():
                target = re.sub(r"\{[^}]+\}", object_id, path)
                started = time.perf_counter()
                answer = partner.request(method, target, json=body)
                taken[kind].append((time.perf_counter() - started) * 1000)
                assert answer.status_code == 404, (operation, kind)
        everything = [ms for times in taken.values() for ms in times]
        low, _middle, high = quantiles(everything, n=4)
        middle = median(everything)
        offsets = {kind: median(times) - middle for kind, times in taken.items()}
        kind = max(offsets, key=lambda k: abs(offsets[k]))
        print(
            f"{name}: {operation}: {len(ids)} kinds x {rounds}: median {middle:.2f} ms, half of "
            f"all within {low:.2f}..{high:.2f}; farthest median {offsets[kind]:+.2f} ms ({kind})"
        )
    application.state.runtime.database.close()


if __name__ == "__main__":
    main()
