"""The loop that drains the outbox and runs the periodic jobs: of `bureau worker` or the server."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from app.core import clock
from app.core.database import Database
from app.notifications import periodic
from app.notifications.delivery import Drain, deliver_due
from app.settings import Settings

log = structlog.get_logger()

JOBS_EVERY = timedelta(minutes=1)
STOP_SECONDS = 25.0


def run_once(database: Database, settings: Settings, *, at: datetime) -> None:
    """Every job once, then everything that is due."""
    periodic.run_jobs(database, at)
    deliver_due(database, settings, at)


def run_for_ever(database: Database, settings: Settings, stop: threading.Event) -> None:
    """Until `stop` is set. An unforeseen error is logged and the loop begins anew."""
    jobs_at: datetime | None = None

    def run_jobs(at: datetime) -> None:
        nonlocal jobs_at
        if jobs_at is None or at >= jobs_at + JOBS_EVERY:
            jobs_at = at
            periodic.run_jobs(database, at)

    while not stop.is_set():
        try:
            drain = Drain(database, settings, now=clock.now, stop=stop)
            asyncio.run(drain.run(is_endless=True, each_tick=run_jobs))
        except Exception as error:  # noqa: BLE001  (nothing may end the sending for good)
            log.error("delivery_loop_failed", kind=type(error).__name__)
            stop.wait(5)


@contextmanager
def running_in_thread(database: Database, settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(
        target=run_for_ever, args=(database, settings, stop), name="delivery", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)
