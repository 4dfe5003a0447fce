"""Partners and agreements, as bodies to send and as rows; clients that are logged in for one."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import SYSTEM
from app.identity import partner_clients
from app.identity.partner_clients import NewSecret
from app.identity.partner_sessions import open_session
from app.partners import service
from app.partners.models import Partner
from tests.makers.tour import V1, done

HOUR = timedelta(hours=1)


def make_partner(session: Session, name: str = "Huurdersbond Proef", **columns: Any) -> Partner:
    fields: dict[str, Any] = {"kind": "association", "at": clock.now()} | columns
    return service.register_partner(session, SYSTEM, name=name, **fields)


def add_partner(worker: TestClient, name: str = "Huurdersbond Proef", **fields: Any) -> Any:
    body = {"name": name, "kind": "association", "active_from": "2020-01-01"} | fields
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


def make_partner_client_row(
    session: Session, partner_id: UUID, *, at: datetime | None = None, **fields: Any
) -> NewSecret:
    return partner_clients.create_client(
        session,
        SYSTEM,
        partner_id,
        at=at or clock.now(),
        **({"title": "Dossierbeheer", "expires_on": None} | fields),
    )


def make_partner_client(application: FastAPI, partner_id: UUID | None = None) -> TestClient:
    """Logged in as a new client of this partner, or of a new one."""
    wanted = partner_id or new_partner(application)
    with application.state.runtime.database.transaction() as session:
        new = make_partner_client_row(session, wanted)
        issued = open_session(session, new.client, lifetime=HOUR, at=clock.now(), proof="secret")
    return TestClient(application, headers={"Authorization": f"Bearer {issued.access_token}"})
