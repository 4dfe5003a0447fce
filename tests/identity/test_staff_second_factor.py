"""Colleagues log in with a second factor, and lose it."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.core.errors import NotAuthenticatedError
from app.identity import staff_login
from app.identity.staff_login import Door
from app.main import create_app
from app.settings import Settings
from tests.makers.identity import make_client
from tests.makers.partner_access import PASSWORD, at_once, code_at
from tests.makers.passkeys import Device
from tests.makers.second_factors import (
    OWN,
    Colleague,
    add_passkey,
    let_proof_age,
    make_colleague,
    use_token,
)
from tests.makers.tour import V1, done

DOOR = Door(address="a", throttle_key=b"k", lifetime=timedelta(hours=1))


@pytest.fixture
def ilse(application: FastAPI) -> Colleague:
    return make_colleague(application, Role.CASE_MANAGER, has_totp=True)


def test_the_password_alone_does_not_open_and_a_code_opens_once(ilse: Colleague) -> None:
    missing = ilse.log_in()
    assert (missing.status_code, missing.json()["code"]) == (401, "second_factor_needed")
    used_to_confirm = ilse.log_in(otp=ilse.code(clock.now() - timedelta(seconds=30)))
    assert used_to_confirm.json()["code"] == "wrong_login"
    code = ilse.code()
    assert done(ilse.log_in(otp=code))["access_token"]
    assert ilse.log_in(otp=code).json()["code"] == "wrong_login"


def test_only_with_the_right_password_is_it_told_that_a_code_is_missing(ilse: Colleague) -> None:
    form = ilse.form() | {"password": "something else"}
    answer = ilse.client.post(f"{V1}/auth/token", data=form)
    assert answer.json()["code"] == "wrong_login"


def test_a_recovery_code_opens_once(ilse: Colleague) -> None:
    assert len(ilse.recovery_codes) == 10
    code = ilse.recovery_codes[4]
    assert done(ilse.log_in(otp=code.upper()))["access_token"]
    assert ilse.log_in(otp=code).json()["code"] == "wrong_login"
    assert done(ilse.client.get(OWN))["recovery_codes_left"] == 9
    renewed = done(ilse.client.post(f"{OWN}/recovery-codes"))["recovery_codes"]
    assert ilse.log_in(otp=ilse.recovery_codes[0]).json()["code"] == "wrong_login"
    assert ilse.log_in(otp=renewed[0]).status_code == 200


def test_of_two_with_one_code_at_once_one_gets_in(database: Database, ilse: Colleague) -> None:
    code, at = ilse.code(), clock.now()

    def log_in() -> object:
        return staff_login.log_in(
            database, username="ilse", password=PASSWORD, code=code, door=DOOR, at=at
        )

    assert at_once(log_in, log_in) == ["done", "wrong_login"]


def test_guessing_codes_makes_wait_from_whatever_address(
    database: Database, ilse: Colleague
) -> None:
    at = clock.now()

    def log_in(code: str, address: str) -> None:
        door = Door(address=address, throttle_key=b"k", lifetime=timedelta(hours=1))
        staff_login.log_in(
            database, username="ilse", password=PASSWORD, code=code, door=door, at=at
        )

    for address in "bcdefg":
        with pytest.raises(NotAuthenticatedError):
            log_in("aaaa", address)
    with pytest.raises(NotAuthenticatedError):  # in silence: the password stays untold
        log_in(ilse.code(), "z")


def test_secrets_lie_sealed_or_hashed(database: Database, ilse: Colleague) -> None:
    with database.snapshot() as session:
        kept = [
            str(row)
            for table in ("staff_totp", "staff_recovery_codes")
            for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
        ]
    assert len(kept) == 11
    assert not any(
        secret in row for row in kept for secret in (ilse.totp_secret, *ilse.recovery_codes)
    )


def test_a_second_app_only_after_the_first_is_removed(ilse: Colleague) -> None:
    assert ilse.client.post(f"{OWN}/totp").json()["code"] == "totp_known"
    body = {"code": "123456"}
    again = ilse.client.post(f"{OWN}/totp/confirmation", json=body)
    assert again.json()["code"] == "nothing_to_confirm"
    assert ilse.client.delete(f"{OWN}/totp").status_code == 204
    own = done(ilse.client.get(OWN))
    assert own == {"totp_since": None, "passkeys": [], "recovery_codes_left": 0}
    assert ilse.log_in().status_code == 200


def test_an_app_that_was_not_confirmed_does_not_count(application: FastAPI) -> None:
    colleague = make_colleague(application, Role.ANALYST)
    first = done(colleague.client.post(f"{OWN}/totp"))["totp_secret"]
    second = done(colleague.client.post(f"{OWN}/totp"))["totp_secret"]
    assert first != second
    confirmation = f"{OWN}/totp/confirmation"
    wrong = {"code": code_at(first, clock.now())}
    assert colleague.client.post(confirmation, json=wrong).status_code == 422
    assert colleague.log_in().status_code == 200


def test_an_administrator_takes_a_lost_factor_away(
    application: FastAPI, database: Database, ilse: Colleague
) -> None:
    admin = make_client(application, Role.ADMIN)
    reset = f"{V1}/users/{ilse.account_id}/second-factor-reset"
    assert make_client(application, Role.COORDINATOR).post(reset).status_code == 403
    assert done(add_passkey(ilse.client, Device()), 201)["recovery_codes"] is None
    assert admin.post(reset).status_code == 204
    assert ilse.client.get(f"{V1}/me").status_code == 401
    assert ilse.log_in().status_code == 200
    with database.snapshot() as session:
        changes = session.scalars(
            select(AuditEntry.details).where(AuditEntry.event == Event.SECOND_FACTOR_CHANGED)
        ).all()
    assert sorted(c["change"] for c in changes if c) == ["passkey_added", "reset", "totp_added"]


def test_where_a_second_factor_is_demanded_nothing_else_works_without_one(
    application: FastAPI, settings: Settings
) -> None:
    strict = create_app(settings.model_copy(update={"require_second_factor": True}))
    try:
        colleague = make_colleague(strict, Role.CASE_MANAGER)
        refused = colleague.client.get(f"{V1}/cases")
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
        assert done(colleague.client.get(f"{V1}/me"))["permissions"] == ["session:use"]
        secret = done(colleague.client.post(f"{OWN}/totp"))["totp_secret"]
        body = {"code": code_at(secret, clock.now())}
        done(colleague.client.post(f"{OWN}/totp/confirmation", json=body))
        done(colleague.client.get(f"{V1}/cases"))
        last = colleague.client.delete(f"{OWN}/totp")
        assert (last.status_code, last.json()["code"]) == (409, "last_second_factor")
    finally:
        strict.state.runtime.database.close()


def test_what_is_delicate_needs_a_recent_proof(application: FastAPI, database: Database) -> None:
    admin = make_colleague(application, Role.ADMIN, username="boss")
    url = f"{V1}/users/{admin.account_id}"
    etag = {"If-Match": admin.client.get(url).headers["ETag"]}
    let_proof_age(database, admin.client, timedelta(minutes=11))
    refused = admin.client.patch(url, json={"display_name": "B"}, headers=etag)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed")
    wrong = admin.client.post(f"{V1}/auth/step-up", json={"password": "something else"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "wrong_proof")
    done(admin.client.post(f"{V1}/auth/step-up", json={"password": PASSWORD}))
    done(admin.client.patch(url, json={"display_name": "B"}, headers=etag))


def test_who_has_a_second_factor_must_show_that(
    application: FastAPI, database: Database, ilse: Colleague
) -> None:
    step_up = f"{V1}/auth/step-up"
    let_proof_age(database, ilse.client, timedelta(minutes=11))
    assert ilse.client.post(f"{OWN}/recovery-codes").json()["code"] == "step_up_needed"
    only_password = ilse.client.post(step_up, json={"password": PASSWORD})
    assert only_password.json()["errors"][0]["code"] == "second_factor_needed"
    code = ilse.code()
    done(ilse.client.post(step_up, json={"code": code}))
    assert ilse.client.post(f"{OWN}/recovery-codes").status_code == 200
    assert ilse.client.post(step_up, json={"code": code}).status_code == 422
    assert ilse.client.post(step_up, json={}).json()["errors"][0]["code"] == "one_proof"


def test_a_session_of_before_the_second_factor_is_no_proof_any_more(
    application: FastAPI, ilse: Colleague
) -> None:
    """Somebody left a session open elsewhere, with the password alone."""
    assert ilse.client.delete(f"{OWN}/totp").status_code == 204
    elsewhere = TestClient(application)
    use_token(elsewhere, done(ilse.log_in())["access_token"])
    done(add_passkey(ilse.client, Device()), 201)
    assert elsewhere.post(f"{OWN}/totp").json()["code"] == "step_up_needed"


def test_wrong_proofs_make_wait(ilse: Colleague) -> None:
    answers = [
        ilse.client.post(f"{V1}/auth/step-up", json={"code": "abcd"}).status_code for _ in range(6)
    ]
    assert answers == [422] * 5 + [429]
