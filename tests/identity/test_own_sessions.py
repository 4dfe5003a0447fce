"""Who logs in sees the own open sessions, and ends them."""

from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.identity.credentials import token_hash
from app.identity.models import StaffSession
from app.identity.partner_sessions import open_session
from tests.makers.partners import make_partner_client, make_partner_client_row, new_partner
from tests.makers.second_factors import Colleague, let_proof_age, make_colleague, use_token
from tests.makers.tour import V1, done

SESSIONS = f"{V1}/me/sessions"


def _elsewhere(application: FastAPI, ilse: Colleague) -> TestClient:
    client = TestClient(application)
    use_token(client, done(ilse.log_in())["access_token"])
    return client


def _listed(client: TestClient) -> list[dict[str, Any]]:
    return list(done(client.get(SESSIONS))["items"])


def test_i_see_my_open_sessions_and_nobody_elses(application: FastAPI, database: Database) -> None:
    ilse = make_colleague(application, Role.CASE_MANAGER)
    make_colleague(application, Role.CASE_MANAGER, username="mehmet")
    _elsewhere(application, ilse)
    for change in ("revoked_at", "expires_at", "last_used_at"):
        token = _elsewhere(application, ilse).headers["Authorization"].removeprefix("Bearer ")
        gone_at = clock.now() - timedelta(minutes=61)
        with database.transaction() as session:
            session.execute(
                update(StaffSession)
                .where(StaffSession.token_hash == token_hash(token))
                .values({change: gone_at})
            )
    listed = _listed(ilse.client)
    assert sorted(row["is_present"] for row in listed) == [False, True]
    assert listed[0].keys() == {
        "id", "created_at", "last_used_at", "expires_at", "proved_by", "proved_at", "is_present",
    }  # fmt: skip
    assert {row["proved_by"] for row in listed} == {"password"}


def test_i_end_one_session_or_all_others(application: FastAPI, database: Database) -> None:
    ilse = make_colleague(application, Role.CASE_MANAGER)
    others = [_elsewhere(application, ilse) for _ in range(3)]
    first = next(row for row in _listed(ilse.client) if not row["is_present"])
    assert ilse.client.delete(f"{SESSIONS}/{first['id']}").status_code == 204
    assert sorted(o.get(f"{V1}/me").status_code for o in others) == [200, 200, 401]
    assert ilse.client.delete(f"{SESSIONS}/{first['id']}").status_code == 404
    assert ilse.client.delete(SESSIONS).status_code == 204
    assert [o.get(f"{V1}/me").status_code for o in others] == [401, 401, 401]
    assert len(_listed(ilse.client)) == 1
    with database.snapshot() as session:
        ended = select(AuditEntry).where(AuditEntry.event == Event.SESSIONS_ENDED)
        assert len(session.scalars(ended).all()) == 2


def test_nobody_ends_the_session_of_another(application: FastAPI) -> None:
    ilse = make_colleague(application, Role.CASE_MANAGER)
    mehmet = make_colleague(application, Role.ADMIN, username="mehmet")
    (hers,) = _listed(ilse.client)
    assert mehmet.client.delete(f"{SESSIONS}/{hers['id']}").status_code == 404
    assert mehmet.client.delete(SESSIONS).status_code == 204
    assert len(_listed(ilse.client)) == 1


def test_ending_needs_a_recent_proof(application: FastAPI, database: Database) -> None:
    ilse = make_colleague(application, Role.CASE_MANAGER)
    let_proof_age(database, ilse.client, timedelta(minutes=11))
    (hers,) = _listed(ilse.client)
    for path in (SESSIONS, f"{SESSIONS}/{hers['id']}"):
        answer = ilse.client.delete(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_needed")


def test_a_partner_sees_its_own_sessions_and_ends_the_others(application: FastAPI) -> None:
    partner_id = new_partner(application)
    stranger = make_partner_client(application, partner_id)
    with application.state.runtime.database.transaction() as session:
        row = make_partner_client_row(session, partner_id).client
        here, there = (
            open_session(
                session, row, lifetime=timedelta(hours=1), at=clock.now(), proof="secret"
            ).access_token
            for _ in range(2)
        )
    program, elsewhere = TestClient(application), TestClient(application)
    use_token(program, here)
    use_token(elsewhere, there)
    listed = done(program.get(f"{V1}/partner/me/sessions"))["items"]
    assert sorted(row["is_present"] for row in listed) == [False, True]
    assert program.delete(f"{V1}/partner/me/sessions").status_code == 204
    clients = (program, elsewhere, stranger)
    assert [c.get(f"{V1}/partner/me").status_code for c in clients] == [200, 401, 200]
