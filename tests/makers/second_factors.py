"""Colleagues with a password and a second factor."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from app.core import clock
from app.core.access import SYSTEM, Role
from app.core.database import Database
from app.identity import service
from app.identity.credentials import token_hash
from app.identity.models import StaffSession
from tests.makers.partner_access import PASSWORD, code_at
from tests.makers.passkeys import Device
from tests.makers.tour import V1, done

OWN = f"{V1}/me/second-factors"
STEP = timedelta(seconds=30)


@dataclass
class Colleague:
    """client: in a session got with the password alone, before there was a second factor."""

    client: TestClient
    username: str
    account_id: str
    totp_secret: str = ""
    recovery_codes: tuple[str, ...] = ()

    def code(self, at: datetime | None = None) -> str:
        """Of the next time step: that of now was used to confirm."""
        return code_at(self.totp_secret, at or clock.now() + STEP)

    def form(self, **more: str) -> dict[str, str]:
        form = {"grant_type": "password", "username": self.username, "password": PASSWORD}
        return form | more

    def log_in(self, **more: str) -> Any:
        return TestClient(self.client.app).post(f"{V1}/auth/token", data=self.form(**more))


def make_colleague(
    application: FastAPI, *roles: Role, username: str = "ilse", has_totp: bool = False
) -> Colleague:
    database: Database = application.state.runtime.database
    with database.transaction() as session:
        account = service.create_account(
            session,
            SYSTEM,
            username=username,
            display_name="Ilse",
            password=PASSWORD,
            roles=roles,
            at=clock.now(),
        )
    made = Colleague(TestClient(application), username, str(account.id))
    use_token(made.client, done(made.log_in())["access_token"])
    if has_totp:
        made.totp_secret = done(made.client.post(f"{OWN}/totp"))["totp_secret"]
        body = {"code": code_at(made.totp_secret, clock.now())}
        enrolled = done(made.client.post(f"{OWN}/totp/confirmation", json=body))
        made.recovery_codes = tuple(enrolled["recovery_codes"])
    return made


def use_token(client: TestClient, token: str) -> None:
    client.headers["Authorization"] = f"Bearer {token}"


def add_passkey(client: TestClient, device: Device, title: str = "Sleutel") -> Any:
    begun = done(client.post(f"{OWN}/passkeys/options"))
    body = {
        "token": begun["token"],
        "credential": device.enrol(begun["options"]),
        "title": title,
    }
    return client.post(f"{OWN}/passkeys", json=body)


def let_proof_age(database: Database, client: TestClient, by: timedelta) -> None:
    token = client.headers["Authorization"].removeprefix("Bearer ")
    with database.transaction() as session:
        session.execute(
            update(StaffSession)
            .where(StaffSession.token_hash == token_hash(token))
            .values(proved_at=clock.now() - by)
        )
