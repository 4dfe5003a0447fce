"""Clients of partners: made, logged in, rotated, expired, ended."""

import base64
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import SYSTEM, Role
from app.core.clock import local_date
from app.core.database import Database
from app.core.errors import (
    ConflictError,
    InvalidInputError,
    TooManyAttemptsError,
)
from app.identity import partner_clients, partner_sessions
from app.identity.partner_clients import NewSecret, SecretProof
from app.identity.partner_models import PartnerClient, PartnerSession
from tests.makers.identity import make_client
from tests.makers.partner_access import (
    HOUR,
    log_in,
    refusal,
)
from tests.makers.partners import make_partner, make_partner_client, make_partner_client_row
from tests.makers.tour import V1, done

NOW = clock.now()
DAY = timedelta(days=1)


@pytest.fixture
def partner_id(database: Database) -> UUID:
    with database.transaction() as session:
        return make_partner(session).id


@pytest.fixture
def made(database: Database, partner_id: UUID) -> NewSecret:
    with database.transaction() as session:
        return make_partner_client_row(session, partner_id, at=NOW)


def _secret(made: NewSecret) -> SecretProof:
    return SecretProof(made.client.client_id, made.secret)


def _refused(database: Database, proof: SecretProof, at: datetime = NOW) -> str:
    return refusal(lambda: log_in(database, proof, at))


# --- by HTTP


def _form(made: dict[str, Any], **changes: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["client_secret"],
        **changes,
    }


def _create(worker: TestClient, partner_id: UUID, **fields: Any) -> dict[str, Any]:
    body = {"title": "Dossierbeheer"} | fields
    return done(worker.post(f"{V1}/partners/{partner_id}/clients", json=body), 201)


def test_a_client_logs_in_by_form_and_by_header_and_says_who_it_is(
    application: FastAPI, client: TestClient, partner_id: UUID
) -> None:
    made = _create(make_client(application, Role.COORDINATOR), partner_id)
    by_form = client.post(f"{V1}/auth/token", data=_form(made))
    pair = base64.b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()
    by_header = client.post(
        f"{V1}/auth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {pair}"},
    )
    for answer in (by_form, by_header):
        issued = done(answer)
        assert (issued["token_type"], issued["expires_in"]) == ("bearer", 3600)
        me = client.get(
            f"{V1}/partner/me", headers={"Authorization": f"Bearer {issued['access_token']}"}
        )
        assert done(me) == {
            "id": made["id"],
            "partner_id": str(partner_id),
            "kind": "client",
            "title": "Dossierbeheer",
        }


def test_the_secret_is_shown_once_and_only_its_hash_is_kept(
    application: FastAPI, database: Database, partner_id: UUID
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    url = f"{V1}/partners/{partner_id}/clients"
    headers = {"Idempotency-Key": "0123456789"}
    first = done(worker.post(url, json={"title": "x"}, headers=headers), 201)
    again = done(worker.post(url, json={"title": "x"}, headers=headers), 201)
    assert again == first
    listed = worker.get(url)
    assert len(listed.json()["items"]) == 1
    assert first["client_secret"] not in listed.text
    with database.snapshot() as session:
        row = session.scalars(select(PartnerClient)).one()
    assert first["client_secret"] not in str(vars(row))
    rotation = f"{V1}/partner-clients/{first['id']}/rotation"
    rotated = [
        done(worker.post(rotation, json={"overlap_hours": 1}, headers=headers)) for _ in "ab"
    ]
    assert rotated[0] == rotated[1]
    assert rotated[0]["client_secret"] != first["client_secret"]


def test_the_list_tells_state_and_last_use(
    application: FastAPI, client: TestClient, partner_id: UUID
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    used, ended = (_create(worker, partner_id, title=t) for t in ("used", "ended"))
    done(client.post(f"{V1}/auth/token", data=_form(used)))
    done(worker.post(f"{V1}/partner-clients/{ended['id']}/end"))
    rows = {
        row["title"]: row
        for row in worker.get(f"{V1}/partners/{partner_id}/clients").json()["items"]
    }
    assert (rows["used"]["state"], rows["ended"]["state"]) == ("active", "ended")
    assert rows["used"]["last_used_at"] is not None
    assert rows["ended"]["last_used_at"] is None


def test_a_wrong_secret_and_an_unknown_client_look_the_same(
    application: FastAPI, client: TestClient, partner_id: UUID
) -> None:
    made = _create(make_client(application, Role.COORDINATOR), partner_id)
    answers = [
        client.post(f"{V1}/auth/token", data=_form(made, **change))
        for change in ({"client_secret": "wrong"}, {"client_id": "nobody"}, {"client_id": "é\t"})
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert answer.json() == answers[0].json()
        assert answer.json()["code"] == "invalid_client"
        assert answer.headers["WWW-Authenticate"] == "Basic"


@pytest.mark.parametrize(
    ("form", "status", "where"),
    [
        ({"client_id": "x"}, 422, "/client_secret"),
        ({"client_secret": "x"}, 422, "/client_id"),
        ({"client_id": "x", "client_secret": "y", "client_assertion": "z"}, 422, "/client_secret"),
        ({"client_assertion": "z"}, 422, "/client_assertion_type"),
        ({"client_id": "x\0", "client_secret": "y"}, 422, "/client_id"),
    ],
)
def test_a_form_that_does_not_fit_is_told_which_field(
    client: TestClient, form: dict[str, str], status: int, where: str
) -> None:
    answer = client.post(f"{V1}/auth/token", data={"grant_type": "client_credentials", **form})
    assert answer.status_code == status
    assert [e["pointer"] for e in answer.json()["errors"]] == [where]


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic /////w==", "Basic bm9jb2xvbg=="])
def test_a_header_that_cannot_be_read_opens_nothing(client: TestClient, header: str) -> None:
    answer = client.post(
        f"{V1}/auth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": header},
    )
    assert answer.status_code in (401, 422)


def test_who_may_not_manage_access_sees_none_of_it(application: FastAPI, partner_id: UUID) -> None:
    worker = make_client(application, Role.CASE_MANAGER)
    assert worker.get(f"{V1}/partners/{partner_id}/clients").status_code == 403
    assert worker.post(f"{V1}/partners/{partner_id}/clients", json={}).status_code == 403


def test_a_revoked_token_and_an_ended_client_are_closed_at_once(
    application: FastAPI, client: TestClient, partner_id: UUID
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    made = _create(worker, partner_id)
    tokens = [done(client.post(f"{V1}/auth/token", data=_form(made))) for _ in "ab"]
    one, other = ({"Authorization": f"Bearer {token['access_token']}"} for token in tokens)
    assert client.post(f"{V1}/partner/auth/revoke", headers=one).status_code == 204
    assert client.get(f"{V1}/partner/me", headers=one).status_code == 401
    assert client.get(f"{V1}/partner/me", headers=other).status_code == 200
    done(worker.post(f"{V1}/partner-clients/{made['id']}/end"))
    assert client.get(f"{V1}/partner/me", headers=other).status_code == 401
    assert client.post(f"{V1}/auth/token", data=_form(made)).status_code == 401
    again = worker.post(f"{V1}/partner-clients/{made['id']}/end")
    assert (again.status_code, again.json()["code"]) == (409, "client_ended")


def test_an_inactive_partner_gets_in_nowhere_until_it_is_active_again(
    application: FastAPI, client: TestClient, partner_id: UUID
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    made = _create(worker, partner_id)
    partner = make_partner_client(application, partner_id)
    for active_to, status in (("2020-12-31", 401), (None, 200)):
        etag = worker.get(f"{V1}/partners/{partner_id}").headers["ETag"]
        done(
            worker.patch(
                f"{V1}/partners/{partner_id}",
                json={"active_from": "2020-01-01", "active_to": active_to},
                headers={"If-Match": etag},
            )
        )
        assert partner.get(f"{V1}/partner/me").status_code == status
        assert client.post(f"{V1}/auth/token", data=_form(made)).status_code == status


# --- at chosen moments


def test_a_client_works_through_its_last_day_and_its_tokens_end_with_it(
    database: Database, partner_id: UUID
) -> None:
    with database.transaction() as session:
        made = make_partner_client_row(
            session, partner_id, at=NOW, expires_on=local_date(NOW) + DAY
        )
    assert made.client.last_used_at is None
    token = log_in(database, _secret(made), NOW + DAY).access_token
    assert partner_sessions.authenticate(database, token, NOW + DAY) is not None
    unknown = _refused(database, SecretProof("nobody", "x"), NOW + 2 * DAY)
    assert _refused(database, _secret(made), NOW + 2 * DAY) == unknown
    with database.transaction() as session, pytest.raises(ConflictError) as refused:
        partner_clients.rotate_secret(
            session, SYSTEM, made.client.id, overlap_hours=1, at=NOW + 2 * DAY
        )
    assert refused.value.code == "client_expired"


def test_a_token_lives_an_hour(database: Database, made: NewSecret) -> None:
    token = log_in(database, _secret(made), NOW).access_token
    actor = partner_sessions.authenticate(database, token, NOW + HOUR - timedelta(seconds=1))
    assert actor is not None
    assert (actor.id, actor.partner_id) == (made.client.id, made.client.partner_id)
    assert partner_sessions.authenticate(database, token, NOW + HOUR) is None


@pytest.mark.parametrize("days", [-1, 3 * 366 + 1])
def test_an_expiry_past_or_too_far_is_refused(
    database: Database, partner_id: UUID, days: int
) -> None:
    expires_on = local_date(NOW) + timedelta(days=days)
    with database.transaction() as session, pytest.raises(InvalidInputError, match="expires_on"):
        make_partner_client_row(session, partner_id, at=NOW, expires_on=expires_on)


def test_rotation_keeps_the_old_secret_for_the_overlap_and_no_longer(
    database: Database, made: NewSecret
) -> None:
    with database.transaction() as session:
        new = partner_clients.rotate_secret(
            session, SYSTEM, made.client.id, overlap_hours=2, at=NOW
        )
    just_before = NOW + 2 * HOUR - timedelta(seconds=1)
    assert log_in(database, _secret(made), just_before)
    assert log_in(database, _secret(new), just_before)
    _refused(database, _secret(made), NOW + 2 * HOUR)
    assert log_in(database, _secret(new), NOW + 2 * HOUR, address="another")


def test_a_second_rotation_drops_the_oldest_secret(database: Database, made: NewSecret) -> None:
    with database.transaction() as session:
        second = partner_clients.rotate_secret(
            session, SYSTEM, made.client.id, overlap_hours=24, at=NOW
        )
        third = partner_clients.rotate_secret(
            session, SYSTEM, made.client.id, overlap_hours=24, at=NOW
        )
    _refused(database, _secret(made))
    assert log_in(database, _secret(second), NOW)
    assert log_in(database, _secret(third), NOW)


def test_rotation_without_overlap_closes_what_the_old_secret_opened(
    database: Database, made: NewSecret
) -> None:
    token = log_in(database, _secret(made), NOW).access_token
    with database.transaction() as session:
        partner_clients.rotate_secret(session, SYSTEM, made.client.id, overlap_hours=0, at=NOW)
    assert partner_sessions.authenticate(database, token, NOW) is None
    _refused(database, _secret(made))


def test_failures_make_a_client_wait(database: Database, made: NewSecret) -> None:
    for _ in range(5):
        _refused(database, SecretProof(made.client.client_id, "wrong"))
    with pytest.raises(TooManyAttemptsError):
        log_in(database, _secret(made), NOW)
    assert log_in(database, _secret(made), NOW, address="another")
    assert log_in(database, _secret(made), NOW + timedelta(minutes=1))


def test_logins_of_clients_stand_in_the_trail(database: Database, made: NewSecret) -> None:
    log_in(database, _secret(made), NOW)
    _refused(database, SecretProof(made.client.client_id, "wrong"))
    _refused(database, SecretProof("nobody", "wrong"))
    with database.snapshot() as session:
        entries = session.scalars(
            select(AuditEntry).where(
                AuditEntry.event.in_(["partner_logged_in", "partner_login_failed"])
            )
        ).all()
    seen = sorted((e.event, str(e.object_id)) for e in entries)
    assert seen == sorted(
        [
            (Event.PARTNER_LOGGED_IN, str(made.client.id)),
            (Event.PARTNER_LOGIN_FAILED, str(made.client.id)),
            (Event.PARTNER_LOGIN_FAILED, "None"),
        ]
    )


def test_expired_sessions_go(database: Database, made: NewSecret) -> None:
    log_in(database, _secret(made), NOW)
    for later, left in ((HOUR, 1), (HOUR + timedelta(seconds=1), 0)):
        with database.transaction() as session:
            partner_sessions.forget_expired(session, at=NOW + later)
            assert len(session.scalars(select(PartnerSession)).all()) == left
