"""A trail of a million entries: how fast it is chained and verified, on SQLite and PostgreSQL.

    python -m benchmarks.verify_trail [--entries 1000000] [--repeat 3] [--store sqlite]

Asked for: 600 entries/s chained, a million verified within 10 s.
"""

import argparse
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit.checkpoints import make_checkpoint, read_file
from app.audit.domain import Event
from app.audit.keys import key_id
from app.audit.models import AuditEntry
from app.audit.sealing import seal_all
from app.audit.verification import Witness, verify
from app.core.access import ActorKind, Surface
from app.core.database import Database
from app.core.rows import insert_rows
from app.settings import Settings
from benchmarks.server import bureau, postgresql

START = datetime(2025, 1, 6, 8, tzinfo=UTC)
EVENTS = (Event.CASE_READ, Event.REPORT_READ, Event.CASE_MOVED, Event.NOTE_WRITTEN)
BATCH = 500  # in one transaction; with ten thousand SQLite keeps a long journal for the trigger


def fill(database: Database, count: int) -> None:
    """Made-up entries of 200 colleagues about 50,000 objects, five seconds apart."""
    chance = random.Random(1)
    colleagues, objects = (
        [UUID(int=chance.getrandbits(128), version=4) for _ in range(n)] for n in (200, 50_000)
    )
    for first in range(0, count, BATCH):
        rows = [
            {
                "id": UUID(int=chance.getrandbits(128), version=4),
                "at": START + timedelta(seconds=5 * number + 1),
                "event": EVENTS[number % 4],
                "actor_kind": ActorKind.STAFF,
                "actor_id": chance.choice(colleagues),
                "surface": Surface.STAFF,
                "object_kind": "case",
                "object_id": chance.choice(objects),
                "details": {"from": "open", "to": "assessment"} if number % 4 == 2 else None,
            }
            for number in range(first, min(first + BATCH, count))
        ]
        with database.transaction() as session:
            insert_rows(session, AuditEntry, rows)


def measure(name: str, url: str, entries: int, repeat: int, file: Path) -> None:
    bureau(url, "db", "upgrade")
    database = Database(Settings(database_url=url).database_url)
    key = Ed25519PrivateKey.generate()
    at = START + timedelta(seconds=5 * entries + 60)
    started = time.perf_counter()
    fill(database, entries)
    print(f"{name}: {entries / (time.perf_counter() - started):,.0f} entries/s written")
    started = time.perf_counter()
    assert seal_all(database, at) == entries
    print(f"{name}: {entries / (time.perf_counter() - started):,.0f} entries/s chained")
    make_checkpoint(database, key, file, at)
    for _ in range(repeat):
        started, cpu = time.perf_counter(), time.process_time()
        with database.snapshot() as session:
            found = verify(
                session,
                keys={key_id(key.public_key()): key.public_key()},
                witness=Witness(list(read_file(file)), is_own=True),
                at=at,
            )
        assert found.is_whole, found
        print(
            f"{name}: {found.size:,} places verified in {time.perf_counter() - started:.1f} s"
            f" ({time.process_time() - cpu:.1f} s of processor here)"
        )
    database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as found:
        folder = Path(found)
        folder.chmod(0o755)
        sizes = (wanted.entries, wanted.repeat)
        if wanted.store != "postgresql":
            measure("sqlite", f"sqlite:///{folder}/bureau.db", *sizes, folder / "sqlite.jsonl")
        if wanted.store != "sqlite":
            with postgresql(folder) as url:
                measure("postgresql", url, *sizes, folder / "postgresql.jsonl")


if __name__ == "__main__":
    main()
