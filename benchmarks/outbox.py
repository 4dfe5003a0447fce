"""Drains an outbox of mail and webhooks, with failures and kills of the worker.

python -m benchmarks.outbox [--messages 10000] [--postgresql]

Half mails, half webhooks; one try in twenty fails the first time. `bureau worker` is killed three
times in the middle of its work and started again. Then time is moved on, so that what waits for a
second try goes too. The rate counts the time in which the workers ran, their starts included.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import func, select

from app.core import clock
from app.core.database import Database
from app.core.logs import configure_logs
from app.notifications import service
from app.notifications.delivery import deliver_due
from app.notifications.domain import MessageState
from app.notifications.models import OutboxMessage
from app.settings import Settings
from benchmarks.server import MASTER_KEYS, ROOT, bureau, environment, open_database, postgresql
from tests.makers.notifications import SENDER, Mailbox, Receiver, make_endpoint

KILLS = 3
FAILS_ONE_IN = 20
FINISH_SECONDS = 600


@dataclass(frozen=True)
class Figures:
    """got: how often each message id arrived. seconds: in which workers ran."""

    asked: int
    got: Counter[str]
    kills: int
    seconds: float

    @property
    def lost(self) -> int:
        return self.asked - len(self.got)

    @property
    def doubled(self) -> int:
        return sum(count - 1 for count in self.got.values())


def fill(database: Database, url: str, count: int) -> None:
    """`count` messages, every other one a webhook."""
    at = clock.now()
    with database.transaction() as session:
        partner_id = make_endpoint(session, url, at=at).partner_id
        for number in range(count // 2):
            service.queue_mail(
                session, to=f"p{number}@example.org", subject="Test", body="Test\n" * 20, at=at
            )
            service.queue_webhook(
                session, partner_id=partner_id, event="referral.made", object_id=uuid4(), at=at
            )


def drain_with_kills(database_url: str, count: int) -> Figures:
    """Fill an empty outbox and drain it to servers on loopback."""
    database = open_database(database_url)
    with ExitStack() as servers:
        mailbox = servers.enter_context(Mailbox().open())
        receiver = servers.enter_context(Receiver().open())
        _fail_now_and_then(mailbox, receiver)
        fill(database, receiver.url(), count)

        def untouched() -> int:
            with database.snapshot() as session:
                waiting = select(func.count()).where(
                    OutboxMessage.state == MessageState.PENDING,
                    OutboxMessage.attempts == 0,
                    OutboxMessage.claimed_by.is_(None),
                )
                return session.scalars(waiting).one()

        started = time.monotonic()
        kills = _run_killed(database_url, mailbox, untouched, count)
        settings = Settings.model_validate(
            {
                "database_url": database_url,
                "master_keys": MASTER_KEYS,
                "webhook_allow_private": True,
                **mailbox.settings,
            }
        )
        for hours in range(1, 4):  # second tries, and what a killed worker still claimed
            deliver_due(database, settings, clock.now() + timedelta(hours=hours))
        seconds = time.monotonic() - started
    got = Counter(str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in mailbox.mails)
    got.update(told.headers["webhook-id"] for told in receiver.received if told.status == 204)
    with database.snapshot() as session:
        rows = session.execute(select(OutboxMessage.id, OutboxMessage.state)).all()
    database.close()
    assert all(state is MessageState.SENT for _, state in rows)
    assert got.keys() == {str(message_id) for message_id, _ in rows}
    return Figures(count, got, kills, seconds)


def _fail_now_and_then(mailbox: Mailbox, receiver: Receiver) -> None:
    """The first try of one message in twenty fails."""
    failed: set[str] = set()
    lock = threading.Lock()

    def fails(message_id: str) -> bool:
        with lock:
            is_chosen = UUID(message_id).int % FAILS_ONE_IN == 0 and message_id not in failed
            if is_chosen:
                failed.add(message_id)
            return is_chosen

    mailbox.on_mail = lambda mail: (
        "451 try again" if fails(str(mail["Message-ID"]).strip("<>").partition("@")[0]) else None
    )
    receiver.status_of = lambda headers: 500 if fails(headers["webhook-id"]) else 204


def _run_killed(
    database_url: str, mailbox: Mailbox, untouched: Callable[[], int], count: int
) -> int:
    """Run workers, each killed in the middle but the last, until nothing is left untouched."""
    kills = 0
    deadline = time.monotonic() + FINISH_SECONDS
    while True:
        worker = _start(database_url, mailbox)
        goal = count * (KILLS - kills) // (KILLS + 1)
        while untouched() > goal:
            assert time.monotonic() < deadline, "the workers did not finish"
            assert worker.poll() is None, "the worker ended by itself"
            time.sleep(0.01)
        is_last = kills == KILLS
        worker.send_signal(signal.SIGTERM if is_last else signal.SIGKILL)
        worker.wait(30)
        if is_last:
            return kills
        kills += 1


def _start(database_url: str, mailbox: Mailbox) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "worker"],
        cwd=ROOT,
        env=environment(database_url)
        | {
            "BUREAU_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "BUREAU_MAIL_FROM": SENDER,
            "BUREAU_WEBHOOK_ALLOW_PRIVATE": "true",
        },
    )


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--messages", type=int, default=10_000)
    arguments.add_argument("--postgresql", action="store_true")
    options = arguments.parse_args()
    configure_logs("console", "error")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder}/outbox.db"
        if options.postgresql:
            folder.chmod(0o755)
            url = stack.enter_context(postgresql(folder))
        bureau(url, "db", "upgrade")
        figures = drain_with_kills(url, options.messages)
    print(
        f"{figures.asked} messages, {figures.kills} kills, {os.cpu_count()} processors: "
        f"{figures.lost} lost, {figures.doubled} doubled, {figures.seconds:.0f} s, "
        f"{figures.asked / figures.seconds:.0f} messages/s"
    )


if __name__ == "__main__":
    main()
