"""What comes in as a day, a language or an e-mail address is one, wherever it comes in."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import TypeAdapter, ValidationError

from app.api.fields import Day, Email, Language
from app.core.access import Role
from tests.makers.activities import activity_body
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.partners import add_partner, wrong_fields
from tests.makers.tour import V1


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def _parts(schema: Any, schemas: dict[str, Any], seen: set[str]) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema, each named one once."""
    if isinstance(schema, list):
        for part in schema:
            yield from _parts(part, schemas, seen)
    if not isinstance(schema, dict):
        return
    yield schema
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        yield from _parts(schemas[name], schemas, seen)
    for part in schema.values():
        yield from _parts(part, schemas, seen)


def test_every_day_that_comes_in_has_bounds(application: FastAPI) -> None:
    spec = application.openapi()
    schemas = spec["components"]["schemas"]
    walked = 0
    for operations in spec["paths"].values():
        for operation in operations.values():
            asked = [operation.get("requestBody", {}), operation.get("parameters", [])]
            for part in _parts(asked, schemas, set()):
                if part.get("format") == "date":
                    assert part["formatMinimum"] == "1900-01-01", operation["operationId"]
                    walked += 1
    assert walked > 40


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_an_implausible_day_is_refused_and_named(worker: TestClient, day: str) -> None:
    partner = add_partner(worker)
    agreements = f"{V1}/partners/{partner['id']}/agreements"
    body = {"name": "Proef", "kind": "association", "active_from": day, "active_to": day}
    report = report_body(channel="phone")
    report["incident"]["occurred_from"] = day
    for url, sent, pointers in (
        (f"{V1}/partners", body, ["/active_from", "/active_to"]),
        (agreements, {"kind": "cooperation", "valid_from": day}, ["/valid_from"]),
        (f"{V1}/activities", activity_body(held_on=day), ["/held_on"]),
        (f"{V1}/reports", report, ["/incident/occurred_from"]),
    ):
        assert sorted(wrong_fields(worker.post(url, json=sent))) == pointers
    etag = {"If-Match": f'"{partner["version"]}"'}
    tiers = {"tiers": [{"tier": "network", "valid_from": day}]}
    changed = worker.patch(f"{V1}/partners/{partner['id']}", json=tiers, headers=etag)
    assert list(wrong_fields(changed)) == ["/tiers/0/valid_from"]
    assert list(wrong_fields(worker.get(f"{V1}/service-area", params={"on": day}))) == ["/query/on"]


def _accepts(kind: Any, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


def test_the_first_and_the_last_day_pass() -> None:
    assert all(_accepts(Day, day) for day in ("1900-01-01", "2199-12-31"))


@pytest.mark.parametrize("code", ["xx", "qq", "abc", "zzz", "NL", "nld", "n", ""])
def test_what_is_no_code_of_a_language_is_refused(code: str) -> None:
    assert not _accepts(Language, code)


@pytest.mark.parametrize("code", ["nl", "fr", "de", "tr", "ar", "uk", "rif", "ckb", "rom", "vgt"])
def test_codes_of_languages_pass(code: str) -> None:
    assert _accepts(Language, code)


def test_an_unknown_language_is_named(worker: TestClient) -> None:
    body = {"name": "Proef", "kind": "association", "languages": ["nl", "xx"]}
    answer = worker.post(f"{V1}/partners", json=body)
    assert wrong_fields(answer) == {"/languages/1": "unknown_language"}


@pytest.mark.parametrize(
    "address",
    [
        "a@b,c.be",
        "a,b@c.be",
        "a@b.be,c@d.be",
        "a@b;c.be",
        "a@b.be>",
        '"a b"@c.be',
        "a@b",
        "a@b..be",
        "a@-b.be",
        "a@b-.be",
        ".a@b.be",
        "a.@b.be",
        "a@b.be\n",
        "a@b.b",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@" + "b" * 250 + ".be",
        "@b.be",
    ],
)
def test_what_is_no_address_or_more_than_one_is_refused(address: str) -> None:
    assert not _accepts(Email, address)


@pytest.mark.parametrize(
    "address",
    ["a@b.be", "jan.janssen+melding@stad.genk.be", "o'neil@example.org", "x@xn--nxasmq6b.xn--p1ai"],
)
def test_addresses_pass(address: str) -> None:
    assert _accepts(Email, address)
