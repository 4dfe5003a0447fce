"""A trail that is chained and signed, and a look at whether it is whole."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from app.audit import sealing, service
from app.audit.checkpoints import Checkpoint, make_checkpoint, read_file
from app.audit.domain import Event
from app.audit.findings import Findings
from app.audit.keys import key_id
from app.audit.verification import Witness, verify
from app.core.access import Actor, ActorKind, Surface
from app.core.database import Database

MORNING = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
COLLEAGUE = Actor(ActorKind.STAFF, Surface.STAFF, UUID("7aa1c1ae-477f-4746-94d3-c566f528216e"))
EVENTS = (Event.REPORT_READ, Event.CASE_READ, Event.CASE_MOVED, Event.LOGGED_IN)


def add_entry(session: Session, number: int = 0, *, at: datetime = MORNING) -> None:
    event = EVENTS[number % len(EVENTS)]
    has_object = event is not Event.LOGGED_IN
    details: dict[str, str | int] = {"to": "intake", "count": number} if number % 2 else {}
    service.record(
        session,
        COLLEAGUE,
        event,
        event.value.split("_")[0] if has_object else None,
        uuid4() if has_object else None,
        at=at,
        **details,
    )


def add_entries(database: Database, count: int, *, at: datetime = MORNING) -> None:
    with database.transaction() as session:
        for number in range(count):
            add_entry(session, number, at=at + timedelta(seconds=number))


@dataclass
class Trail:
    """key: that signs. now: when it is looked at."""

    database: Database
    file: Path
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    now: datetime = MORNING + timedelta(hours=2)

    def extend(self, count: int) -> Checkpoint:
        """So many entries more, chained and signed."""
        add_entries(self.database, count, at=self.now - timedelta(hours=1))
        sealing.seal_all(self.database, self.now)
        made = make_checkpoint(self.database, self.key, self.file, self.now)
        assert made is not None
        self.now += timedelta(hours=1)
        return made

    def verify(self, *, since: datetime | None = None) -> Findings:
        with self.database.snapshot() as session:
            return self.verify_in(session, since=since)

    def verify_in(
        self,
        session: Session,
        *,
        lines: list[Checkpoint | int] | None = None,
        key: Ed25519PrivateKey | None = None,
        since: datetime | None = None,
        is_own: bool = True,
    ) -> Findings:
        public = (key or self.key).public_key()
        if lines is None:
            lines = list(read_file(self.file)) if self.file.exists() else []
        return verify(
            session,
            keys={key_id(public): public},
            witness=Witness(lines, is_own=is_own),
            at=self.now,
            since=since,
        )
