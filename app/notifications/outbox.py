"""The outbox as a queue of several workers: finding, claiming, recording. Short transactions.

A lane is the messages for one server: all mail, or one webhook endpoint. A server that hangs holds
up its own lane only.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.core.database import Database
from app.notifications.domain import (
    FIRST_DELAY,
    DeliveryError,
    MessageState,
    Outcome,
    delay_after,
)
from app.notifications.models import OutboxMessage, WebhookEndpoint

Lane = UUID | None
"""The endpoint of its webhooks; None: mail."""

CHUNK = 10
"""Messages of one claim: what a crash can send twice."""
LEASE = timedelta(seconds=30)
"""How long a claim holds: longer than a chunk can take, see `delivery`."""


@dataclass(frozen=True)
class Chunk:
    """Messages that belong to this worker until the lease ends."""

    lane: Lane
    messages: Sequence[OutboxMessage]
    endpoint: WebhookEndpoint | None


def due_lanes(database: Database, at: datetime) -> set[Lane]:
    with database.snapshot() as session:
        return set(session.scalars(select(OutboxMessage.endpoint_id).where(_due(at)).distinct()))


def claim(database: Database, lane: Lane, worker: UUID, at: datetime) -> Chunk | None:
    """The next messages of a lane, the longest due first; None when there are none."""
    with database.transaction() as session:
        messages = session.scalars(
            select(OutboxMessage)
            .where(_in_lane(lane), _due(at))
            .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
            .limit(CHUNK)
            .with_for_update(skip_locked=True)
        ).all()
        for message in messages:
            message.claimed_by = worker
            message.claimed_until = at + LEASE
        endpoint = session.get(WebhookEndpoint, lane) if lane and messages else None
    return Chunk(lane, messages, endpoint) if messages else None


def record(
    database: Database,
    worker: UUID,
    chunk: Chunk,
    outcomes: Sequence[Outcome],
    at: datetime,
    *,
    down: DeliveryError | None = None,
) -> None:
    """Write down how the first messages of a chunk ended and let go of the others.

    down: the server does not work; whatever waits for it waits a minute more, untried, so without
    counting as a try.
    """
    tried = list(zip(chunk.messages, outcomes, strict=False))
    with database.transaction() as session:
        for message, outcome in tried:
            _record_one(session, worker, message, outcome, at)
        untried = [message.id for message in chunk.messages[len(tried) :]]
        if untried:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id.in_(untried), OutboxMessage.claimed_by == worker)
                .values(claimed_by=None, claimed_until=None)
                .execution_options(synchronize_session=False)
            )
        if down is not None:
            _postpone(session, chunk.lane, down, at)


def _record_one(
    session: Session, worker: UUID, message: OutboxMessage, outcome: Outcome, at: datetime
) -> None:
    attempts = message.attempts + 1
    change = update(OutboxMessage).where(OutboxMessage.id == message.id)
    if outcome.error is None:
        # True whoever holds the claim by now, and also if it was given up in the meantime.
        change = change.values(state=MessageState.SENT, sent_at=at, last_error=None)
    else:
        change = change.where(
            OutboxMessage.claimed_by == worker, OutboxMessage.state == MessageState.PENDING
        ).values(
            state=MessageState.DEAD
            if outcome.is_permanent or at >= message.give_up_at
            else MessageState.PENDING,
            next_attempt_at=at + delay_after(attempts, chance=random.random()),  # noqa: S311
            last_error=outcome.error,
        )
    session.execute(
        change.values(attempts=attempts, claimed_by=None, claimed_until=None).execution_options(
            synchronize_session=False
        )
    )


def _postpone(session: Session, lane: Lane, error: DeliveryError, at: datetime) -> None:
    waiting = (
        update(OutboxMessage)
        .where(_in_lane(lane), _due(at))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        waiting.where(OutboxMessage.give_up_at <= at).values(
            state=MessageState.DEAD, last_error=error
        )
    )
    session.execute(waiting.values(next_attempt_at=at + FIRST_DELAY, last_error=error))


def _due(at: datetime) -> ColumnElement[bool]:
    return (
        (OutboxMessage.state == MessageState.PENDING)
        & (OutboxMessage.next_attempt_at <= at)
        & or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= at)
    )


def _in_lane(lane: Lane) -> ColumnElement[bool]:
    if lane is None:
        return OutboxMessage.endpoint_id.is_(None)
    return OutboxMessage.endpoint_id == lane
