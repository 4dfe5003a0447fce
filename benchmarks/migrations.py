"""A server of before goes on while its store is brought to the schema of this code.

    python -m benchmarks.migrations --before FOLDER [--cases 100000] [--store both]

FOLDER: a checkout of the version before (`git worktree add FOLDER COMMIT`), which makes the store,
fills it and serves. While reports come in and lists are read, `bureau db upgrade` of this code
runs; on PostgreSQL somebody else reads in a transaction that lasts. Every answer but 200 and 201
counts as failed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import create_engine, text

from app.settings import Settings
from benchmarks.intake import BODY
from benchmarks.server import ROOT, Server, environment, make_logins, postgresql

CLIENTS = 4
CALM_SECONDS = 5.0
"""Load before the migration and after it."""
READ_SECONDS = 3.0

FILL = """
from benchmarks.made_up_years import fill
from benchmarks.server import open_database
import sys
database = open_database(sys.argv[1])
with database.transaction() as session:
    fill(session, last_year=2025, years=5, reports=int(sys.argv[2]) // 5, case_share=1.0)
database.close()
"""


@dataclass
class Load:
    """answers: (when it was asked, seconds, status; 0 for a broken connection)."""

    port: int
    token: str
    answers: list[tuple[float, float, int]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        reading = {"Authorization": f"Bearer {self.token}"}
        while not self.stop.is_set():
            for method, path, body, headers in (
                ("POST", "/api/v1/public/reports", json.dumps(BODY), {}),
                ("GET", "/api/v1/reports", None, reading),
                ("GET", "/api/v1/cases?status=open", None, reading),
            ):
                began = time.monotonic()
                status = 0
                try:
                    kind = {"Content-Type": "application/json"} if body else {}
                    connection.request(method, path, body, headers | kind)
                    answer = connection.getresponse()
                    answer.read()
                    status = answer.status
                except (OSError, HTTPException):
                    connection.close()
                self.answers.append((began, time.monotonic() - began, status))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    before = wanted.before.resolve()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        if wanted.store != "postgresql":
            failed += measure(f"sqlite:///{folder}/bureau.db", before, wanted.cases)
        if wanted.store != "sqlite":
            with postgresql(Path(folder)) as url:
                failed += measure(make_logins(url).owner, before, wanted.cases)
    sys.exit(1 if failed else 0)


def measure(url: str, before: Path, cases: int) -> int:
    """Prints what was seen; answers how many requests failed."""
    _command(url, before, "-m", "app.cli", "db", "upgrade")
    _command(url, before, "-c", FILL, url, str(cases))
    create = ("user", "create", "reader", "--role", "coordinator", "--quiet")
    password = _command(url, before, "-m", "app.cli", *create).strip()
    old = _revision(url)
    server = Server(url, code=before)
    server.start()
    load = Load(server.port, _log_in(server.port, password))
    threads = [threading.Thread(target=load.run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(CALM_SECONDS)
        with _long_read(url):
            began = time.monotonic()
            _command(url, ROOT, "-m", "app.cli", "db", "upgrade")
            ended = time.monotonic()
        time.sleep(CALM_SECONDS)
    finally:
        load.stop.set()
        for thread in threads:
            thread.join()
        server.stop()
    steps = f"{old} to {_revision(url)} in {ended - began:.1f} s"
    print(f"{url.partition(':')[0]}, {cases} cases: {steps}")
    for name, answers in (
        ("before", [a for a in load.answers if a[0] + a[1] < began]),
        ("meanwhile", [a for a in load.answers if a[0] + a[1] >= began and a[0] <= ended]),
        ("after", [a for a in load.answers if a[0] > ended]),
    ):
        _tell(name, answers)
    return sum(status not in (200, 201) for _, _, status in load.answers)


def _tell(name: str, answers: list[tuple[float, float, int]]) -> None:
    seconds = sorted(seconds for _, seconds, _ in answers) or [0.0]
    bad = [status for _, _, status in answers if status not in (200, 201)]
    print(
        f"  {name}: {len(answers)} requests, {len(bad)} failed {sorted(set(bad)) or ''}, p50"
        f" {seconds[len(seconds) // 2] * 1000:.0f} ms, p99"
        f" {seconds[int(len(seconds) * 0.99)] * 1000:.0f} ms, longest {seconds[-1] * 1000:.0f} ms"
    )


@contextmanager
def _long_read(url: str) -> Iterator[None]:
    """On PostgreSQL: a transaction that has read reports and goes on for READ_SECONDS."""
    if url.startswith("sqlite"):
        yield
        return
    engine = create_engine(Settings(database_url=url).database_url)
    connection = engine.connect()
    connection.execute(text("SELECT count(*) FROM reports"))
    ending = threading.Timer(READ_SECONDS, connection.close)
    ending.start()
    try:
        yield
    finally:
        ending.join()
        engine.dispose()


def _command(url: str, code: Path, *arguments: str) -> str:
    """The output of this code's own Python."""
    found = subprocess.run(
        [sys.executable, *arguments],
        cwd=code,
        env=environment(url) | {"PYTHONPATH": os.fspath(code)},
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        sys.exit(f"{' '.join(arguments[:4])} failed in {code}:\n{found.stderr[-2000:]}")
    return found.stdout


def _log_in(port: int, password: str) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    form = {"grant_type": "password", "username": "reader", "password": password}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/api/v1/auth/token", urlencode(form), kind)
    token: str = json.loads(connection.getresponse().read())["access_token"]
    return token


def _revision(url: str) -> str:
    engine = create_engine(Settings(database_url=url).database_url)
    with engine.connect() as connection:
        found = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    engine.dispose()
    return found


if __name__ == "__main__":
    main()
