"""Colleagues and partners' people change their own password."""

from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.core.errors import InvalidInputError, NotFoundError, TooManyAttemptsError
from app.identity import own_password, partner_sessions
from app.identity.own_password import OwnSession, PasswordChange
from tests.makers.partner_access import PASSWORD, Joined, join, log_in_person, refusal
from tests.makers.partners import make_partner, make_partner_client, new_partner
from tests.makers.second_factors import Colleague, let_proof_age, make_colleague, use_token
from tests.makers.tour import V1, done

NEW = "paarse olifanten dansen"
NOW = clock.now()
STEP = timedelta(seconds=30)
BODY = {"present_password": PASSWORD, "new_password": NEW}


@pytest.fixture
def ilse(application: FastAPI) -> Colleague:
    return make_colleague(application, Role.CASE_MANAGER)


def _events(database: Database) -> list[Event]:
    with database.snapshot() as session:
        return [
            event
            for event in session.scalars(select(AuditEntry.event))
            if event in (Event.PASSWORD_CHANGED, Event.PROOF_FAILED)
        ]


def test_who_knows_the_present_password_changes_it_and_other_sessions_end(
    application: FastAPI, database: Database, ilse: Colleague
) -> None:
    elsewhere = TestClient(application)
    use_token(elsewhere, done(ilse.log_in())["access_token"])
    assert ilse.client.post(f"{V1}/me/password", json=BODY).status_code == 204
    assert ilse.client.get(f"{V1}/me").status_code == 200
    assert elsewhere.get(f"{V1}/me").status_code == 401
    assert ilse.log_in().status_code == 401
    assert ilse.log_in(password=NEW).status_code == 200
    assert _events(database) == [Event.PASSWORD_CHANGED]


def test_a_wrong_present_password_changes_nothing_and_makes_wait(
    database: Database, ilse: Colleague
) -> None:
    body = BODY | {"present_password": "something else"}
    answers = [ilse.client.post(f"{V1}/me/password", json=body) for _ in range(6)]
    assert [a.status_code for a in answers] == [422] * 5 + [429]
    assert answers[0].json()["errors"] == [
        {
            "pointer": "/present_password",
            "message": "is wrong, or the code is",
            "code": "wrong_proof",
        }
    ]
    assert ilse.client.post(f"{V1}/me/password", json=BODY).status_code == 429
    assert ilse.log_in().status_code == 200
    assert _events(database) == [Event.PROOF_FAILED] * 5


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("passwordpassword", "known_password"),
        ("ilse-in-genk-1", "expected_words"),
        ("too short", "string_too_short"),
        (PASSWORD, "same_password"),
        ("x" * 201, "string_too_long"),
    ],
)
def test_the_new_password_keeps_the_rule(ilse: Colleague, new: str, code: str) -> None:
    answer = ilse.client.post(f"{V1}/me/password", json=BODY | {"new_password": new})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "/new_password", code)
    assert new not in answer.text
    assert ilse.log_in().status_code == 200


def test_with_a_second_factor_the_change_needs_it_shown_lately(
    application: FastAPI, database: Database
) -> None:
    ilse = make_colleague(application, Role.CASE_MANAGER, has_totp=True)
    let_proof_age(database, ilse.client, timedelta(minutes=11))
    answer = ilse.client.post(f"{V1}/me/password", json=BODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_needed")
    done(ilse.client.post(f"{V1}/auth/step-up", json={"code": ilse.code()}))
    assert ilse.client.post(f"{V1}/me/password", json=BODY).status_code == 204


@pytest.fixture
def joined(database: Database) -> Joined:
    with database.transaction() as session:
        partner_id: UUID = make_partner(session).id
    return join(database, partner_id, at=NOW)


def _change(database: Database, token: str, code: str, **changes: str) -> None:
    actor = partner_sessions.authenticate(database, token, NOW)
    assert actor is not None
    asked = {"present": PASSWORD, "new": NEW} | changes
    own_password.change_for_person(
        database,
        actor,
        OwnSession(token, b"k"),
        PasswordChange(near=("Genk",), **asked),
        code=code,
        at=NOW + 2 * STEP,
    )


def test_a_person_changes_it_with_a_code_and_other_sessions_end(
    database: Database, joined: Joined
) -> None:
    token = log_in_person(database, joined, NOW + STEP).access_token
    elsewhere = log_in_person(
        database, joined, NOW + STEP, code=joined.recovery_codes[0]
    ).access_token
    _change(database, token, joined.code(NOW + 2 * STEP))
    assert partner_sessions.authenticate(database, token, NOW) is not None
    assert partner_sessions.authenticate(database, elsewhere, NOW) is None
    refusal(lambda: log_in_person(database, joined, NOW + 3 * STEP))
    assert log_in_person(database, joined, NOW + 3 * STEP, password=NEW)
    assert _events(database) == [Event.PASSWORD_CHANGED]


def test_a_person_without_the_password_or_the_code_changes_nothing(
    database: Database, joined: Joined
) -> None:
    token = log_in_person(database, joined, NOW + STEP).access_token
    code = joined.code(NOW + 2 * STEP)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    told = set()
    for given, changes in ((wrong, {}), (code, {"present": "something else"})) * 2:
        with pytest.raises(InvalidInputError) as refused:
            _change(database, token, given, **changes)
        told.add(str(refused.value.errors))
    assert len(told) == 1
    with pytest.raises(InvalidInputError):
        _change(database, token, code, present="something else")
    with pytest.raises(TooManyAttemptsError):
        _change(database, token, code)
    assert log_in_person(database, joined, NOW + 3 * STEP)


def test_a_client_has_no_password(application: FastAPI, database: Database) -> None:
    program = make_partner_client(application, new_partner(application))
    answer = program.post(f"{V1}/partner/me/password", json=BODY | {"code": "123456"})
    assert answer.status_code == 404
    assert answer.json()["code"] == NotFoundError().code
    assert _events(database) == []
