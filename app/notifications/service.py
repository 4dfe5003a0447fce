"""What services put into the outbox, and what becomes of what could not be delivered."""

import secrets
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.errors import ConflictError
from app.core.rows import insert_row, insert_rows
from app.notifications import queries
from app.notifications.domain import (
    GIVE_UP_AFTER,
    DeliveryError,
    MessageKind,
    MessageState,
)
from app.notifications.models import OutboxMessage, WebhookEndpoint

MOST_ENDPOINTS = 5
SENT_KEPT = timedelta(days=30)
DEAD_KEPT = timedelta(days=90)


def queue_mail(
    session: Session,
    *,
    to: str,
    subject: str,
    body: str,
    at: datetime,
    reference: UUID | None = None,
) -> None:
    """A mail that leaves once this transaction is on disk.

    to: one address. subject: one line. body: plain text. reference: what the mail is about.
    """
    row = _row(MessageKind.MAIL, at) | {
        "recipient": to,
        "subject": subject,
        "body": body,
        "object_id": reference,
    }
    insert_row(session, OutboxMessage, row)


def mail(session: Session, to: str, subject: str, body: str, at: datetime) -> None:
    """`queue_mail`, as features below this one call it through a port."""
    queue_mail(session, to=to, subject=subject, body=body, at=at)


def queue_webhook(
    session: Session, *, partner_id: UUID, event: str, object_id: UUID, at: datetime
) -> None:
    """Tell every endpoint of a partner that something happened; only the id is said.

    event: 60 characters at most, such as `referral.made`.
    """
    endpoints = queries.endpoint_ids_of(session, partner_id)
    insert_rows(
        session,
        OutboxMessage,
        [
            _row(MessageKind.WEBHOOK, at)
            | {"endpoint_id": endpoint_id, "event": event, "object_id": object_id}
            for endpoint_id in endpoints
        ],
    )


def _row(kind: MessageKind, at: datetime) -> dict[str, Any]:
    return {
        "kind": kind,
        "state": MessageState.PENDING,
        "created_at": at,
        "attempts": 0,
        "next_attempt_at": at,
        "give_up_at": at + GIVE_UP_AFTER,
    }


def resend(session: Session, actor: Actor, message_id: UUID, *, at: datetime) -> OutboxMessage:
    """Try a dead letter again, for another three days."""
    actor.require(Permission.DELIVERY_MANAGE)
    message = queries.get_delivery(session, actor, message_id, for_update=True)
    if message.state is not MessageState.DEAD:
        raise ConflictError("Only what was given up can be sent again.", code="not_dead")
    if message.last_error is DeliveryError.ENDPOINT_REMOVED:
        raise ConflictError("Its webhook was removed.", code="endpoint_removed")
    message.state = MessageState.PENDING
    message.attempts = 0
    message.next_attempt_at = at
    message.give_up_at = at + GIVE_UP_AFTER
    audit.record(session, actor, Event.DELIVERY_RESENT, "delivery", message.id, at=at)
    return message


def register_endpoint(
    session: Session, actor: Actor, *, partner_id: UUID, url: str, at: datetime
) -> WebhookEndpoint:
    """An address to tell this partner at.

    partner_id: of a partner that the caller loaded; url: checked by the caller with
    `addresses.check_url`, which asks name servers and so has no place in a transaction.
    """
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    if len(queries.endpoint_ids_of(session, partner_id)) >= MOST_ENDPOINTS:
        raise ConflictError(
            f"A partner has at most {MOST_ENDPOINTS} webhooks.", code="too_many_webhooks"
        )
    endpoint = WebhookEndpoint(
        partner_id=partner_id,
        url=url,
        secret="whsec_" + b64encode(secrets.token_bytes(32)).decode(),
        created_at=at,
    )
    session.add(endpoint)
    session.flush()  # gives the id that the trail names
    audit.record(
        session, actor, Event.WEBHOOK_CHANGED, "webhook", endpoint.id, at=at, act="registered"
    )
    return endpoint


def remove_endpoint(session: Session, actor: Actor, endpoint_id: UUID, *, at: datetime) -> None:
    """Nothing more is sent there; what waited is given up."""
    actor.require(Permission.PARTNER_ACCESS_MANAGE)
    endpoint = queries.get_endpoint(session, actor, endpoint_id, for_update=True)
    endpoint.removed_at = at
    endpoint.secret = None
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.endpoint_id == endpoint.id, OutboxMessage.state == MessageState.PENDING
        )
        .values(
            state=MessageState.DEAD,
            last_error=DeliveryError.ENDPOINT_REMOVED,
            claimed_by=None,
            claimed_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session, actor, Event.WEBHOOK_CHANGED, "webhook", endpoint.id, at=at, act="removed"
    )


def forget_expired(session: Session, *, at: datetime) -> None:
    """What was sent or given up long ago goes, with the personal data in it."""
    for state, kept in ((MessageState.SENT, SENT_KEPT), (MessageState.DEAD, DEAD_KEPT)):
        session.execute(
            delete(OutboxMessage)
            .where(OutboxMessage.state == state, OutboxMessage.created_at < at - kept)
            .execution_options(synchronize_session=False)
        )
