"""Colleagues, and clients that are logged in as one."""

import secrets
from datetime import timedelta
from functools import cache
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor, ActorKind, Role, Surface
from app.identity.credentials import hash_password, token_hash
from app.identity.domain import Proof
from app.identity.models import StaffAccount, StaffRole, StaffSession


@cache
def _some_hash() -> str:
    """Of a password that nobody knows; slow, so once for all."""
    return hash_password(secrets.token_urlsafe(16))


def make_account(session: Session, *roles: Role, username: str | None = None) -> StaffAccount:
    account = StaffAccount(
        username=username or f"colleague-{secrets.token_hex(4)}",
        display_name="A. Colleague",
        password_hash=_some_hash(),
        created_at=clock.now(),
        role_rows=[StaffRole(role=role) for role in roles],
    )
    session.add(account)
    session.flush()
    return account


def make_actor(session: Session, *roles: Role) -> Actor:
    account = make_account(session, *roles)
    return Actor(ActorKind.STAFF, Surface.STAFF, account.id, frozenset(roles))


def make_token(session: Session, account: StaffAccount) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            account_id=account.id,
            token_hash=token_hash(token),
            created_at=clock.now(),
            last_used_at=clock.now(),
            expires_at=clock.now() + timedelta(hours=1),
            proved_at=clock.now(),
            proved_by=Proof.PASSWORD,
        )
    )
    return token


def make_client(application: FastAPI, *roles: Role) -> TestClient:
    """A client logged in as a new colleague with these roles; `account_id` says who."""
    with application.state.runtime.database.transaction() as session:
        account = make_account(session, *roles)
        token = make_token(session, account)
    client = TestClient(application, headers={"Authorization": f"Bearer {token}"})
    client.headers["X-Test-Account"] = str(account.id)
    return client


def account_id(client: TestClient) -> UUID:
    """Of the colleague as whom `make_client` logged in."""
    return UUID(client.headers["X-Test-Account"])
