"""Colleagues choose their own password by an invitation; an administrator never knows it."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from typer.testing import CliRunner

from app import cli
from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.identity import staff_invitations, staff_sessions
from app.identity.models import StaffAccount, StaffInvitation
from tests.makers.identity import account_id, make_client
from tests.makers.notifications import messages
from tests.makers.partner_access import PASSWORD, at_once, refusal
from tests.makers.second_factors import make_colleague, use_token
from tests.makers.tour import V1, done

DOOR = f"{V1}/auth/invitation"
ILSE = {"username": "ilse", "display_name": "Ilse Voorbeeld", "roles": ["analyst"]}


@pytest.fixture
def admin(application: FastAPI) -> TestClient:
    return make_client(application, Role.ADMIN)


def _invite(admin: TestClient, **more: str) -> dict[str, Any]:
    return done(admin.post(f"{V1}/users", json=ILSE | more), 201)


def _log_in(client: TestClient, password: str = PASSWORD) -> Any:
    form = {"grant_type": "password", "username": "ilse", "password": password}
    return client.post(f"{V1}/auth/token", data=form)


def _join(client: TestClient, invited: dict[str, Any], password: str = PASSWORD) -> Any:
    return client.post(DOOR, json={"token": invited["invitation_token"], "password": password})


def test_who_is_invited_chooses_a_password_and_logs_in(
    client: TestClient, admin: TestClient, database: Database
) -> None:
    invited = _invite(admin)
    assert invited["invitation_url"].endswith(f"/staff/invitation#{invited['invitation_token']}")
    assert [_log_in(client, given).status_code for given in (PASSWORD, "x")] == [401, 401]
    assert done(_join(client, invited)) == {"username": "ilse"}
    use_token(client, done(_log_in(client))["access_token"])
    assert done(client.get(f"{V1}/me"))["roles"] == ["analyst"]
    again = _join(client, invited, "another password altogether")
    assert (again.status_code, again.json()["code"]) == (401, "wrong_invitation")
    with database.snapshot() as session:
        events = session.scalars(select(AuditEntry.event)).all()
        assert session.scalars(select(StaffInvitation)).all() == []
    assert {Event.ACCOUNT_CREATED, Event.ACCOUNT_INVITED, Event.ACCOUNT_JOINED} <= set(events)


def test_an_administrator_cannot_set_a_password(admin: TestClient) -> None:
    with_password = admin.post(f"{V1}/users", json=ILSE | {"password": PASSWORD})
    assert with_password.status_code == 422
    invited = _invite(admin)
    assert invited["has_password"] is False
    url = f"{V1}/users/{invited['id']}"
    etag = admin.get(url).headers["ETag"]
    changed = admin.patch(url, json={"password": PASSWORD}, headers={"If-Match": etag})
    assert changed.status_code == 422
    assert PASSWORD not in with_password.text + changed.text


@pytest.mark.parametrize(
    "password", ["Ilse Voorbeeld 1985", "passwordpassword", "bureau Genk 2026", "short"]
)
def test_the_chosen_password_keeps_the_rule_and_the_invitation_stays(
    client: TestClient, admin: TestClient, password: str
) -> None:
    invited = _invite(admin)
    refused = _join(client, invited, password)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/password"]
    done(_join(client, invited))


def test_an_invitation_to_a_colleague_runs_out(
    admin: TestClient, application: FastAPI, database: Database
) -> None:
    days = application.state.runtime.settings.invitation_days
    token = _invite(admin)["invitation_token"]
    later = clock.now() + timedelta(days=days, seconds=5)

    def join() -> StaffAccount:
        return staff_invitations.join(
            database, token=token, password=PASSWORD, municipality="Genk", at=later
        )

    assert refusal(join).startswith("wrong_invitation")
    with database.transaction() as session:
        staff_sessions.forget_expired(session, at=later)
        assert session.scalars(select(StaffInvitation)).all() == []


def test_an_invitation_ends_with_the_account_and_does_not_come_back_with_it(
    client: TestClient, admin: TestClient
) -> None:
    invited = _invite(admin)
    url = f"{V1}/users/{invited['id']}"
    for is_active in (False, True):
        headers = {"If-Match": admin.get(url).headers["ETag"]}
        done(admin.patch(url, json={"is_active": is_active}, headers=headers))
    assert _join(client, invited).status_code == 401
    again = done(admin.post(f"{url}/invitation", json={}))
    done(_join(client, again))


def test_of_two_who_use_one_invitation_one_chooses_the_password(
    admin: TestClient, database: Database
) -> None:
    token = _invite(admin)["invitation_token"]

    def join(password: str) -> Callable[[], object]:
        return lambda: staff_invitations.join(
            database, token=token, password=password, municipality="Genk", at=clock.now()
        )

    outcomes = at_once(join("paarse olifanten dansen"), join("groene olifanten slapen"))
    assert outcomes == ["done", "wrong_invitation"]


def test_a_new_invitation_ends_the_password_and_the_sessions_but_not_the_second_factor(
    application: FastAPI, admin: TestClient, client: TestClient
) -> None:
    ilse = make_colleague(application, Role.ANALYST, has_totp=True)
    again = done(admin.post(f"{V1}/users/{ilse.account_id}/invitation", json={}))
    assert ilse.client.get(f"{V1}/me").status_code == 401
    assert ilse.log_in(otp=ilse.code()).status_code == 401
    done(_join(client, again, "paarse olifanten dansen"))
    alone = ilse.log_in(password="paarse olifanten dansen")
    assert alone.json()["code"] == "second_factor_needed"
    done(ilse.log_in(password="paarse olifanten dansen", otp=ilse.code()))


def test_an_earlier_invitation_ends_with_a_later_one_and_with_the_account(
    client: TestClient, admin: TestClient
) -> None:
    first = _invite(admin)
    url = f"{V1}/users/{first['id']}"
    second = done(admin.post(f"{url}/invitation", json={}))
    assert _join(client, first).status_code == 401
    etag = admin.get(url).headers["ETag"]
    done(admin.patch(url, json={"is_active": False}, headers={"If-Match": etag}))
    assert _join(client, second).status_code == 401
    ended = admin.post(f"{url}/invitation", json={})
    assert (ended.status_code, ended.json()["code"]) == (409, "account_ended")


def test_nobody_invites_themselves(admin: TestClient) -> None:
    own = admin.post(f"{V1}/users/{account_id(admin)}/invitation", json={})
    assert (own.status_code, own.json()["code"]) == (409, "own_account")
    assert admin.get(f"{V1}/me").status_code == 200


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("nl", "Uw account bij het bureau"),
        ("fr", "Votre compte au bureau"),
        ("en", "Your account at the bureau"),
    ],
)
def test_the_invitation_is_mailed_where_an_address_is_given(
    admin: TestClient, database: Database, language: str, subject: str
) -> None:
    invited = _invite(admin, email="ilse@bureau.example", language=language)
    (mail,) = messages(database)
    assert (mail.recipient, mail.subject) == ("ilse@bureau.example", subject)
    assert invited["invitation_url"] in (mail.body or "")


def test_the_first_start_makes_an_account_by_chance_that_works_in_two_commands(
    client: TestClient, database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUREAU_DATABASE_URL", database_url)
    monkeypatch.setenv("BUREAU_MASTER_KEYS", _keys(client))
    monkeypatch.setattr(cli, "serve", lambda _host, _port: None)
    shown = CliRunner().invoke(cli.app, ["start"])
    assert shown.exit_code == 0, shown.output
    name = re.search(r"Account (admin-[0-9a-f]{4})\.", shown.output)
    asked = re.search(r"curl (\S+) -H '([^']+)' -d '([^']+)'", shown.output)
    assert name is not None
    assert asked is not None
    assert asked[1] == f"http://127.0.0.1:8000{DOOR}"
    body = json.loads(asked[3]) | {"password": PASSWORD}
    done(client.post(DOOR, json=body))
    form = {"grant_type": "password", "username": name[1], "password": PASSWORD}
    use_token(client, done(client.post(f"{V1}/auth/token", data=form))["access_token"])
    assert done(client.get(f"{V1}/me"))["roles"] == ["admin"]
    again = CliRunner().invoke(cli.app, ["start"])
    assert "Account " not in again.output


def test_who_runs_the_machine_invites_again_by_command(
    client: TestClient, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUREAU_DATABASE_URL", database_url)
    monkeypatch.setenv("BUREAU_MASTER_KEYS", _keys(client))
    run = CliRunner().invoke
    made = run(cli.app, ["user", "create", "ilse", "--role", "admin", "--quiet"])
    again = run(cli.app, ["user", "invite", "ilse", "--quiet"])
    assert _join(client, {"invitation_token": made.stdout.strip()}).status_code == 401
    done(_join(client, {"invitation_token": again.stdout.strip()}))
    unknown = run(cli.app, ["user", "invite", "nobody"])
    assert (unknown.exit_code, "no such account" in unknown.output) == (1, True)


def _keys(client: TestClient) -> str:
    settings: Any = client.app.state.runtime.settings  # type: ignore[attr-defined]
    return str(settings.master_keys.get_secret_value())
