"""How long a backup and a restore take, their memory, and what writers notice of a backup.

    python -m benchmarks.backup [--reports 100000] [--store sqlite]

Reports, a quarter of them with a case, over ten years. Each command runs in a process of its own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from app.backup.making import keys_beside
from app.core.database import Database
from benchmarks.made_up_years import fill
from benchmarks.server import ROOT, bureau, environment, open_database, postgresql
from tests.makers.intake import make_report

YEARS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if wanted.store != "postgresql":
            _measure(
                "sqlite", f"sqlite:///{name}/from.db", f"sqlite:///{name}/to.db", wanted, folder
            )
        if wanted.store != "sqlite":
            with postgresql(folder) as url:
                server = create_engine(
                    url.replace("postgresql://", "postgresql+psycopg://"),
                    isolation_level="AUTOCOMMIT",
                )
                with server.connect() as connection:
                    connection.exec_driver_sql("CREATE DATABASE restored")
                server.dispose()
                to = make_url(url).set(database="restored").render_as_string(hide_password=False)
                _measure("postgresql", url, to, wanted, folder)


def _measure(name: str, url: str, to: str, wanted: argparse.Namespace, folder: Path) -> None:
    bureau(url, "db", "upgrade")
    # A child starts with the peak of its parent, so the parent must not be who fills.
    filling = get_context("spawn").Process(target=_fill, args=(url, wanted.reports))
    filling.start()
    filling.join()
    assert filling.exitcode == 0
    database = open_database(url)
    quiet = _Writer(database)
    time.sleep(5)
    print(f"{name}: writing alone: {quiet.stop()}", flush=True)
    path = folder / f"{name}.backup"
    busy = _Writer(database)
    _run(f"{name}: backup", url, folder, "backup", str(path))
    print(f"{name}: writing meanwhile: {busy.stop()}", flush=True)
    database.close()
    size = sum(file.stat().st_size for file in (path, keys_beside(path)))
    print(f"{name}: archives {size / 1e6:.0f} MB", flush=True)
    _run(f"{name}: verify", url, folder, "backup-verify", str(path))
    _run(f"{name}: restore", to, folder, "restore", str(path))
    path.unlink()


def _fill(url: str, reports: int) -> None:
    database = open_database(url)
    with database.transaction() as session:
        fill(session, last_year=2025, years=YEARS, reports=reports // YEARS)
    database.close()


def _run(what: str, url: str, folder: Path, *arguments: str) -> None:
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env=environment(url) | {"BUREAU_ATTACHMENTS_DIR": str(folder / "attachments")},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, what
    seconds = time.perf_counter() - started
    print(f"{what}: {seconds:.0f} s, peak memory {used.ru_maxrss / 1024:.0f} MB", flush=True)


class _Writer:
    """Registers one report after the other until told to stop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stop = threading.Event()
        self._took: list[float] = []
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def stop(self) -> str:
        self._stop.set()
        self._thread.join()
        took = sorted(self._took)
        return (
            f"{len(took)} reports, median {took[len(took) // 2] * 1000:.0f} ms,"
            f" p99 {took[len(took) * 99 // 100] * 1000:.0f} ms, slowest {took[-1] * 1000:.0f} ms"
        )

    def _write(self) -> None:
        while not self._stop.is_set():
            started = time.perf_counter()
            with self._database.transaction() as session:
                make_report(session)
            self._took.append(time.perf_counter() - started)


if __name__ == "__main__":
    main()
