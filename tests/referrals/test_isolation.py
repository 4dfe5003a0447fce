"""A partner gets the same 404 for whatever is not its own, on every route of its surface."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.openapi import EXAMPLES, api_routes, declared
from app.core.access import Surface
from tests.makers.intake import some_id
from tests.makers.partners import make_partner_client
from tests.makers.referrals import PARTNER, foreign_ids, routes_with_an_id
from tests.makers.tour import V1, done


@pytest.fixture
def foreign(
    application: FastAPI, worker: TestClient, partner_id: UUID, partner: TestClient
) -> dict[str, str]:
    return foreign_ids(application, worker, partner_id, partner)


def test_whatever_is_not_ours_is_absent_everywhere(
    application: FastAPI, partner: TestClient, foreign: dict[str, str]
) -> None:
    examples: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    routes = routes_with_an_id(application)
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
        for method in route.methods or ():
            found = partner.request(method, path, json={})
            assert found.status_code == 401, (method, path)
            walked += 1
    assert walked > 50
    assert worker.get(PARTNER).status_code == 401
