"""The part of the tour through the second factors of a colleague."""

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core import clock
from app.core.access import Role
from tests.makers.partner_access import PASSWORD, code_at
from tests.makers.passkeys import Device
from tests.makers.second_factors import OWN, make_colleague
from tests.makers.tour import V1

NEW_PASSWORD = "paarse olifanten dansen"

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def tour_login(recorder: "Recorder", application: FastAPI, admin: TestClient) -> None:
    colleague = make_colleague(application, Role.CASE_MANAGER, username="mehmet")
    client, device = colleague.client, Device()
    assert colleague.log_in().status_code == 200  # a second session, to end
    listed = recorder.send(client, "GET", f"{V1}/me/sessions")["items"]
    other = next(row["id"] for row in listed if not row["is_present"])
    recorder.send(client, "DELETE", f"{V1}/me/sessions/{other}")
    recorder.send(client, "DELETE", f"{V1}/me/sessions")
    change = {"present_password": PASSWORD, "new_password": NEW_PASSWORD}
    recorder.send(client, "POST", f"{V1}/me/password", change)
    secret = recorder.send(client, "POST", f"{OWN}/totp")["totp_secret"]
    code = {"code": code_at(secret, clock.now())}
    recorder.send(client, "POST", f"{OWN}/totp/confirmation", code)
    begun = recorder.send(client, "POST", f"{OWN}/passkeys/options")
    enrolment = {
        "token": begun["token"],
        "credential": device.enrol(begun["options"]),
        "title": "Sleutel aan de sleutelbos",
    }
    enrolled = recorder.send(client, "POST", f"{OWN}/passkeys", enrolment)
    recorder.send(client, "GET", OWN)
    codes = recorder.send(client, "POST", f"{OWN}/recovery-codes")["recovery_codes"]
    recorder.send(client, "DELETE", f"{OWN}/totp")
    begun = recorder.send(client, "POST", f"{V1}/auth/step-up/options")
    recorder.send(client, "POST", f"{V1}/auth/step-up", {"code": codes[0]})
    somebody = TestClient(application)
    login = {"username": "mehmet", "password": NEW_PASSWORD}
    begun = recorder.send(somebody, "POST", f"{V1}/auth/passkey/options", login)
    answer = {"token": begun["token"], "credential": device.answer(begun["options"])}
    recorder.send(somebody, "POST", f"{V1}/auth/passkey", answer)
    recorder.send(client, "DELETE", f"{OWN}/passkeys/{enrolled['passkey']['id']}")
    recorder.send(admin, "POST", f"{V1}/users/{colleague.account_id}/second-factor-reset")
