"""A passkey opens for its colleague, its page and its challenge, once."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.core.access import Role
from app.core.database import Database
from tests.makers.partner_access import PASSWORD
from tests.makers.passkeys import Device
from tests.makers.second_factors import OWN, Colleague, add_passkey, make_colleague, use_token
from tests.makers.tour import V1, done

OPTIONS, LOGIN = f"{V1}/auth/passkey/options", f"{V1}/auth/passkey"


@pytest.fixture
def ilse(application: FastAPI) -> Colleague:
    return make_colleague(application, Role.CASE_MANAGER)


def _begin(client: TestClient, username: str = "ilse") -> dict[str, Any]:
    return done(client.post(OPTIONS, json={"username": username, "password": PASSWORD}))


def _answer(client: TestClient, begun: dict[str, Any], device: Device) -> Any:
    body = {"token": begun["token"], "credential": device.answer(begun["options"])}
    return client.post(LOGIN, json=body)


def test_a_passkey_logs_in_and_proves_again(client: TestClient, ilse: Colleague) -> None:
    device = Device()
    assert len(done(add_passkey(ilse.client, device), 201)["recovery_codes"]) == 10
    assert ilse.log_in().json()["code"] == "second_factor_needed"
    use_token(client, done(_answer(client, _begin(client), device))["access_token"])
    assert done(client.get(f"{V1}/me"))["username"] == "ilse"
    begun = done(client.post(f"{V1}/auth/step-up/options"))
    shown = {"token": begun["token"], "credential": device.answer(begun["options"])}
    done(client.post(f"{V1}/auth/step-up", json={"passkey": shown}))
    used = client.post(f"{V1}/auth/step-up", json={"passkey": shown})
    assert used.json()["errors"][0]["code"] == "wrong_proof"
    passkey = done(client.get(OWN))["passkeys"][0]
    assert passkey["last_used_at"]
    assert client.delete(f"{OWN}/passkeys/{passkey['id']}").status_code == 204
    assert ilse.log_in().status_code == 200


def test_what_is_wrong_does_not_open(
    application: FastAPI, client: TestClient, ilse: Colleague
) -> None:
    device = Device()
    done(add_passkey(ilse.client, device), 201)
    other = make_colleague(application, Role.ADMIN, username="other")
    done(add_passkey(other.client, Device()), 201)

    def is_refused(answer: Any) -> bool:
        return (answer.status_code, answer.json()["code"]) == (401, "wrong_login")

    begun = _begin(client)
    assert done(_answer(client, begun, device))
    assert is_refused(_answer(client, begun, device)), "the same challenge again"
    old = device.answer(begun["options"])
    body = {"token": _begin(client)["token"], "credential": old}
    assert is_refused(client.post(LOGIN, json=body)), "an answer to another challenge"
    device.origin = "https://evil.example"
    assert is_refused(_answer(client, _begin(client), device)), "another page"
    device.origin, device.host = Device().origin, "evil.example"
    assert is_refused(_answer(client, _begin(client), device)), "another host"
    device.host = Device().host
    assert is_refused(_answer(client, _begin(client, "other"), device)), "another's passkey"
    stranger = Device(credential_id=device.credential_id, count=100)
    assert is_refused(_answer(client, _begin(client), stranger)), "another key"
    assert is_refused(_answer(client, _begin(client), Device())), "an unknown passkey"
    device.count = 0
    assert is_refused(_answer(client, _begin(client), device)), "a counter that goes back"
    wrong = client.post(OPTIONS, json={"username": "ilse", "password": "something else"})
    assert is_refused(wrong), "another password"


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 5},
        {"id": "x", "rawId": "x", "response": {}, "type": "public-key"},
        {"a": {"b": {"c": {"d": {"e": 1}}}}},
    ],
    ids=["nothing", "no text", "no response", "deep"],
)
def test_what_is_no_credential_is_refused(
    client: TestClient, ilse: Colleague, credential: dict[str, Any]
) -> None:
    done(add_passkey(ilse.client, Device()), 201)
    begun = _begin(client)
    answer = client.post(LOGIN, json={"token": begun["token"], "credential": credential})
    assert answer.status_code in (401, 422)
    enrolment = done(ilse.client.post(f"{OWN}/passkeys/options"))
    body = {"token": enrolment["token"], "credential": credential, "title": "x"}
    assert ilse.client.post(f"{OWN}/passkeys", json=body).status_code == 422


def test_an_enrolment_belongs_to_one_colleague_page_and_challenge(
    application: FastAPI, ilse: Colleague
) -> None:
    other = make_colleague(application, Role.ADMIN, username="other")
    device = Device()

    def enrol(who: Colleague, begun: dict[str, Any], with_device: Device) -> Any:
        credential = with_device.enrol(begun["options"])
        body = {"token": begun["token"], "credential": credential, "title": "x"}
        return who.client.post(f"{OWN}/passkeys", json=body)

    def begin() -> dict[str, Any]:
        return done(ilse.client.post(f"{OWN}/passkeys/options"))

    assert enrol(other, begin(), device).status_code == 422
    assert enrol(ilse, begin(), Device(origin="https://evil.example")).status_code == 422
    assert enrol(ilse, begin() | {"options": begin()["options"]}, device).status_code == 422
    done(enrol(ilse, begin(), device), 201)
    known = enrol(ilse, begin(), device)
    assert (known.status_code, known.json()["code"]) == (409, "passkey_known")


def test_passkeys_lie_sealed(database: Database, ilse: Colleague) -> None:
    device = Device()
    done(add_passkey(ilse.client, device, title="Sleutel van Ilse"), 201)
    with database.snapshot() as session:
        row = str(session.execute(text("SELECT * FROM staff_passkeys")).one())
    assert device.enrol({"challenge": ""})["id"] not in row
    assert "Sleutel van Ilse" not in row
