"""The outbox, and where partners want to be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified
from app.notifications.domain import DeliveryError, MessageKind, MessageState


class WebhookEndpoint(Identified, Base):
    """An address of a partner. The secret signs what is sent there; it goes with the endpoint."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint("(removed_at IS NULL) = (secret IS NOT NULL)", name="removed_has_no_key"),
        Index(None, "partner_id", "created_at", "id"),
    )

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"))
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str | None] = mapped_column(PersonalText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutboxMessage(Identified, Base):
    """One mail or webhook, written in the transaction of the act that it tells of.

    The id goes with every try, so that whoever gets it twice can tell. `claimed_until`: until then
    it belongs to the worker `claimed_by`; a worker that died leaves it to the others.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'mail') = (recipient IS NOT NULL AND subject IS NOT NULL"
            " AND body IS NOT NULL AND endpoint_id IS NULL)",
            name="mail",
        ),
        CheckConstraint(
            "(kind = 'webhook') = (endpoint_id IS NOT NULL AND event IS NOT NULL"
            " AND object_id IS NOT NULL AND recipient IS NULL)",
            name="webhook",
        ),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_time"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name="claim"),
        CheckConstraint("state <> 'dead' OR last_error IS NOT NULL", name="dead_has_an_error"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(None, "state", "endpoint_id", "next_attempt_at", "id"),
        Index(None, "created_at", "id"),
        Index(None, "state", "created_at", "id"),
    )

    kind: Mapped[MessageKind] = mapped_column(code_enum(MessageKind, "kind"))
    endpoint_id: Mapped[UUID | None] = mapped_column(ForeignKey("webhook_endpoints.id"))
    recipient: Mapped[str | None] = mapped_column(PersonalText)
    subject: Mapped[str | None] = mapped_column(PersonalText)
    body: Mapped[str | None] = mapped_column(PersonalText)
    event: Mapped[str | None] = mapped_column(String(60))
    object_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[MessageState] = mapped_column(code_enum(MessageState, "state"))
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    give_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[DeliveryError | None] = mapped_column(code_enum(DeliveryError, "last_error"))
    claimed_by: Mapped[UUID | None]
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
