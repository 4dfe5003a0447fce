"""Partners and agreements, as bodies to send and as rows."""

from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import SYSTEM
from app.partners import service
from app.partners.models import Partner
from tests.makers.tour import V1, done


def make_partner(session: Session, name: str = "Huurdersbond Proef", **columns: Any) -> Partner:
    fields = {"kind": "association", "at": clock.now()} | columns
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
