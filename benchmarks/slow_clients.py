"""Intake while a thousand connections send as slowly as they can, through the shipped proxy.

    python -m benchmarks.slow_clients [--slow 1000] [--requests 2000] [--haproxy /usr/sbin/haproxy]

A third of them send headers a byte at a time, a third a small body, a third a large body of which
the first 40 kB come at once, so that it passes the proxy. One that is closed is opened again.
`--direct` leaves the proxy out. HAProxy comes with the system: `apt-get install haproxy`.
"""

import argparse
import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from benchmarks.intake import BODY, PATH
from benchmarks.load import Outcome, encode, post_all
from benchmarks.server import ROOT, Server, bureau, free_port

HEAD = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
BEGINNINGS = {
    "slow header": HEAD.encode(),
    "slow body": f"{HEAD}Content-Length: 2000\r\n\r\n{{".encode(),
    "slow large body": f"{HEAD}Content-Length: 200000\r\n\r\n".encode() + b"{" + b" " * 40_000,
}
SECONDS_BETWEEN_BYTES = 2.0


@contextmanager
def proxy(binary: str, application_port: int) -> Iterator[int]:
    """The port of HAProxy with the configuration that is shipped."""
    port = free_port()
    settings = {
        "BUREAU_PROXY_DIR": str(ROOT / "deploy"),
        "BUREAU_HTTP_PORT": str(port),
        "BUREAU_APPLICATION": f"127.0.0.1:{application_port}",
    }
    running = subprocess.Popen(
        [binary, "-db", "-f", str(ROOT / "deploy" / "haproxy.cfg")], env=os.environ | settings
    )
    try:
        while not _is_open(port):
            assert running.poll() is None, "the proxy did not start"
            time.sleep(0.05)
        yield port
    finally:
        running.terminate()
        running.wait(10)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def crawl(port: int, beginning: bytes, name: str, seen: Counter[str]) -> None:
    """One slow client, for ever."""
    while True:
        writer = None
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            seen[f"{name}: opened"] += 1
            writer.write(beginning)
            answer = asyncio.create_task(reader.read(12))
            while not answer.done():
                writer.write(b"a")
                await writer.drain()
                await asyncio.wait([answer], timeout=SECONDS_BETWEEN_BYTES)
            status = answer.result()[9:12].decode() or "nothing"
            seen[f"{name}: closed with {status}"] += 1
        if writer is not None:
            writer.close()
        await asyncio.sleep(0.2)


async def measure(
    port: int, *, slow: int, requests: int, clients: int, settle: float
) -> tuple[Outcome, Counter[str]]:
    seen: Counter[str] = Counter()
    names = list(BEGINNINGS)
    crawlers = [
        asyncio.create_task(crawl(port, BEGINNINGS[names[n % 3]], names[n % 3], seen))
        for n in range(slow)
    ]
    await asyncio.sleep(settle)  # until they are all there, and the first were closed
    messages = [
        encode(port, PATH, BODY, {"Idempotency-Key": str(uuid4())}) for _ in range(requests)
    ]

    def ignore(_number: int, _answer: dict[str, Any]) -> None:
        pass

    outcome = await post_all(
        port, messages, clients=clients, on_answer=ignore, is_patient=True, give_up_seconds=300
    )
    for crawler in crawlers:
        crawler.cancel()
    await asyncio.gather(*crawlers, return_exceptions=True)
    return outcome, seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slow", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--settle", type=float, default=14)
    parser.add_argument("--direct", action="store_true")
    parser.add_argument("--haproxy", default=shutil.which("haproxy", path="/usr/sbin:/usr/bin"))
    wanted = parser.parse_args()
    if not wanted.direct and wanted.haproxy is None:
        sys.exit("HAProxy is not here: apt-get install haproxy, or name it with --haproxy.")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bureau.db"
        bureau(url, "db", "upgrade")
        server = Server(url)
        server.start()
        try:
            for slow in (0, wanted.slow):
                if wanted.direct:
                    _report(server.port, slow, wanted)
                else:
                    with proxy(wanted.haproxy, server.port) as port:
                        _report(port, slow, wanted)
        finally:
            server.stop()


def _report(port: int, slow: int, wanted: argparse.Namespace) -> None:
    outcome, seen = asyncio.run(
        measure(
            port,
            slow=slow,
            requests=wanted.requests,
            clients=wanted.clients,
            settle=wanted.settle if slow else 1,
        )
    )
    p50, p95, p99 = (outcome.quantile(share) * 1000 for share in (0.5, 0.95, 0.99))
    print(
        f"{slow} slow connections: {len(outcome.seconds) / outcome.elapsed:.0f} intakes/s, "
        f"p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} ms, {outcome.retries} tried again"
    )
    for name, count in sorted(seen.items()):
        print(f"    {name}: {count}")


if __name__ == "__main__":
    main()
