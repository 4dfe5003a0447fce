"""Colleagues from whom something is hidden, by HTTP."""

from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.identity.models import StaffAccount
from tests.makers.identity import account_id, make_client
from tests.makers.intake import report_body
from tests.makers.tour import V1

REASON = "Familie van de verhuurder."


def bar(coordinator: TestClient, path: str, whom: TestClient, **headers: str) -> Any:
    """path: of a report or a case, below V1."""
    body = {"account_id": str(account_id(whom)), "reason": REASON}
    return coordinator.post(f"{V1}/{path}/barred", json=body, headers=headers)


def readmit(coordinator: TestClient, path: str, whom: TestClient) -> Any:
    return coordinator.delete(f"{V1}/{path}/barred/{account_id(whom)}")


def make_named_client(application: FastAPI, name: str, *roles: Role) -> TestClient:
    """Logged in as a new colleague who is called so."""
    client = make_client(application, *roles)
    with application.state.runtime.database.transaction() as session:
        session.get_one(StaffAccount, account_id(client)).display_name = name
    return client


def report_about(name: str, kind: str = "private_person") -> dict[str, Any]:
    """A body for V1/reports whose respondent is called so."""
    body = report_body(channel="phone")
    body["incident"] = body["incident"] | {"respondent": {"kind": kind, "name": name}}
    return body
