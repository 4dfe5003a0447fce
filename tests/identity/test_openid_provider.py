"""A whole log in at a real provider of identities (pyop), over TLS."""

import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.core.database import Database
from app.identity.openid_models import StaffIdentity
from app.main import create_app
from app.settings import Settings
from tests.makers.openid import begin, openid_settings, running_provider
from tests.makers.second_factors import use_token
from tests.makers.tour import V1, done


@dataclass
class Provider:
    """The real one, steered, with a browser in front of it."""

    issuer: str
    browser: httpx.Client

    def knows(self, person: str, **claims: Any) -> None:
        self.browser.put(f"{self.issuer}/people/{person}", json=claims).raise_for_status()

    def browse(self, begun: dict[str, Any], person: str) -> dict[str, str]:
        """Somebody logs in there and is sent back; what the page then tells the bureau."""
        sent = self.browser.get(begun["authorization_url"], headers={"X-Person": person})
        query = dict(parse_qsl(urlsplit(sent.headers["Location"]).query))
        return {"token": begun["token"]} | query


@pytest.fixture(scope="module")
def provider_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("provider")
    with running_provider(folder) as issuer:
        yield issuer, folder / "provider.pem"


@pytest.fixture
def provider(
    provider_process: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Provider]:
    issuer, certificate = provider_process
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # what the system trusts
    trusting = ssl.create_default_context(cafile=certificate)
    with httpx.Client(verify=trusting) as browser:
        yield Provider(issuer, browser)


@pytest.fixture
def application(settings: Settings, provider: Provider) -> Iterator[FastAPI]:
    application = create_app(openid_settings(settings, provider.issuer))
    yield application
    application.state.runtime.database.close()


LogIn = Callable[[str], Any]


@pytest.fixture
def log_in(client: TestClient, provider: Provider) -> LogIn:
    def run(person: str) -> Any:
        return client.post(f"{V1}/auth/openid", json=provider.browse(begin(client), person))

    return run


def test_who_logs_in_at_the_provider_is_a_colleague_with_the_roles_of_their_groups(
    client: TestClient, provider: Provider, log_in: LogIn, database: Database
) -> None:
    provider.knows("fatma", name="Fatma D.", preferred_username="fatma", roles=["heads", "choir"])
    use_token(client, done(log_in("fatma"))["access_token"])
    me = done(client.get(f"{V1}/me"))
    assert me["roles"] == ["analyst", "coordinator"]
    assert (me["username"], me["display_name"]) == ("fatma", "Fatma D.")
    use_token(client, done(log_in("fatma"))["access_token"])
    assert done(client.get(f"{V1}/me"))["id"] == me["id"]
    with database.snapshot() as session:
        assert len(session.scalars(select(StaffIdentity)).all()) == 1
        events = session.scalars(select(AuditEntry.event)).all()
    assert sorted(events) == [Event.ACCOUNT_CREATED, Event.LOGGED_IN, Event.LOGGED_IN]


def test_an_answer_of_the_provider_is_used_once(
    client: TestClient, provider: Provider, log_in: LogIn
) -> None:
    provider.knows("fatma", roles=["handlers"])
    first, second = begin(client), begin(client)
    came = provider.browse(first, "fatma")
    assert client.post(f"{V1}/auth/openid", json=came).status_code == 200
    again = client.post(f"{V1}/auth/openid", json=came)
    assert (again.status_code, again.json()["code"]) == (401, "wrong_login")
    # The same code in another log in, as who stole it would try: the provider refuses.
    other = provider.browse(second, "fatma") | {"code": came["code"]}
    assert client.post(f"{V1}/auth/openid", json=other).json()["code"] == "wrong_login"


def test_a_stolen_code_does_not_fit_another_log_in(client: TestClient, provider: Provider) -> None:
    provider.knows("fatma", roles=["handlers"])
    stolen = provider.browse(begin(client), "fatma")["code"]
    own = provider.browse(begin(client), "fatma") | {"code": stolen}
    answer = client.post(f"{V1}/auth/openid", json=own)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_login")


def test_a_new_key_of_the_provider_is_found(provider: Provider, log_in: LogIn) -> None:
    provider.knows("fatma", roles=["handlers"])
    assert log_in("fatma").status_code == 200
    provider.browser.post(f"{provider.issuer}/rotation").raise_for_status()
    assert log_in("fatma").status_code == 200


def test_shown_again_at_the_provider_opens_what_is_delicate(
    client: TestClient, provider: Provider, log_in: LogIn
) -> None:
    provider.knows("ict", roles=["ict"], shown_seconds_ago=3_600)
    use_token(client, done(log_in("ict"))["access_token"])
    body = {
        "username": "new.colleague",
        "display_name": "New",
        "roles": ["analyst"],
    }
    assert client.post(f"{V1}/users", json=body).json()["code"] == "step_up_needed"
    begun = begin(client, "auth/step-up/openid")
    assert "prompt=login" in begun["authorization_url"]
    came = provider.browse(begun, "ict")
    assert done(client.post(f"{V1}/auth/step-up/openid", json=came))["good_until"]
    assert client.post(f"{V1}/users", json=body).status_code == 201


def test_somebody_else_cannot_show_it_again(
    client: TestClient, provider: Provider, log_in: LogIn
) -> None:
    provider.knows("fatma", roles=["handlers"])
    provider.knows("mehmet", roles=["handlers"])
    use_token(client, done(log_in("fatma"))["access_token"])
    came = provider.browse(begin(client, "auth/step-up/openid"), "mehmet")
    answer = client.post(f"{V1}/auth/step-up/openid", json=came)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "wrong_proof")


def test_a_provider_without_a_trusted_certificate_is_not_asked(
    settings: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    application = create_app(openid_settings(settings, provider.issuer))
    answer = TestClient(application).post(f"{V1}/auth/openid/authorization")
    application.state.runtime.database.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")


def test_no_token_or_code_reaches_the_log_or_the_store(
    client: TestClient, provider: Provider, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    provider.knows("fatma", roles=["handlers"])
    begun = begin(client)
    came = provider.browse(begun, "fatma")
    session_token = done(client.post(f"{V1}/auth/openid", json=came))["access_token"]
    wrong = provider.browse(begin(client), "fatma") | {"code": came["code"]}
    client.post(f"{V1}/auth/openid", json=wrong)
    said = "".join(capfd.readouterr())
    assert "openid_refused" in said
    with database.snapshot() as session:
        kept = str(session.execute(select(AuditEntry.details)).all())
    for secret in (came["code"], came["state"], begun["token"], session_token, "fatma"):
        assert secret not in said + kept
