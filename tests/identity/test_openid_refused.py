"""What a lying or broken provider of identities, or who is between, does not get."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import select

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.identity.domain import OPENID_LASTS
from app.identity.models import StaffAccount
from app.identity.openid_models import OpenIdStep
from app.identity.openid_provider import METADATA_SECONDS, RETRY_SECONDS
from app.settings import Settings
from tests.makers.identity import make_client
from tests.makers.openid import CLIENT_ID, ISSUER, Lying, begin, by_hand
from tests.makers.second_factors import make_colleague
from tests.makers.tour import V1, done

Answer = Callable[..., Any]


@pytest.fixture
def provider() -> Lying:
    return Lying()


@pytest.fixture
def application(settings: Settings, provider: Lying) -> Iterator[FastAPI]:
    application = provider.application(settings)
    yield application
    application.state.runtime.database.close()


@pytest.fixture
def log_in(client: TestClient, provider: Lying) -> Answer:
    def run(**changed: Any) -> Any:
        return client.post(f"{V1}/auth/openid", json=provider.browse(begin(client), **changed))

    return run


def _now() -> int:
    return int(clock.now().timestamp())


def test_what_is_refused_below_would_get_in_when_nothing_is_changed(log_in: Answer) -> None:
    assert log_in().status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://another.example"},
        {"iss": f"{ISSUER}/"},
        {"aud": "another"},
        {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID},
        {"azp": "another"},
        {"nonce": "of another log in"},
        {"nonce": None},
        {"exp": -timedelta(minutes=1)},
        {"exp": None},
        {"iat": None},
        {"iat": timedelta(hours=1)},
        {"nbf": timedelta(hours=1)},
        {"sub": None},
        {"sub": "two\nlines"},
        {"sub": "x" * 256},
        {"sub": 1234},
        {"at_hash": "of another access token"},
        {"auth_time": -timedelta(hours=11)},
        {"auth_time": timedelta(hours=1)},
        {"auth_time": "today"},
        {"auth_time": True},
        {"amr": "mfa"},
    ],
    ids=str,
)
def test_an_id_token_that_says_something_wrong_is_refused(
    provider: Lying, log_in: Answer, database: Database, claims: dict[str, Any]
) -> None:
    """A timedelta stands for the time from now."""
    provider.claims = {
        name: _now() + int(value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in claims.items()
    }
    answer = log_in()
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_login")
    with database.snapshot() as session:
        assert session.scalars(select(StaffAccount)).all() == []
        assert session.scalars(select(AuditEntry.event)).all() == [Event.LOGIN_FAILED]


def test_an_id_token_that_nobody_signed_is_refused(provider: Lying, log_in: Answer) -> None:
    good = {"iss": ISSUER, "sub": "1", "aud": CLIENT_ID, "exp": _now() + 60, "iat": _now()}
    unsigned = by_hand({"alg": "none"}, good)
    for id_token in (unsigned, unsigned[:-1], "no token", "a.b.c", "..", "[].e30.AA"):
        provider.id_token = id_token
        assert log_in().json()["code"] == "wrong_login"


def test_the_public_key_does_not_serve_as_a_shared_secret(provider: Lying, log_in: Answer) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    provider.published = [provider.key]
    claims = {"iss": ISSUER, "sub": "1", "aud": CLIENT_ID, "exp": _now() + 60, "iat": _now()}
    secret = provider.key.as_pem(private=False)
    provider.id_token = by_hand({"alg": "HS256", "kid": "one"}, claims, secret)
    assert log_in().json()["code"] == "wrong_login"


def test_a_key_of_another_kind_than_the_bureau_takes_opens_nothing(
    provider: Lying, log_in: Answer
) -> None:
    provider.key = OKPKey.generate_key("Ed25519", {"kid": "one"})
    provider.published = [provider.key]
    provider.header = {"alg": "Ed25519"}
    assert log_in().json()["code"] == "wrong_login"


def test_an_unknown_key_is_asked_for_once_and_refused(provider: Lying, log_in: Answer) -> None:
    assert log_in().status_code == 200
    provider.asked.clear()
    provider.key = ECKey.generate_key("P-256", {"kid": "two"})
    assert log_in().json()["code"] == "wrong_login"
    assert provider.asked.count("/keys") == 1
    provider.published.append(provider.key)
    assert log_in().status_code == 200


def test_another_key_under_a_known_name_is_refused(provider: Lying, log_in: Answer) -> None:
    assert log_in().status_code == 200
    provider.key = ECKey.generate_key("P-256", {"kid": "one"})
    assert log_in().json()["code"] == "wrong_login"


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "of another log in"},
        {"token": "of another browser"},
        {"iss": "https://another.example"},
        {"code": "made-up"},
    ],
    ids=str,
)
def test_an_answer_that_does_not_belong_to_this_log_in_is_refused(
    log_in: Answer, changed: dict[str, str]
) -> None:
    answer = log_in(**changed)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_login")


def test_a_provider_need_not_name_itself(log_in: Answer) -> None:
    assert log_in(iss=None).status_code == 200


def test_the_name_of_the_provider_is_demanded_where_it_promises_one(
    provider: Lying, log_in: Answer
) -> None:
    provider.told = {"authorization_response_iss_parameter_supported": True}
    assert log_in().status_code == 200
    assert log_in(iss=None).json()["code"] == "wrong_login"


def test_two_log_ins_do_not_mix(client: TestClient, provider: Lying) -> None:
    mine, theirs = provider.browse(begin(client)), provider.browse(begin(client))
    for mixed in (
        mine | {"token": theirs["token"]},
        theirs | {"code": mine["code"]},
    ):
        assert client.post(f"{V1}/auth/openid", json=mixed).json()["code"] == "wrong_login"


def test_who_comes_back_too_late_is_refused(
    client: TestClient, provider: Lying, database: Database
) -> None:
    came = provider.browse(begin(client))
    with database.transaction() as session:
        step = session.scalars(select(OpenIdStep)).one()
        step.expires_at -= OPENID_LASTS + timedelta(seconds=1)
    assert client.post(f"{V1}/auth/openid", json=came).json()["code"] == "wrong_login"


def test_what_was_begun_to_log_in_does_not_serve_a_session_and_the_other_way_round(
    application: FastAPI, client: TestClient, provider: Lying
) -> None:
    colleague = make_client(application, Role.CASE_MANAGER)
    came = provider.browse(begin(client))
    answer = colleague.post(f"{V1}/auth/step-up/openid", json=came)
    assert answer.json()["errors"][0]["code"] == "wrong_proof"
    came = provider.browse(begin(colleague, "auth/step-up/openid"))
    answer = colleague.post(f"{V1}/me/openid", json=came)
    assert answer.json()["errors"][0]["code"] == "wrong_proof"
    came = provider.browse(begin(colleague, "auth/step-up/openid"))
    assert client.post(f"{V1}/auth/openid", json=came).json()["code"] == "wrong_login"
    came = provider.browse(begin(colleague, "auth/step-up/openid"))
    other = make_client(application, Role.CASE_MANAGER)
    answer = other.post(f"{V1}/auth/step-up/openid", json=came)
    assert answer.json()["errors"][0]["code"] == "wrong_proof"


def test_without_a_provider_that_answers_those_with_a_password_get_in(
    application: FastAPI, client: TestClient, provider: Lying
) -> None:
    colleague = make_colleague(application, Role.CASE_MANAGER)
    came = provider.browse(begin(client))
    provider.is_down = True
    answer = client.post(f"{V1}/auth/openid", json=came)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert done(colleague.log_in())["access_token"]


def test_a_provider_that_is_down_is_asked_again_only_after_a_while(
    application: FastAPI, client: TestClient, provider: Lying
) -> None:
    now = [0.0]
    application.state.openid._now = lambda: now[0]
    provider.is_down = True
    path = f"{V1}/auth/openid/authorization"
    assert [client.post(path).status_code for _ in range(3)] == [503] * 3
    assert len(provider.asked) == 1
    provider.is_down = False
    now[0] += RETRY_SECONDS
    assert client.post(path).status_code == 200
    assert len(provider.asked) == 3
    now[0] += METADATA_SECONDS
    assert client.post(path).status_code == 200
    assert len(provider.asked) == 3
    now[0] += 1
    assert client.post(path).status_code == 200
    assert len(provider.asked) == 5


def test_those_who_waited_while_it_failed_do_not_ask_it_too(
    application: FastAPI, client: TestClient, provider: Lying
) -> None:
    looks = count()
    application.state.openid._now = lambda: next(looks) * RETRY_SECONDS * 0.9
    provider.is_down = True
    path = f"{V1}/auth/openid/authorization"
    assert [client.post(path).status_code for _ in range(2)] == [503] * 2
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://provider.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
        {"code_challenge_methods_supported": ["plain"]},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
        {"padding": "x" * 300_000},
    ],
    ids=lambda told: next(iter(told)),
)
def test_metadata_that_cannot_be_trusted_is_refused(
    client: TestClient, provider: Lying, told: dict[str, Any]
) -> None:
    provider.told = told
    answer = client.post(f"{V1}/auth/openid/authorization")
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
