"""A partner gets the same 404 for whatever is not its own, on every route of its surface."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.openapi import EXAMPLES, api_routes, declared
from app.core.access import Role, Surface
from tests.makers.identity import make_client
from tests.makers.intake import some_id
from tests.makers.partners import make_partner, make_partner_client
from tests.makers.referrals import PARTNER, answer, refer, submit
from tests.makers.tour import V1, add_case, done


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


@pytest.fixture
def partner_id(application: FastAPI) -> UUID:
    return make_partner(application)


@pytest.fixture
def partner(application: FastAPI, partner_id: UUID) -> TestClient:
    return make_partner_client(application, partner_id)


@pytest.fixture
def foreign(
    application: FastAPI, worker: TestClient, partner_id: UUID, partner: TestClient
) -> dict[str, str]:
    """Ids of everything that this partner must not tell from nothing."""
    other_id = make_partner(application)
    other = make_partner_client(application, other_id)
    case = add_case(worker)
    accepted = refer(worker, other_id, case_id=case["id"])
    done(answer(other, accepted["id"], "acceptance"))
    completed = refer(worker, other_id)
    done(answer(other, completed["id"], "acceptance"))
    done(answer(other, completed["id"], "completion"))
    withdrawn, taken_back = refer(worker, partner_id), refer(worker, partner_id)
    done(answer(partner, taken_back["id"], "acceptance"))
    done(worker.post(f"{V1}/referrals/{withdrawn['id']}/withdrawal", json={"reason": "Fout."}))
    done(worker.post(f"{V1}/referrals/{taken_back['id']}/consent-withdrawal", json={}))
    own_message = refer(worker, partner_id)
    done(answer(partner, own_message["id"], "acceptance"))
    return {
        "offered to another": refer(worker, other_id)["id"],
        "accepted by another": accepted["id"],
        "completed by another": completed["id"],
        "submitted by another": submit(other)["id"],
        "withdrawn from us": withdrawn["id"],
        "consent taken back": taken_back["id"],
        "a message of another": done(answer(other, accepted["id"], "messages"), 201)["id"],
        "a message of ours": done(answer(partner, own_message["id"], "messages"), 201)["id"],
        "a report": case["reports"][0]["id"],
        "a report referred to us": own_message["report_id"],
        "a case": case["id"],
        "another partner": str(other_id),
        "ourselves": str(partner_id),
        "nothing": str(some_id()),
    }


def _routes(application: FastAPI) -> list[tuple[str, str, str]]:
    """(operationId, method, path) of every route of the partner's surface that names an id."""
    paths = {
        operation["operationId"]: (method.upper(), path)
        for path, operations in application.openapi()["paths"].items()
        for method, operation in operations.items()
    }
    found = []
    for route in api_routes(application):
        declaration = declared(route)
        if declaration is None or declaration.surface is not Surface.PARTNER:
            continue
        method, path = paths[route.name]
        if "{" in path:
            found.append((route.name, method, path))
    return found


def test_whatever_is_not_ours_is_absent_everywhere(
    application: FastAPI, partner: TestClient, foreign: dict[str, str]
) -> None:
    examples: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    routes = _routes(application)
    absent = partner.get(f"{PARTNER}/{some_id()}").json()
    cells = 0
    for name, method, path in routes:
        body = examples[name].get("request")
        headers = {"If-Match": '"1"'}
        for kind, object_id in foreign.items():
            url = re.sub(r"\{[^}]+\}", object_id, path)
            found = partner.request(method, url, json=body, headers=headers)
            assert (found.status_code, found.json()) == (404, absent), (name, kind)
            assert found.headers["content-type"] == "application/problem+json"
            cells += 1
    assert cells == len(routes) * len(foreign)
    assert cells >= 5 * 14


def test_lists_hold_only_our_own(
    application: FastAPI, worker: TestClient, partner_id: UUID, foreign: dict[str, str]
) -> None:
    partner = make_partner_client(application, partner_id)
    found = partner.get(f"{PARTNER}?count=true&limit=100")
    assert done(found)["total"] == len(found.json()["items"]) == 1
    for kind, object_id in foreign.items():
        assert object_id not in found.text, kind
    for query in ("status=withdrawn", "status=consent_withdrawn", "direction=in"):
        assert done(partner.get(f"{PARTNER}?{query}"))["items"] == [], query


def test_a_partner_has_no_other_surface_and_nobody_else_has_its(
    application: FastAPI, worker: TestClient, partner: TestClient
) -> None:
    walked = 0
    for route in api_routes(application):
        declaration = declared(route)
        if declaration is None or declaration.surface is not Surface.STAFF:
            continue
        path = re.sub(r"\{[^}]+\}", str(some_id()), f"{V1}{route.path}")
        for method in route.methods:
            found = partner.request(method, path, json={})
            assert found.status_code == 401, (method, path)
            walked += 1
    assert walked > 50
    assert worker.get(PARTNER).status_code == 401
