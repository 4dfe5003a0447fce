"""Texts that nobody could write by chance, planted in whatever goes in by HTTP, and found again."""

import re
import secrets
from base64 import b64encode
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

MARK = "kanarie"
LENGTH = len(MARK) + 8
MOST_IN_ONE_FIELD = 6
"""One after another, so that a text that is cut somewhere is told too."""

KEPT = frozenset(
    {"token", "password", "present_password", "new_password", "credential", "receipt_code"}
)
"""Fields whose value is made by one side for the other: another text opens nothing."""

SHOWN_ONCE = frozenset(
    {
        "access_token",
        "calendar_path",
        "client_secret",
        "confirmation_token",
        "invitation_token",
        "otpauth_uri",
        "receipt_code",
        "recovery_codes",
        "secret",
        "token",
        "totp_secret",
    }
)


@dataclass(frozen=True)
class Sent:
    """A request that succeeded, as it left."""

    client: TestClient
    method: str
    url: str
    headers: dict[str, str]
    body: Any


@dataclass
class Canaries:
    """places: canary -> operation and field. secrets: what answers showed once."""

    operations: list[tuple[str, re.Pattern[str], str, Any]]
    schemas: dict[str, Any]
    places: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    sent: dict[str, Sent] = field(default_factory=dict)
    calendar_paths: set[str] = field(default_factory=set)

    def new(self, place: str) -> str:
        canary = MARK + secrets.token_hex(4)
        self.places[canary] = place
        return canary

    def operation_of(self, method: str, url: str) -> tuple[str, Any] | None:
        path = url.partition("?")[0]
        for verb, pattern, name, schema in self.operations:
            if verb == method.upper() and pattern.fullmatch(path):
                return name, schema
        return None

    def plant(self, schema: Any, value: Any, place: str, name: str = "") -> Any:
        """The same value, with canaries wherever the schema takes any text."""
        if name in KEPT:
            return value
        if name == "email" and isinstance(value, str):
            return f"{self.new(place)}@example.org"
        schema = self._fitting(schema, value)
        if isinstance(value, dict):
            parts, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
            return {
                key: self.plant(parts.get(key, rest), part, f"{place}/{key}", key)
                for key, part in value.items()
            }
        if isinstance(value, list):
            return [self.plant(schema.get("items", {}), part, place, name) for part in value]
        is_any_text = not {"pattern", "format", "enum", "const"} & schema.keys()
        if not isinstance(value, str) or schema.get("type") != "string" or not is_any_text:
            return value
        room = (schema.get("maxLength", 10_000) - len(value)) // (LENGTH + 1)
        texts = [self.new(place) for _ in range(min(room, MOST_IN_ONE_FIELD))]
        return " ".join([value, *texts])

    def learn(self, answer: Any) -> None:
        """Whatever an answer shows once must stand nowhere afterwards."""
        if isinstance(answer, list):
            for part in answer:
                self.learn(part)
        if not isinstance(answer, dict):
            return
        for key, part in answer.items():
            if key == "calendar_path":
                self.calendar_paths.add(part)
                part = part.rpartition("/")[2].removesuffix(".ics")
            if key in SHOWN_ONCE:
                self.secrets |= {part} if isinstance(part, str) else set(part or ())
            else:
                self.learn(part)

    def found_in(self, content: bytes) -> set[str]:
        """Places of the canaries that stand in this, plain or (`disguised`) as base64 or hex."""
        texts = {text.decode() for text in _CANARY.findall(content)}
        found = {self.places[text] for text in texts & self.places.keys()}
        if any(needle in content for needle in _DISGUISED):
            found.add("disguised")
        return found

    def _fitting(self, schema: Any, value: Any) -> dict[str, Any]:
        """The part of a schema that this value follows."""
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            return self._fitting(self.schemas[schema["$ref"].rpartition("/")[2]], value)
        kinds: dict[type, str] = {dict: "object", list: "array", str: "string"}
        kind = kinds.get(type(value))
        for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
            fitting = self._fitting(part, value)
            if fitting.get("type") == kind:
                return fitting
        return schema


def _disguised() -> Iterator[bytes]:
    yield MARK.encode().hex().encode()
    for shift in range(3):  # where a group of base64 may begin
        whole = b64encode(b"\0" * shift + MARK.encode() + b"\0\0")
        first = (shift * 8 + 5) // 6
        yield whole[first : (shift + len(MARK)) * 8 // 6]


_CANARY = re.compile(MARK.encode() + b"[0-9a-f]{8}")
_DISGUISED = tuple(_disguised())


def plant_everywhere(application: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """From now on every request of a test client carries canaries."""
    spec = application.openapi()
    operations = [
        (
            method.upper(),
            re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)),
            operation["operationId"],
            operation.get("requestBody", {})
            .get("content", {})
            .get("application/json", {})
            .get("schema", {}),
        )
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]
    operations.sort(key=lambda found: -len(found[1].pattern.replace("[^/]+", "")))
    canaries = Canaries(operations, spec["components"]["schemas"])
    send = TestClient.request

    def request(client: TestClient, method: str, url: Any, **options: Any) -> Any:
        found = canaries.operation_of(method, str(url))
        name, schema = found or ("", {})
        body = options.get("json")
        if body is not None and schema:
            options["json"] = canaries.plant(schema, body, name)
        headers = dict(options.get("headers") or {})
        file_name = headers.get("X-File-Name")
        if file_name:
            stem, dot, ending = file_name.rpartition(".")
            headers["X-File-Name"] = f"{stem} {canaries.new(f'{name} file name')}{dot}{ending}"
            options["content"] = (options.get("content") or b"") + (
                f"\n% {canaries.new(f'{name} content')}\n".encode()
            )
            options["headers"] = headers
        answer = send(client, method, url, **options)
        if answer.status_code < 300:
            if answer.content and answer.headers.get("content-type") == "application/json":
                canaries.learn(answer.json())
            if schema:
                canaries.sent.setdefault(
                    name, Sent(client, method, str(url), headers, options.get("json"))
                )
        return answer

    monkeypatch.setattr(TestClient, "request", request)
    return canaries


def spoilt(body: Any, canary: str) -> Iterator[Any]:
    """A body that was good, with one value after the other replaced by this text, by a list and by
    a key that hold it, and by twenty thousand characters of it."""
    wrongs = (canary, [canary], {"value": canary}, canary * 2_000, f"{canary}\u0000", f"{canary}\n")
    for path in _paths(body):
        for wrong in wrongs:
            whole = deepcopy(body)
            place = whole
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = wrong
            yield whole


def _paths(value: Any) -> Iterator[list[Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in pairs:
        yield [key]
        if isinstance(part, dict | list):
            yield from ([key, *rest] for rest in _paths(part))
