"""Steps of the tour: webhooks of a partner, the outbox, the daily digest."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.notifications import service
from app.notifications.domain import DeliveryError, MessageState
from app.notifications.models import OutboxMessage
from tests.makers.identity import make_client

if TYPE_CHECKING:
    from tests.api.tour import Recorder

V1 = "/api/v1"


def tour_delivery(recorder: "Recorder", application: FastAPI, worker: TestClient) -> None:
    partner = worker.get(f"{V1}/partners").json()["items"][0]["id"]
    url = f"{V1}/partners/{partner}/webhooks"
    webhook = recorder.send(worker, "POST", url, {"url": "https://hooks.example.org/bureau"})
    recorder.send(worker, "GET", url)
    _give_up_one(application.state.runtime.database, UUID(partner))
    admin = make_client(application, Role.ADMIN)
    dead = recorder.send(admin, "GET", f"{V1}/deliveries?state=dead")
    recorder.send(admin, "POST", f"{V1}/deliveries/{dead['items'][0]['id']}/resending")
    recorder.send(worker, "DELETE", f"{V1}/webhooks/{webhook['id']}")
    recorder.send(worker, "GET", f"{V1}/me/digest")
    wish = {"email": "ilse@example.org", "hour": 8, "language": "nl", "is_on": True}
    recorder.send(worker, "PUT", f"{V1}/me/digest", wish)


def _give_up_one(database: Database, partner_id: UUID) -> None:
    at = clock.now() - timedelta(days=4)
    with database.transaction() as session:
        service.queue_webhook(
            session, partner_id=partner_id, event="referral.made", object_id=partner_id, at=at
        )
        for message in session.query(OutboxMessage):
            message.state = MessageState.DEAD
            message.attempts = 20
            message.last_error = DeliveryError.BAD_STATUS
