"""Partners and agreements, as bodies to send and as rows; clients that are logged in for one."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import SYSTEM, Actor, ActorKind, Surface
from app.core.database import Database
from app.partners import service
from app.partners.models import Partner
from tests.makers.tour import V1, done


def make_partner(session: Session, name: str = "Huurdersbond Proef", **columns: Any) -> Partner:
    fields: dict[str, Any] = {"kind": "association", "at": clock.now()} | columns
    return service.register_partner(session, SYSTEM, name=name, **fields)


def add_partner(worker: TestClient, name: str = "Huurdersbond Proef", **fields: Any) -> Any:
    body = {"name": name, "kind": "association"} | fields
    return done(worker.post(f"{V1}/partners", json=body), 201)


def add_agreement(worker: TestClient, partner_id: str, **fields: Any) -> Any:
    body = {"kind": "cooperation", "valid_from": "2026-07-01"} | fields
    return done(worker.post(f"{V1}/partners/{partner_id}/agreements", json=body), 201)


def change(worker: TestClient, path: str, body: dict[str, Any]) -> Any:
    """A PATCH of the thing as it stands."""
    etag = worker.get(f"{V1}/{path}").headers["ETag"]
    return worker.patch(f"{V1}/{path}", json=body, headers={"If-Match": etag})


def wrong_fields(answer: Any) -> dict[str, str]:
    """pointer -> code of an answer that refuses."""
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


def new_partner(application: FastAPI) -> UUID:
    """The id of a partner that is in the register."""
    with application.state.runtime.database.transaction() as session:
        return make_partner(session, f"Partner {secrets.token_hex(4)}").id


def make_partner_client(application: FastAPI, partner_id: UUID) -> TestClient:
    """A new client of this partner, known to this application alone."""
    token = secrets.token_urlsafe(32)
    actor = Actor(ActorKind.PARTNER, Surface.PARTNER, id=uuid4(), partner_id=partner_id)
    runtime = application.state.runtime
    earlier = runtime.authenticators[Surface.PARTNER]

    def authenticate(store: Database, given: str, at: datetime) -> Actor | None:
        return actor if given == token else earlier(store, given, at)

    runtime.authenticators = {**runtime.authenticators, Surface.PARTNER: authenticate}
    return TestClient(application, headers={"Authorization": f"Bearer {token}"})
