"""Logging in and out."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import SYSTEM, Role
from app.core.database import Database
from app.identity import service, staff_login
from app.identity.credentials import token_hash
from app.identity.domain import LONGEST_WAIT, wait_after
from app.identity.models import StaffSession
from app.identity.staff_login import Door
from tests.makers.identity import make_client

PASSWORD = "correct horse battery"


@pytest.fixture
def colleague(database: Database) -> None:
    with database.transaction() as session:
        service.create_account(
            session,
            SYSTEM,
            username="ilse",
            display_name="Ilse",
            password=PASSWORD,
            roles=[Role.INTAKE_WORKER],
            at=clock.now(),
        )


def _log_in(client: TestClient, password: str = PASSWORD, username: str = "ilse") -> object:
    return client.post(
        "/api/v1/auth/token",
        data={"grant_type": "password", "username": username, "password": password},
    )


@pytest.mark.usefixtures("colleague")
def test_a_token_opens_and_revoking_closes_at_once(client: TestClient) -> None:
    token = _log_in(client).json()["access_token"]  # type: ignore[attr-defined]
    client.headers["Authorization"] = f"Bearer {token}"
    me = client.get("/api/v1/me")
    assert me.json()["roles"] == ["intake_worker"]
    assert client.post("/api/v1/auth/revoke").status_code == 204
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.usefixtures("colleague")
def test_only_the_hash_of_a_token_is_kept(client: TestClient, database: Database) -> None:
    token = _log_in(client).json()["access_token"]  # type: ignore[attr-defined]
    with database.snapshot() as session:
        assert session.scalars(select(StaffSession.token_hash)).all() == [token_hash(token)]


@pytest.mark.usefixtures("colleague")
def test_wrong_name_and_wrong_password_look_the_same(client: TestClient) -> None:
    wrong_password = _log_in(client, password="something else")
    wrong_name = _log_in(client, username="nobody")
    assert wrong_password.status_code == wrong_name.status_code == 401  # type: ignore[attr-defined]
    assert wrong_password.json() == wrong_name.json()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("colleague")
def test_failures_make_wait_but_never_lock(client: TestClient, database: Database) -> None:
    answers = [_log_in(client, password="wrong") for _ in range(7)]
    assert [a.status_code for a in answers[:5]] == [401] * 5  # type: ignore[attr-defined]
    last = answers[-1]
    assert last.status_code == 429  # type: ignore[attr-defined]
    assert int(last.headers["Retry-After"]) <= 60  # type: ignore[attr-defined]
    issued = staff_login.log_in(
        database,
        username="ilse",
        password=PASSWORD,
        code=None,
        door=Door(address="another address", throttle_key=b"k", lifetime=timedelta(hours=1)),
        at=clock.now(),
    )
    assert issued.access_token


def test_the_wait_grows_to_a_minute_and_no_further() -> None:
    waits = [wait_after(n) for n in range(200)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(0)
    assert max(waits) == LONGEST_WAIT


@pytest.mark.parametrize("field", ["last_used_at", "expires_at"])
def test_an_idle_or_expired_session_is_closed(
    application: FastAPI, database: Database, field: str
) -> None:
    client = make_client(application, Role.ANALYST)
    assert client.get("/api/v1/me").status_code == 200
    with database.transaction() as session:
        session.execute(update(StaffSession).values({field: clock.now() - timedelta(hours=2)}))
    assert client.get("/api/v1/me").status_code == 401


def test_ending_an_account_closes_its_sessions(application: FastAPI) -> None:
    admin = make_client(application, Role.ADMIN)
    analyst = make_client(application, Role.ANALYST)
    account_id = analyst.get("/api/v1/me").json()["id"]
    etag = admin.get(f"/api/v1/users/{account_id}").headers["ETag"]
    changed = admin.patch(
        f"/api/v1/users/{account_id}", json={"is_active": False}, headers={"If-Match": etag}
    )
    assert changed.json()["is_active"] is False
    assert analyst.get("/api/v1/me").status_code == 401


def test_a_change_needs_the_present_version(application: FastAPI) -> None:
    admin = make_client(application, Role.ADMIN)
    analyst = make_client(application, Role.ANALYST)
    url = f"/api/v1/users/{analyst.get('/api/v1/me').json()['id']}"
    etag = admin.get(url).headers["ETag"]
    change = {"display_name": "Other"}
    assert admin.patch(url, json=change).status_code == 428
    assert admin.patch(url, json=change, headers={"If-Match": etag}).status_code == 200
    assert admin.patch(url, json=change, headers={"If-Match": etag}).status_code == 412


def test_an_administrator_cannot_lock_themselves_out(application: FastAPI) -> None:
    admin = make_client(application, Role.ADMIN)
    url = f"/api/v1/users/{admin.get('/api/v1/me').json()['id']}"
    etag = admin.get(url).headers["ETag"]
    answer = admin.patch(url, json={"roles": ["analyst"]}, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["code"]) == (409, "own_admin_role")


def test_the_same_idempotency_key_makes_one_account(application: FastAPI) -> None:
    admin = make_client(application, Role.ADMIN)
    body = {
        "username": "new.colleague",
        "display_name": "New",
        "roles": ["analyst"],
    }
    headers = {"Idempotency-Key": "0123456789"}
    first = admin.post("/api/v1/users", json=body, headers=headers)
    again = admin.post("/api/v1/users", json=body, headers=headers)
    other = admin.post("/api/v1/users", json={**body, "username": "b2"}, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["ETag"] == again.headers["ETag"]
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")


def test_logins_stand_in_the_trail(application: FastAPI, database: Database) -> None:
    client = TestClient(application)
    _log_in(client, username="nobody")
    with database.snapshot() as session:
        events = session.scalars(select(AuditEntry.event)).all()
    assert events == [Event.LOGIN_FAILED]
    auditor = make_client(application, Role.AUDITOR)
    listed = auditor.get("/api/v1/audit-entries", params={"event": "login_failed"}).json()
    assert len(listed["items"]) == 1
    assert "nobody" not in str(listed)
