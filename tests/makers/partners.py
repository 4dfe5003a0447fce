"""Partners, and clients that are logged in for one."""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core import clock
from app.core.access import Actor, ActorKind, Surface
from app.core.database import Database
from app.partners.models import Partner


def make_partner(application: FastAPI, organisation: str | None = None) -> UUID:
    with application.state.runtime.database.transaction() as session:
        partner = Partner(
            organisation=organisation or f"Partner {secrets.token_hex(4)}",
            kind="association",
            created_at=clock.now(),
        )
        session.add(partner)
        session.flush()
        return partner.id


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
