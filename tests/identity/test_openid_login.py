"""Whose account it is, with which roles, and what the provider's second factor is worth."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import ActorKind, Role
from app.core.database import Database
from app.identity import staff_sessions
from app.identity.credentials import hash_password
from app.identity.models import StaffAccount, StaffSession
from app.identity.openid_models import OpenIdStep, StaffIdentity
from app.main import create_app
from app.settings import Settings
from tests.makers.identity import account_id, make_account, make_client
from tests.makers.openid import Lying, begin
from tests.makers.partner_access import PASSWORD, code_at
from tests.makers.second_factors import OWN, make_colleague, use_token
from tests.makers.tour import V1, done

LogIn = Callable[..., Any]


@pytest.fixture
def provider() -> Lying:
    return Lying()


@pytest.fixture
def more() -> dict[str, Any]:
    """Settings that differ; set by `parametrize`."""
    return {}


@pytest.fixture
def application(settings: Settings, provider: Lying, more: dict[str, Any]) -> Iterator[FastAPI]:
    application = provider.application(settings, **more)
    yield application
    application.state.runtime.database.close()


@pytest.fixture
def log_in(application: FastAPI, provider: Lying) -> LogIn:
    """The answer, and a client in the new session."""

    def run(**claims: Any) -> tuple[Any, TestClient]:
        provider.claims = claims
        client = TestClient(application)
        answer = client.post(f"{V1}/auth/openid", json=provider.browse(begin(client)))
        if answer.status_code == 200:
            use_token(client, answer.json()["access_token"])
        return answer, client

    return run


def _step_up(client: TestClient, provider: Lying, **claims: Any) -> Any:
    provider.claims = claims
    came = provider.browse(begin(client, "auth/step-up/openid"))
    return client.post(f"{V1}/auth/step-up/openid", json=came)


def _link(client: TestClient, provider: Lying, **claims: Any) -> Any:
    provider.claims = claims
    return client.post(f"{V1}/me/openid", json=provider.browse(begin(client, "me/openid")))


def test_who_has_no_group_of_the_bureau_gets_no_account(log_in: LogIn, database: Database) -> None:
    for roles in (["choir"], [], None, "Handlers", {"handlers": True}):
        answer, _ = log_in(roles=roles)
        assert (answer.status_code, answer.json()["code"]) == (403, "no_role")
    with database.snapshot() as session:
        assert session.scalars(select(StaffAccount)).all() == []
        events = set(session.scalars(select(AuditEntry.event)))
    assert events == {Event.LOGIN_FAILED}


@pytest.mark.parametrize(
    ("more", "claims", "roles"),
    [
        ({}, {"roles": "handlers"}, ["case_manager"]),
        ({}, {"roles": ["handlers", "ict"]}, ["admin", "case_manager"]),
        ({"openid_roles_claim": "groups"}, {"groups": ["ict"]}, ["admin"]),
        ({"openid_roles_claim": "realm.roles"}, {"realm": {"roles": ["ict"]}}, ["admin"]),
        ({"openid_roles_claim": "https://a.b/roles"}, {"https://a.b/roles": ["ict"]}, ["admin"]),
    ],
)
def test_roles_are_read_where_the_settings_say(
    log_in: LogIn, claims: dict[str, Any], roles: list[str]
) -> None:
    _, client = log_in(**claims)
    assert done(client.get(f"{V1}/me"))["roles"] == roles


def test_roles_are_renewed_at_each_log_in_and_older_sessions_end(
    log_in: LogIn, database: Database
) -> None:
    _, before = log_in(roles=["ict"])
    account = done(before.get(f"{V1}/me"))["id"]
    _, same = log_in(roles=["ict"])
    assert before.get(f"{V1}/me").status_code == 200
    _, after = log_in(roles=["handlers"])
    assert done(after.get(f"{V1}/me"))["roles"] == ["case_manager"]
    assert done(after.get(f"{V1}/me"))["id"] == account
    assert [c.get(f"{V1}/me").status_code for c in (before, same)] == [401, 401]
    with database.snapshot() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.event == Event.ACCOUNT_CHANGED)
        ).one()
    assert (entry.actor_kind, entry.details) == (
        ActorKind.SYSTEM,
        {"roles": "case_manager", "by": "openid"},
    )


def test_who_lost_every_role_is_out_at_once(log_in: LogIn) -> None:
    _, before = log_in(roles=["handlers"])
    answer, _ = log_in(roles=["choir"])
    assert (answer.status_code, answer.json()["code"]) == (403, "no_role")
    assert before.get(f"{V1}/me").status_code == 401
    admin = log_in(sub="somebody else", roles=["ict"])[1]
    people = done(admin.get(f"{V1}/users"))["items"]
    assert sorted(person["roles"] for person in people) == [[], ["admin"]]
    _, again = log_in(roles=["handlers"])
    assert done(again.get(f"{V1}/me"))["roles"] == ["case_manager"]


def test_an_ended_account_stays_ended(application: FastAPI, log_in: LogIn) -> None:
    _, client = log_in()
    url = f"{V1}/users/{done(client.get(f'{V1}/me'))['id']}"
    admin = make_client(application, Role.ADMIN)
    etag = {"If-Match": admin.get(url).headers["ETag"]}
    done(admin.patch(url, json={"is_active": False}, headers=etag))
    answer, _ = log_in()
    assert (answer.status_code, answer.json()["code"]) == (403, "account_ended")
    assert done(admin.get(url))["is_active"] is False


def test_nobody_is_found_by_a_name_or_an_address(application: FastAPI, log_in: LogIn) -> None:
    ilse = make_colleague(application, Role.ADMIN, username="ilse")
    _, client = log_in(preferred_username="ilse", email="ilse@bureau.example", name="Ilse")
    me = done(client.get(f"{V1}/me"))
    assert me["id"] != ilse.account_id
    assert me["username"].startswith("openid-")
    _, other = log_in(sub="another", preferred_username="ilse")
    assert done(other.get(f"{V1}/me"))["id"] not in (me["id"], ilse.account_id)


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ({"name": "Fatma \u202eD.\n"}, "Fatma D."),
        ({"name": "\u200b", "preferred_username": "fatma"}, "fatma"),
        ({"name": None}, "?"),
        ({"name": ["Fatma"]}, "?"),
        ({"name": "x" * 300}, "x" * 100),
    ],
    ids=str,
)
def test_a_name_of_the_provider_is_made_fit_to_show(
    log_in: LogIn, claims: dict[str, Any], shown: str
) -> None:
    _, client = log_in(**claims)
    assert done(client.get(f"{V1}/me"))["display_name"] == shown


def test_an_account_of_the_provider_has_no_password(application: FastAPI, log_in: LogIn) -> None:
    _, client = log_in(preferred_username="fatma")
    for password in ("x", PASSWORD):
        form = {"grant_type": "password", "username": "fatma", "password": password}
        answer = TestClient(application).post(f"{V1}/auth/token", data=form)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_login")
    wrong = client.post(f"{V1}/auth/step-up", json={"password": PASSWORD})
    assert wrong.json()["errors"][0]["code"] == "wrong_proof"


def test_of_two_first_log_ins_at_once_one_makes_the_account(
    application: FastAPI, provider: Lying, database: Database
) -> None:
    def run(_number: int) -> int:
        client = TestClient(application)
        answer = client.post(f"{V1}/auth/openid", json=provider.browse(begin(client)))
        return int(answer.status_code)

    done(TestClient(application).post(f"{V1}/auth/openid/authorization"))
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(4))) == [200] * 4
    with database.snapshot() as session:
        assert len(session.scalars(select(StaffAccount)).all()) == 1


SECOND_FACTORS = [
    ({"acr": "urn:strong"}, True),
    ({"amr": ["pwd", "mfa"]}, True),
    ({"acr": "urn:weak", "amr": ["pwd"]}, False),
    ({"acr": ["urn:strong"], "amr": ["MFA", 1]}, False),
    ({}, False),
]


@pytest.mark.parametrize("more", [{"require_second_factor": True}])
@pytest.mark.parametrize(("claims", "counts"), SECOND_FACTORS, ids=str)
def test_a_second_factor_at_the_provider_counts_by_the_settings(
    log_in: LogIn, claims: dict[str, Any], *, counts: bool
) -> None:
    _, client = log_in(**claims)
    read = client.get(f"{V1}/cases")
    assert read.status_code == (200 if counts else 403)
    if not counts:
        assert read.json()["code"] == "second_factor_required"
        assert client.get(f"{V1}/me").status_code == 200


@pytest.mark.parametrize("more", [{"require_second_factor": True}])
def test_where_one_is_demanded_showing_the_password_again_is_not_enough(
    log_in: LogIn, provider: Lying
) -> None:
    _, client = log_in(amr=["mfa"])
    answer = _step_up(client, provider)
    assert answer.json()["errors"][0]["code"] == "second_factor_needed"
    assert client.get(f"{V1}/cases").status_code == 200
    assert _step_up(client, provider, amr=["mfa"]).status_code == 200


@pytest.mark.parametrize("more", [{"require_second_factor": True}])
def test_where_one_is_demanded_who_has_none_can_set_one_up_here(
    log_in: LogIn, provider: Lying
) -> None:
    _, client = log_in(auth_time=int((clock.now() - timedelta(hours=1)).timestamp()))
    assert client.post(f"{OWN}/totp").json()["code"] == "step_up_needed"
    assert _step_up(client, provider).status_code == 200
    secret = done(client.post(f"{OWN}/totp"))["totp_secret"]
    assert client.get(f"{V1}/cases").json()["code"] == "second_factor_required"
    done(client.post(f"{OWN}/totp/confirmation", json={"code": code_at(secret, clock.now())}))
    assert client.get(f"{V1}/cases").status_code == 200


def test_a_second_factor_set_up_here_is_asked_of_who_showed_none_at_the_provider(
    application: FastAPI, log_in: LogIn, provider: Lying
) -> None:
    ilse = make_colleague(application, Role.CASE_MANAGER, has_totp=True)
    assert _link(ilse.client, provider).status_code == 204
    _, weak = log_in()
    assert weak.get(f"{V1}/cases").json()["code"] == "second_factor_required"
    answer = _step_up(weak, provider)
    assert answer.json()["errors"][0]["code"] == "second_factor_needed"
    done(weak.post(f"{V1}/auth/step-up", json={"code": ilse.code()}))
    assert weak.get(f"{V1}/cases").status_code == 200
    _, strong = log_in(amr=["mfa"])
    assert strong.get(f"{V1}/cases").status_code == 200


@pytest.mark.parametrize("ago", [timedelta(minutes=20), None])
def test_a_log_in_at_the_provider_is_as_recent_as_the_provider_says(
    log_in: LogIn, provider: Lying, ago: timedelta | None
) -> None:
    shown = None if ago is None else int((clock.now() - ago).timestamp())
    _, client = log_in(auth_time=shown)
    assert client.post(f"{OWN}/totp").json()["code"] == "step_up_needed"
    assert client.get(f"{V1}/cases").status_code == 200
    for told in (None, int((clock.now() - timedelta(minutes=2)).timestamp())):
        answer = _step_up(client, provider, auth_time=told)
        assert answer.json()["errors"][0]["code"] == "wrong_proof"
    assert _step_up(client, provider).status_code == 200
    assert client.post(f"{OWN}/totp").status_code == 200


def test_showing_it_again_stands_in_the_trail(
    log_in: LogIn, provider: Lying, database: Database
) -> None:
    _, client = log_in()
    _step_up(client, provider, nonce="of another")
    _step_up(client, provider)
    with database.snapshot() as session:
        events = session.scalars(select(AuditEntry.event)).all()
    assert {Event.PROOF_FAILED, Event.PROVED_AGAIN} <= set(events)


def test_a_colleague_links_the_account_they_have(
    application: FastAPI, log_in: LogIn, provider: Lying, database: Database
) -> None:
    ilse = make_colleague(application, Role.ADMIN)
    assert _link(ilse.client, provider).status_code == 204
    _, client = log_in(roles=["handlers"])
    me = done(client.get(f"{V1}/me"))
    assert (me["id"], me["roles"]) == (ilse.account_id, ["case_manager"])
    with database.snapshot() as session:
        events = session.scalars(select(AuditEntry.event)).all()
    assert events.count(Event.IDENTITY_LINKED) == 1


def test_an_identity_is_of_one_account_and_an_account_has_one(
    application: FastAPI, provider: Lying
) -> None:
    ilse = make_colleague(application, Role.ADMIN)
    other = make_colleague(application, Role.ADMIN, username="other")
    assert _link(ilse.client, provider).status_code == 204
    for client, claims, code in (
        (other.client, {}, "identity_taken"),
        (ilse.client, {"sub": "another"}, "identity_known"),
    ):
        answer = _link(client, provider, **claims)
        assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_linking_needs_a_recent_proof_and_a_right_answer(
    application: FastAPI, provider: Lying, database: Database
) -> None:
    client = make_client(application, Role.ADMIN)
    answer = _link(client, provider, nonce="of another")
    assert answer.json()["errors"][0]["code"] == "wrong_proof"
    came = provider.browse(begin(client, "me/openid"))
    with database.transaction() as session:
        session.execute(
            update(StaffSession)
            .where(StaffSession.account_id == account_id(client))
            .values(proved_at=clock.now() - timedelta(hours=1))
        )
    for path, body in (("me/openid", came), ("me/openid/authorization", None)):
        refused = client.post(f"{V1}/{path}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_needed")
    with database.snapshot() as session:
        assert session.scalars(select(StaffIdentity)).all() == []


def test_who_never_came_back_is_forgotten(client: TestClient, database: Database) -> None:
    begin(client)
    for late, left in ((timedelta(minutes=9), 1), (timedelta(minutes=11), 0)):
        with database.transaction() as session:
            staff_sessions.forget_expired(session, at=clock.now() + late)
        with database.snapshot() as session:
            assert len(session.scalars(select(OpenIdStep)).all()) == left


@pytest.mark.parametrize("more", [{"local_login": False}])
def test_where_passwords_are_switched_off_only_the_provider_opens(
    application: FastAPI, client: TestClient, log_in: LogIn
) -> None:
    admin = make_client(application, Role.ADMIN)
    with application.state.runtime.database.transaction() as session:
        account = make_account(session, Role.ADMIN, username="ilse")
        account.password_hash = hash_password(PASSWORD)
    form = {"grant_type": "password", "username": "ilse", "password": PASSWORD}
    refused = [
        client.post(f"{V1}/auth/token", data=form),
        client.post(f"{V1}/auth/passkey/options", json={"username": "ilse", "password": PASSWORD}),
        admin.post(f"{V1}/auth/step-up", json={"password": PASSWORD}),
    ]
    assert [(r.status_code, r.json()["code"]) for r in refused] == [(403, "local_login_off")] * 3
    assert log_in()[0].status_code == 200


def test_without_a_provider_in_the_settings_there_is_no_door(settings: Settings) -> None:
    application = create_app(settings)
    answer = TestClient(application).post(f"{V1}/auth/openid/authorization")
    application.state.runtime.database.close()
    assert (answer.status_code, answer.json()["code"]) == (404, "openid_off")
