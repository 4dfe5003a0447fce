"""Ids are swapped in every operation: what is hidden or of another kind answers like nothing."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.openapi import EXAMPLES, api_routes, declared
from app.core.access import Role, Surface
from tests.conftest import STORES
from tests.makers.attachments import send_file
from tests.makers.barring import bar
from tests.makers.identity import make_client
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.tour import V1, done
from tests.makers.whole_case import case_with_everything

COLLEAGUES = (Role.INTAKE_WORKER, Role.CASE_MANAGER, Role.COORDINATOR)
ID = re.compile(r"\{(?!name|code|year|first|last|token)[^}]+\}")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """Both, unlike what else is tested in this folder."""
    return str(request.param)


def _operations(application: FastAPI) -> list[tuple[Surface, str, str, Any]]:
    """Surface, method, path and a body that would do, of each operation that names ids only."""
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    paths = {
        operation["operationId"]: (method.upper(), path)
        for path, operations in application.openapi()["paths"].items()
        for method, operation in operations.items()
    }
    found = []
    for route in api_routes(application):
        declaration = declared(route)
        method, path = paths[route.name]
        if declaration is not None and ID.search(path) and "{" not in ID.sub("", path):
            body = examples[route.name].get("request")
            found.append((declaration.surface, method, path, body))
    return found


def _hidden(application: FastAPI) -> tuple[dict[str, str], list[TestClient]]:
    """Ids of what belongs to one case, and colleagues of each role who are barred from it."""
    coordinator = make_client(application, Role.COORDINATOR)
    barred = [make_client(application, role) for role in COLLEAGUES]
    found = case_with_everything(application, coordinator, coordinator)
    ids = {kind: one for kind, one in found.items() if "reference" not in kind}
    case = f"{V1}/cases/{ids['case']}"
    (note,) = done(coordinator.get(f"{case}/notes"))["items"]
    (task,) = done(coordinator.get(f"{case}/tasks"))["items"]
    talks = done(coordinator.get(f"{V1}/negotiations/{ids['talks']}"))
    ids |= {"note": note["id"], "task": task["id"]}
    ids |= {"party": talks["parties"][0]["id"], "proposal": talks["proposals"][0]["id"]}
    for colleague in barred:
        done(bar(coordinator, f"cases/{ids['case']}", colleague), 201)
    return ids | {"nothing": str(uuid4())}, barred


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.torture)])
def test_a_swapped_id_answers_like_nothing(application: FastAPI, every: int) -> None:
    """every: a cell of so many is tried."""
    ids, barred = _hidden(application)
    partners = [make_partner_client(application, new_partner(application)) for _ in range(3)]
    callers = {Surface.STAFF: barred, Surface.PARTNER: partners}
    cells, refused, wrong = 0, 0, []
    for surface, method, path, body in _operations(application):
        for caller in callers.get(surface, []):
            for kind, one in ids.items():
                cells += 1
                if cells % every:
                    continue
                url = ID.sub(one, path)
                if (method, url.rpartition("/")[2]) == ("POST", "attachments"):
                    answer = send_file(caller, url)
                else:
                    answer = caller.request(method, url, json=body, headers={"If-Match": '"1"'})
                if answer.status_code == 403:
                    refused += 1  # this role may do so with no id at all: see the access matrix
                elif answer.status_code != 404:
                    wrong.append(f"{method} {path} {kind}: {answer.status_code} {answer.text[:90]}")
    assert wrong == []
    assert cells // every - refused >= 2_500 // every
