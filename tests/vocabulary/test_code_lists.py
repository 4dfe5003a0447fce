"""The code lists: shipped whole, kept by the coordinator, never losing a code."""

import json
from datetime import date

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.access import Role
from app.core.database import Database
from app.vocabulary.domain import CodeList
from app.vocabulary.service import DEFAULTS, load_defaults
from tests.makers.identity import make_client
from tests.makers.tour import V1, done

URL = f"{V1}/vocabulary"
LABELS = {"nl": "nieuw", "fr": "nouveau", "en": "new"}


def test_every_shipped_code_is_served_with_its_label_in_three_languages(
    client: TestClient,
) -> None:
    shipped = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    for name in CodeList:
        for language in ("nl", "fr", "en"):
            items = done(client.get(f"{URL}/{name}?lang={language}"))["items"]
            assert [i["code"] for i in items] == [entry["code"] for entry in shipped[name]]
            assert [i["label"] for i in items] == [e["label"][language] for e in shipped[name]]


def test_every_parent_is_a_code_of_the_list() -> None:
    shipped = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    for name in CodeList:
        codes = {entry["code"] for entry in shipped[name]}
        assert {entry["parent"] for entry in shipped[name] if entry.get("parent")} <= codes


def test_a_new_code_can_be_used_at_once(application: FastAPI) -> None:
    coordinator = make_client(application, Role.COORDINATOR)
    added = coordinator.post(f"{URL}/domains", json={"code": "metaverse", "labels": LABELS})
    assert added.status_code == 201
    again = coordinator.post(f"{URL}/domains", json={"code": "metaverse", "labels": LABELS})
    assert again.status_code == 409
    codes = [i["code"] for i in done(coordinator.get(f"{URL}/domains"))["items"]]
    assert codes[-1] == "metaverse"


def test_what_the_coordinator_changed_stays_when_defaults_are_loaded_again(
    application: FastAPI, database: Database
) -> None:
    coordinator = make_client(application, Role.COORDINATOR)
    url = f"{URL}/grounds/age"
    etag = {"If-Match": coordinator.get(url).headers["ETag"]}
    change = {"labels": LABELS, "valid_to": "2030-12-31"}
    assert coordinator.patch(url, json=change, headers=etag).status_code == 200
    with database.transaction() as session:
        assert load_defaults(session) == 0
    found = done(coordinator.get(url))
    assert (found["labels"], found["valid_to"]) == (LABELS, "2030-12-31")


def test_only_the_coordinator_changes_a_list(application: FastAPI, client: TestClient) -> None:
    body = {"code": "metaverse", "labels": LABELS}
    assert client.post(f"{URL}/domains", json=body).status_code == 401
    for role in set(Role) - {Role.COORDINATOR}:
        worker = make_client(application, role)
        assert worker.post(f"{URL}/domains", json=body).status_code == 403


def test_a_validity_in_the_wrong_order_is_refused(application: FastAPI) -> None:
    coordinator = make_client(application, Role.COORDINATOR)
    url = f"{URL}/grounds/age"
    etag = {"If-Match": coordinator.get(url).headers["ETag"]}
    dates = {"valid_from": str(date(2026, 2, 1)), "valid_to": str(date(2026, 1, 1))}
    answer = coordinator.patch(url, json=dates, headers=etag)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/valid_to"
