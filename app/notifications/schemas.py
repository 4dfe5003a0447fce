from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from app.api.fields import Body, View
from app.notifications.domain import DeliveryError, MessageKind, MessageState


class DeliveryView(View):
    """A mail or webhook, without whom it goes to and what it says: that is personal data."""

    id: UUID
    kind: MessageKind
    state: MessageState
    event: str | None
    object_id: UUID | None
    webhook_id: UUID | None
    created_at: datetime
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    last_error: DeliveryError | None


class WebhookRegistration(Body):
    url: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class WebhookView(View):
    id: UUID
    url: str
    created_at: datetime


class RegisteredWebhookView(WebhookView):
    """With the secret that signs: shown only now."""

    secret: str
