"""Draining the outbox: many lanes at once, each in order, none able to hold up another.

At least once: a message is sent outside any transaction and recorded afterwards, so a crash in
between sends it again, under the same id.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core.database import Database
from app.notifications import outbox
from app.notifications.domain import MESSAGE_SECONDS, DeliveryError, Outcome
from app.notifications.mail import MailSender, MailServer
from app.notifications.models import OutboxMessage
from app.notifications.outbox import Chunk, Lane
from app.notifications.webhooks import WebhookSender
from app.settings import Settings

log = structlog.get_logger()

MAIL_CONNECTIONS = 4
MOST_LANES = 50
CHUNK_SECONDS = 10.0
"""After so long no further message of a chunk is begun: with the one before that makes 18 of the
30 seconds of a claim."""
DOWN_AFTER = 3
"""Failures of the server in a row after which it is taken to be down. One proves nothing: a server
that drops one connection in twenty would stand still if each made all others wait."""
TICK_SECONDS = 1.0

T = TypeVar("T")
Send = Callable[[OutboxMessage], Awaitable[Outcome]]


def deliver_due(database: Database, settings: Settings, at: datetime) -> None:
    """Send everything that is due at `at` or becomes due while it is being sent."""
    started = time.monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=int(time.monotonic() - started))

    asyncio.run(Drain(database, settings, now=now).run(is_endless=False))


class Drain:
    """One worker."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        now: Callable[[], datetime],
        stop: threading.Event | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._mail_server = MailServer.of(settings)
        self._now = now
        self._stop = stop or threading.Event()
        self._worker = uuid4()
        self._has_told_of_mail = False

    async def run(
        self, *, is_endless: bool, each_tick: Callable[[datetime], None] | None = None
    ) -> None:
        """Until nothing is due, or without end until `stop` is set; a chunk is always finished.

        each_tick: called about every second, in a thread.
        """
        running: dict[tuple[Lane, int], asyncio.Task[None]] = {}
        async with WebhookSender(allow_private=self._settings.webhook_allow_private) as webhooks:
            while not self._stop.is_set():
                if each_tick is not None:
                    await asyncio.to_thread(each_tick, self._now())
                for key in await self._waiting_lanes():
                    if key not in running and len(running) < MOST_LANES:
                        running[key] = asyncio.create_task(self._run_lane(key[0], webhooks))
                if not running and not is_endless:
                    return
                await self._tick(running)
            await asyncio.gather(*running.values())

    async def _tick(self, running: dict[tuple[Lane, int], asyncio.Task[None]]) -> None:
        """Wait for a lane to end, for a second at most."""
        if not running:
            await asyncio.sleep(TICK_SECONDS)
            return
        await asyncio.wait(
            running.values(), timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for key in [key for key, task in running.items() if task.done()]:
            running.pop(key).result()

    async def _waiting_lanes(self) -> list[tuple[Lane, int]]:
        """Lanes with something due; mail has several connections."""
        try:
            lanes = await asyncio.to_thread(outbox.due_lanes, self._database, self._now())
        except SQLAlchemyError as error:
            await self._pause_after(error)
            return []
        if None in lanes and self._mail_server is None:
            lanes.discard(None)
            if not self._has_told_of_mail:
                log.warning("mail_waits_no_server_is_set")
                self._has_told_of_mail = True
        return [
            (lane, number)
            for lane in lanes
            for number in range(MAIL_CONNECTIONS if lane is None else 1)
        ]

    async def _run_lane(self, lane: Lane, webhooks: WebhookSender) -> None:
        mail = MailSender(self._mail_server) if lane is None and self._mail_server else None
        try:
            failures = 0
            while failures < DOWN_AFTER and not self._stop.is_set():
                chunk = await asyncio.to_thread(
                    outbox.claim, self._database, lane, self._worker, self._now()
                )
                if chunk is None:
                    break
                send = self._sender(chunk, mail, webhooks)
                failures = await self._send_chunk(chunk, send, mail, failures)
        except SQLAlchemyError as error:
            await self._pause_after(error)
        finally:
            if mail is not None:
                await _bounded(mail.quit())
                mail.drop()

    def _sender(self, chunk: Chunk, mail: MailSender | None, webhooks: WebhookSender) -> Send:
        if mail is not None:
            return mail.send
        endpoint = chunk.endpoint
        assert endpoint is not None  # noqa: S101  (a chunk of webhooks has its endpoint)

        async def send(message: OutboxMessage) -> Outcome:
            return await webhooks.send(message, endpoint, at=self._now())

        return send

    async def _send_chunk(
        self, chunk: Chunk, send: Send, mail: MailSender | None, failures: int
    ) -> int:
        """Send and record.

        failures: of the server in a row, before; the answer is their number afterwards.
        """
        outcomes: list[Outcome] = []
        begun = time.monotonic()
        for message in chunk.messages:
            if time.monotonic() - begun > CHUNK_SECONDS or failures >= DOWN_AFTER:
                break
            outcome = await _bounded(send(message))
            if outcome is None:
                outcome = Outcome(DeliveryError.TIMED_OUT)
                if mail is not None:
                    mail.drop()
            outcomes.append(outcome)
            failures = failures + 1 if outcome.is_of_the_server else 0
            if outcome.error is not None:
                _tell(message.id, outcome)
        await asyncio.to_thread(
            outbox.record,
            self._database,
            self._worker,
            chunk,
            outcomes,
            self._now(),
            down=outcomes[-1].error if failures >= DOWN_AFTER else None,
        )
        return failures

    async def _pause_after(self, error: SQLAlchemyError) -> None:
        log.warning("outbox_not_reached", kind=type(error).__name__)
        await asyncio.sleep(TICK_SECONDS)


async def _bounded(work: Awaitable[T]) -> T | None:
    """None when it took too long."""
    try:
        async with asyncio.timeout(MESSAGE_SECONDS):
            return await work
    except TimeoutError:
        return None


def _tell(message_id: UUID, outcome: Outcome) -> None:
    tell = log.warning if outcome.is_permanent else log.info
    tell("delivery_failed", id=str(message_id), error=outcome.error)
