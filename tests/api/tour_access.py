"""The part of the tour through the access of partners."""

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core import clock
from tests.makers.partner_access import code_at, make_key
from tests.makers.tour import V1

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def visit_partner_access(recorder: "Recorder", application: FastAPI, worker: TestClient) -> None:
    partner = recorder.send(
        worker, "POST", f"{V1}/partners", {"name": "Meldpunt Voorbeeld", "kind": "association"}
    )
    url = f"{V1}/partners/{partner['id']}"
    _clients(recorder, application, worker, url)
    _people(recorder, application, worker, url)


def _clients(recorder: "Recorder", application: FastAPI, worker: TestClient, url: str) -> None:
    made = recorder.send(worker, "POST", f"{url}/clients", {"title": "Dossierbeheer"})
    client_url = f"{V1}/partner-clients/{made['id']}"
    jwk = make_key().as_dict(private=False)
    recorder.send(worker, "PUT", f"{client_url}/key", {"jwk": jwk})
    made = recorder.send(worker, "POST", f"{client_url}/rotation", {"overlap_hours": 24})
    program = TestClient(application)
    form = {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["client_secret"],
    }
    token = recorder.send(program, "POST", f"{V1}/auth/token", form=form)
    program.headers["Authorization"] = f"Bearer {token['access_token']}"
    recorder.send(program, "GET", f"{V1}/partner/me")
    recorder.send(program, "POST", f"{V1}/partner/auth/revoke")
    recorder.send(worker, "GET", f"{url}/clients")
    recorder.send(worker, "POST", f"{client_url}/end")


def _people(recorder: "Recorder", application: FastAPI, worker: TestClient, url: str) -> None:
    somebody = TestClient(application)
    invited = recorder.send(
        worker,
        "POST",
        f"{url}/people",
        {"name": "Samira Voorbeeld", "email": "samira@partner.example", "language": "nl"},
    )
    person_url = f"{V1}/partner-people/{invited['id']}"
    invited = recorder.send(worker, "POST", f"{person_url}/invitation", {"language": "fr"})
    acceptance = recorder.send(
        somebody,
        "POST",
        f"{V1}/partner/invitations/acceptance",
        {
            "token": invited["invitation_token"],
            "username": "samira",
            "password": "a-long-made-up-password",
        },
    )
    secret = acceptance["totp_secret"]
    confirmed = recorder.send(
        somebody,
        "POST",
        f"{V1}/partner/invitations/confirmation",
        {"token": acceptance["confirmation_token"], "code": code_at(secret, clock.now())},
    )
    form = {
        "username": "samira",
        "password": "a-long-made-up-password",
        # The code just used works no second time; the next one is within the step allowed.
        "code": code_at(secret, clock.now() + timedelta(seconds=30)),
    }
    token = recorder.send(somebody, "POST", f"{V1}/partner/auth/token", form=form)
    somebody.headers["Authorization"] = f"Bearer {token['access_token']}"
    recorder.send(somebody, "GET", f"{V1}/partner/me/sessions")
    recorder.send(somebody, "DELETE", f"{V1}/partner/me/sessions")
    change = {
        "present_password": "a-long-made-up-password",
        "new_password": "another-made-up-password",
        "code": confirmed["recovery_codes"][0],
    }
    recorder.send(somebody, "POST", f"{V1}/partner/me/password", change)
    recorder.send(worker, "GET", f"{url}/people")
    recorder.send(worker, "POST", f"{person_url}/end")
