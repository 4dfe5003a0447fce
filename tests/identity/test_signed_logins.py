"""Clients that sign their logins: algorithms, claims, replay, keys."""

import base64
import hmac
import json
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from app.core import clock
from app.core.access import SYSTEM, Role
from app.core.database import Database
from app.core.errors import (
    NotAuthenticatedError,
)
from app.identity import partner_clients, partner_sessions
from app.identity.partner_clients import AssertionProof, NewSecret
from app.identity.partner_models import PartnerClient
from app.main import create_app
from app.settings import Settings
from tests.makers.identity import make_client
from tests.makers.partner_access import (
    AUDIENCE,
    log_in,
    make_assertion,
    make_key,
    refusal,
)
from tests.makers.partners import make_partner, make_partner_client_row
from tests.makers.tour import V1, done

NOW = clock.now()


@pytest.fixture
def partner_id(database: Database) -> UUID:
    with database.transaction() as session:
        return make_partner(session).id


@pytest.fixture
def made(database: Database, partner_id: UUID) -> NewSecret:
    with database.transaction() as session:
        return make_partner_client_row(session, partner_id, at=NOW)


@pytest.fixture
def key(database: Database, made: NewSecret) -> ECKey:
    key = make_key()
    with database.transaction() as session:
        partner_clients.set_key(session, SYSTEM, made.client.id, key.as_dict(private=False), at=NOW)
    return key


def _refused(database: Database, proof: AssertionProof, at: datetime = NOW) -> str:
    return refusal(lambda: log_in(database, proof, at))


def _signed(key: Key, made: NewSecret, **claims: Any) -> AssertionProof:
    return AssertionProof(make_assertion(key, made.client.client_id, NOW, **claims), AUDIENCE)


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (ECKey.generate_key("P-256"), "ES256"),
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
        (RSAKey.generate_key(3072), "PS256"),
    ],
    ids=["ES256", "Ed25519", "PS256"],
)
def test_a_client_signs_its_login(database: Database, made: NewSecret, key: Key, alg: str) -> None:
    with database.transaction() as session:
        partner_clients.set_key(session, SYSTEM, made.client.id, key.as_dict(private=False), at=NOW)
    issued = log_in(database, _signed(key, made, alg=alg), NOW)
    assert partner_sessions.authenticate(database, issued.access_token, NOW) is not None


def _in(**delta: int) -> int:
    return int((NOW + timedelta(**delta)).timestamp())


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://elsewhere.example/token"},
        {"aud": [AUDIENCE, "https://elsewhere.example/token"]},
        {"aud": []},
        {"aud": None},
        {"iss": "somebody-else"},
        {"iss": None},
        {"sub": "somebody-else"},
        {"exp": _in(seconds=-31)},
        {"exp": _in(minutes=6)},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"nbf": _in(minutes=2)},
        {"iat": _in(minutes=2)},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 201},
        {"jti": "\udcff"},
    ],
    ids=lambda claims: "-".join(claims),
)
def test_an_assertion_with_a_wrong_claim_opens_nothing(
    database: Database, made: NewSecret, key: ECKey, claims: dict[str, Any]
) -> None:
    assert _refused(database, _signed(key, made, **claims)).startswith("invalid_client")


def test_an_assertion_works_once_and_each_client_has_its_own(
    database: Database, made: NewSecret, key: ECKey
) -> None:
    proof = _signed(key, made, jti="one")
    assert log_in(database, proof, NOW)
    _refused(database, proof)
    _refused(database, _signed(key, made, jti="one"))
    assert log_in(database, _signed(key, made, jti="two"), NOW)
    with database.transaction() as session:
        other = make_partner_client_row(session, made.client.partner_id, at=NOW)
        partner_clients.set_key(
            session, SYSTEM, other.client.id, key.as_dict(private=False), at=NOW
        )
    assert log_in(database, _signed(key, other, jti="one"), NOW)


def test_a_used_assertion_is_remembered_as_long_as_it_could_be_used(
    database: Database, made: NewSecret, key: ECKey
) -> None:
    proof = _signed(key, made, exp=_in(minutes=5))
    assert log_in(database, proof, NOW)
    last = NOW + timedelta(minutes=5, seconds=29)
    with database.transaction() as session:
        partner_sessions.forget_expired(session, at=last)
    _refused(database, proof, last)


def test_of_two_that_replay_at_once_one_gets_in(
    database: Database, made: NewSecret, key: ECKey
) -> None:
    proof = _signed(key, made)
    barrier = Barrier(4)
    opened: list[bool] = []

    def attempt() -> None:
        barrier.wait()
        try:
            log_in(database, proof, NOW)
            opened.append(True)
        except NotAuthenticatedError:
            opened.append(False)

    threads = [Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(opened) == [False, False, False, True]


def _forged(alg: str, claims: dict[str, Any], secret: bytes | None) -> str:
    """A JWT with this algorithm, signed with this secret; None: not at all."""

    def encoded(part: bytes) -> str:
        return base64.urlsafe_b64encode(part).decode().rstrip("=")

    signed = f"{encoded(json.dumps({'alg': alg}).encode())}.{encoded(json.dumps(claims).encode())}"
    mac = b"" if secret is None else hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{encoded(mac)}"


def test_the_header_does_not_choose_the_algorithm(
    database: Database, made: NewSecret, key: ECKey
) -> None:
    claims = {
        "iss": made.client.client_id,
        "sub": made.client.client_id,
        "aud": AUDIENCE,
        "jti": "x",
        "exp": _in(minutes=2),
    }
    forged = [
        # By hand: the library itself would not take a public key for a secret.
        *(_forged("HS256", claims, secret) for secret in (key.as_pem(private=False), b"")),
        _forged("none", claims, None),
        make_assertion(make_key(), made.client.client_id, NOW),
        make_assertion(RSAKey.generate_key(2048), made.client.client_id, NOW, alg="RS256"),
        make_assertion(ECKey.generate_key("P-384"), made.client.client_id, NOW, alg="ES384"),
        "",
        "a.b.c",
        "é.é.é",
        ".." + "." * 50,
    ]
    answers = {_refused(database, AssertionProof(text, AUDIENCE)) for text in forged[:5]}
    for text in forged[5:]:
        with pytest.raises(NotAuthenticatedError):
            log_in(database, AssertionProof(text, AUDIENCE), NOW, address=text or "empty")
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("bits", "alg"), [(3072, "RS256"), (3072, "PS384"), (2048, "RS256"), (2048, "PS256")]
)
def test_what_is_too_weak_opens_nothing_even_with_a_key_kept_from_before(
    database: Database, made: NewSecret, bits: int, alg: str
) -> None:
    key = RSAKey.generate_key(bits)
    with database.transaction() as session:
        client = session.get_one(PartnerClient, made.client.id)
        client.public_key = dict(key.as_dict(private=False))
    _refused(database, _signed(key, made, alg=alg))


def test_a_client_without_a_key_cannot_sign(database: Database, made: NewSecret) -> None:
    _refused(database, _signed(make_key(), made))


def test_another_key_ends_the_one_before_and_what_it_opened(
    database: Database, made: NewSecret, key: ECKey
) -> None:
    token = log_in(database, _signed(key, made), NOW).access_token
    other = make_key()
    with database.transaction() as session:
        partner_clients.set_key(
            session, SYSTEM, made.client.id, other.as_dict(private=False), at=NOW
        )
    assert partner_sessions.authenticate(database, token, NOW) is None
    _refused(database, _signed(key, made))
    assert log_in(database, _signed(other, made), NOW)


def test_the_audience_is_the_address_in_the_settings(
    database: Database, database_url: str, made: NewSecret, key: ECKey
) -> None:
    settings = Settings(
        database_url=database_url, log_level="error", public_url="https://bureau.example/"
    )
    application = create_app(settings)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    client = TestClient(application)
    for audience, status in ((AUDIENCE, 200), ("http://127.0.0.1:8000/api/v1/auth/token", 401)):
        text = make_assertion(key, made.client.client_id, clock.now(), aud=audience)
        answer = client.post(f"{V1}/auth/token", data={**form, "client_assertion": text})
        assert answer.status_code == status
    application.state.runtime.database.close()


@pytest.mark.parametrize(
    "jwk",
    [
        make_key().as_dict(private=True),
        ECKey.generate_key("P-384").as_dict(private=False),
        OKPKey.generate_key("X25519").as_dict(private=False),
        OctKey.generate_key(256).as_dict(private=True),
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        RSAKey.generate_key(2048).as_dict(private=False),
        {},
    ],
    ids=[
        "private",
        "P-384",
        "X25519",
        "oct",
        "off the curve",
        "no x",
        "tiny RSA",
        "RSA of 2048",
        "empty",
    ],
)
def test_a_key_that_is_none_of_ours_is_refused(
    application: FastAPI, partner_id: UUID, jwk: dict[str, Any]
) -> None:
    worker = make_client(application, Role.COORDINATOR)
    made = done(worker.post(f"{V1}/partners/{partner_id}/clients", json={"title": "x"}), 201)
    url = f"{V1}/partner-clients/{made['id']}/key"
    answer = worker.put(url, json={"jwk": jwk})
    assert answer.status_code == 422
    assert all(error["pointer"].startswith("/jwk") for error in answer.json()["errors"])
    good = done(worker.put(url, json={"jwk": make_key().as_dict(private=False)}))
    assert good["has_key"] is True
