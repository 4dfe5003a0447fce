"""What sealing takes of intake: the same intakes with it and, in turn, without it.

    python -m benchmarks.sealing [--rounds 40] [--intakes 25] [--store both]

Asked for: at most 25% of the intakes of a second. Without: texts stand as they are and no data key
is made, wrapped or stored. Rounds of both kinds alternate in one process, so that what else the
machine does meets both; the share is of paired rounds.
"""

import argparse
import base64
import statistics
import time
from contextlib import AbstractContextManager, nullcontext
from unittest.mock import patch
from uuid import uuid4

from fastapi.testclient import TestClient
from sqlalchemy import Connection

from app.core.columns import SealedText
from app.core.logs import configure_logs
from app.core.sealing import PREFIX, Place, Sealer
from app.main import create_app
from benchmarks.intake import BODY
from benchmarks.server import bureau, settings_for, stores


def _as_it_is(
    _sealer: Sealer, _connection: Connection, _place: Place, text: str, *, is_new: bool
) -> SealedText:
    assert is_new
    return SealedText(text, PREFIX + base64.b64encode(text.encode()).decode())


def _unsealed() -> AbstractContextManager[object]:
    return patch.object(Sealer, "seal", _as_it_is)


def _seconds(client: TestClient, intakes: int) -> float:
    started = time.perf_counter()
    for _ in range(intakes):
        headers = {"Idempotency-Key": str(uuid4())}
        answer = client.post("/api/v1/public/reports", json=BODY, headers=headers)
        assert answer.status_code == 201, answer.text
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--intakes", type=int, default=25)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    configure_logs("console", "error")
    for name, url in stores(wanted.store):
        _report(name, url, wanted)


def _report(name: str, url: str, wanted: argparse.Namespace) -> None:
    bureau(url, "db", "upgrade")
    with TestClient(create_app(settings_for(url))) as client:
        _seconds(client, wanted.intakes)
        sealed: list[float] = []
        plain: list[float] = []
        for number in range(wanted.rounds):
            for is_sealed in (True, False) if number % 2 else (False, True):
                with nullcontext() if is_sealed else _unsealed():
                    seconds = _seconds(client, wanted.intakes)
                (sealed if is_sealed else plain).append(seconds / wanted.intakes)
    shares = [1 - without / with_it for with_it, without in zip(sealed, plain, strict=True)]
    low, _, high = statistics.quantiles(shares, n=4)
    print(
        f"{name}: {statistics.median(sealed) * 1000:.1f} ms each, "
        f"{statistics.median(plain) * 1000:.1f} without sealing: "
        f"{statistics.median(shares):.0%} of the throughput "
        f"(half of the rounds {low:.0%} to {high:.0%})"
    )


if __name__ == "__main__":
    main()
