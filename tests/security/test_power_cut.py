"""The power goes: what was acknowledged had reached the disk before."""

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pysqlite3 import dbapi2
from sqlalchemy import select, text

from app.core.database import Database
from app.intake.models import Report
from benchmarks.server import Server, bureau, open_database
from tests.conftest import STORES
from tests.makers.intake import report_body

CLIENTS = 8
SHIM = Path(__file__).with_name("lost_writes.c")
COMPILER = shutil.which("cc") or shutil.which("gcc")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """Both, unlike what else is tested in this folder."""
    return str(request.param)


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if COMPILER is None:
        pytest.skip("needs a C compiler: what a disk keeps is watched from inside the server")
    library = tmp_path_factory.mktemp("shim") / "lost_writes.so"
    command = [COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), str(SHIM), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library


@pytest.mark.parametrize(
    ("intakes", "cuts"), [(150, 1), pytest.param(3_000, 10, marks=pytest.mark.torture)]
)
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    shim: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, intakes: int, cuts: int
) -> None:
    """Each round goes on with what the disk kept of the round before."""
    store, durable = tmp_path / "store", tmp_path / "durable"
    store.mkdir()
    url = f"sqlite:///{store}/bureau.db"
    bureau(url, "db", "upgrade")
    acknowledged: set[str] = set()
    for _ in range(cuts):
        shutil.rmtree(durable, ignore_errors=True)
        shutil.copytree(store, durable)
        with monkeypatch.context() as around:
            for name, value in (("LD_PRELOAD", shim), ("WATCHED", store), ("DURABLE", durable)):
                around.setenv(name, str(value))
            around.setenv("SYNCS", str(tmp_path / "syncs"))
            server = Server(url)
            server.start()
        acknowledged |= _acknowledged_before_the_cut(server, intakes // cuts)
        shutil.rmtree(store)
        shutil.copytree(durable, store)  # what the disk has
    database = open_database(url)
    with database.snapshot() as session:
        stored = set(session.scalars(select(Report.reference)))
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    database.close()
    assert acknowledged <= stored
    assert len(acknowledged) >= intakes
    assert (tmp_path / "syncs").stat().st_size >= cuts


def _acknowledged_before_the_cut(server: Server, intakes: int) -> set[str]:
    """Ends the server in the middle; the references that were answered by then."""
    found: set[str] = set()
    enough = threading.Event()

    def report() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as client:
            for _ in range(intakes):
                key = {"Idempotency-Key": str(uuid4())}
                answer = client.post("/api/v1/public/reports", json=report_body(), headers=key)
                found.add(answer.raise_for_status().json()["reference"])
                if len(found) >= intakes:
                    enough.set()

    with ThreadPoolExecutor(CLIENTS) as pool:
        reporting = [pool.submit(report) for _ in range(CLIENTS)]
        assert enough.wait(60)
        server.kill()
    for each in reporting:
        assert isinstance(each.exception(), httpx.TransportError)
    return found


WRITE = """
import os, signal, sys
from pysqlite3 import dbapi2
store = dbapi2.connect(sys.argv[1])
store.execute("PRAGMA journal_mode=wal")
store.execute("CREATE TABLE found (n)")
store.execute(f"PRAGMA synchronous={sys.argv[2]}")
store.execute("INSERT INTO found VALUES (1)")
store.commit()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("synchronous", "kept"), [("FULL", 1), ("OFF", 0)])
def test_the_look_after_the_cut_sees_what_was_not_synced(
    shim: Path, tmp_path: Path, synchronous: str, kept: int
) -> None:
    store, durable = tmp_path / "store", tmp_path / "durable"
    store.mkdir()
    durable.mkdir()
    around = {"WATCHED": store, "DURABLE": durable, "SYNCS": tmp_path / "syncs"}
    subprocess.run(
        [sys.executable, "-c", WRITE, str(store / "look.db"), synchronous],
        env=os.environ
        | {name: str(value) for name, value in around.items()}
        | {"LD_PRELOAD": str(shim)},
        check=False,
    )
    left = dbapi2.connect(durable / "look.db")
    try:
        found = left.execute("SELECT count(*) FROM found").fetchone()[0]
    except dbapi2.OperationalError:
        found = 0
    left.close()
    assert found == kept


def test_a_commit_waits_for_the_disk(database: Database, store: str) -> None:
    asked: dict[str, dict[str, object]] = {
        "sqlite": {"PRAGMA synchronous": 2, "PRAGMA journal_mode": "wal"},
        "postgresql": {"SHOW fsync": "on", "SHOW synchronous_commit": "on"},
    }
    with database.transaction() as session:
        for question, answer in asked[store].items():
            assert session.scalar(text(question)) == answer
