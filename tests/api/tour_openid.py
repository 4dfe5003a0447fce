"""The part of the tour through the log in at a provider of identities."""

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from tests.makers.openid import Lying
from tests.makers.second_factors import make_colleague, use_token
from tests.makers.tour import V1

if TYPE_CHECKING:  # the tour calls this module
    from tests.api.tour import Recorder


def tour_openid(recorder: "Recorder", application: FastAPI) -> None:
    provider = Lying()
    provider.serve(application)

    def go(client: TestClient, path: str) -> dict[str, str]:
        begun = recorder.send(client, "POST", f"{V1}/{path}/authorization")
        return recorder.send(client, "POST", f"{V1}/{path}", provider.browse(begun))

    fatma = TestClient(application)
    use_token(fatma, go(fatma, "auth/openid")["access_token"])
    go(fatma, "auth/step-up/openid")
    provider.claims = {"sub": "5678"}
    go(make_colleague(application, Role.CASE_MANAGER, username="pieter").client, "me/openid")
