"""What a query asks for is understood or refused, never left out in silence."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.openapi import api_routes, declared
from app.core.access import STAFF_PERMISSIONS, Role, Surface
from tests.makers.identity import make_client
from tests.makers.intake import some_id
from tests.makers.partners import make_partner_client, wrong_fields
from tests.makers.tour import V1


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def test_a_parameter_that_no_list_knows_is_refused_and_named(
    application: FastAPI, worker: TestClient
) -> None:
    partner = make_partner_client(application)
    clients = {Surface.STAFF: worker, Surface.PARTNER: partner}
    walked = 0
    may = STAFF_PERMISSIONS[Role.COORDINATOR]
    paths = {
        operation["operationId"]: path
        for path, operations in application.openapi()["paths"].items()
        for method, operation in operations.items()
        if method == "get"
    }
    for route in api_routes(application):
        declaration = declared(route)
        if declaration is None or route.name not in paths or "{name}" in paths[route.name]:
            continue
        if declaration.surface not in clients:
            continue
        if declaration.surface is Surface.STAFF and declaration.permission not in may:
            continue
        path = paths[route.name].replace("{year}", "2026")
        while "{" in path:
            path = path.partition("{")[0] + str(some_id()) + path.partition("}")[2]
        answer = clients[declaration.surface].get(path, params={"domian": "housing"})
        assert wrong_fields(answer) == {"/query/domian": "unknown_parameter"}, route.name
        walked += 1
    assert walked > 40


def test_every_unknown_parameter_is_named_and_no_value_is_told(worker: TestClient) -> None:
    answer = worker.get(f"{V1}/reports?limit=5&Status=received&a/b=Kwinkeleer")
    assert wrong_fields(answer) == {
        "/query/Status": "unknown_parameter",
        "/query/a~1b": "unknown_parameter",
    }
    assert "Kwinkeleer" not in answer.text
    assert worker.post(f"{V1}/reports?dry_run=true", json={}).status_code == 422


def test_a_parameter_that_is_given_twice_is_refused_where_one_is_meant(
    worker: TestClient,
) -> None:
    twice = "status=received&status=triaged&limit=5&limit=5&q=Kwinkeleer"
    answer = worker.get(f"{V1}/reports?{twice}")
    assert wrong_fields(answer) == {
        "/query/status": "repeated_parameter",
        "/query/limit": "repeated_parameter",
    }
    assert "Kwinkeleer" not in answer.text
    several = worker.get(f"{V1}/partners/matches?ground=age&ground=sex&needs=online&needs=evenings")
    assert several.status_code == 200, several.text
    one = worker.get(f"{V1}/partners/matches?ground=age&domain=housing&domain=education")
    assert wrong_fields(one) == {"/query/domain": "repeated_parameter"}


def test_who_may_not_is_told_that_first(application: FastAPI, client: TestClient) -> None:
    assert client.get(f"{V1}/reports?nonsense=1").status_code == 401
    analyst = make_client(application, Role.ANALYST)
    assert analyst.get(f"{V1}/reports?nonsense=1").status_code == 403


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("reports", ("request", "channel", "ground", "domain")),
        ("cases", ("request", "channel", "ground", "domain", "outcome", "assessment")),
        ("partners", ("kind", "tier", "ground", "domain")),
        ("activities", ("kind",)),
    ],
)
def test_a_filter_by_a_code_that_is_none_is_refused_and_named(
    worker: TestClient, path: str, names: tuple[str, ...]
) -> None:
    for name in names:
        answer = worker.get(f"{V1}/{path}", params={name: "nonsense"})
        assert wrong_fields(answer) == {f"/query/{name}": "unknown_code"}


def test_a_code_that_expired_still_finds_what_bore_it(worker: TestClient) -> None:
    entry = f"{V1}/vocabulary/channels/letter"
    etag = worker.get(entry).headers["ETag"]
    ended = worker.patch(entry, json={"valid_to": "2026-01-01"}, headers={"If-Match": etag})
    assert ended.status_code == 200, ended.text
    assert worker.get(f"{V1}/reports?channel=letter").status_code == 200
