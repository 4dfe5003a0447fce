"""Too large, too deep, too long, too many, too slow: refused before anything is parsed."""

import asyncio
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.api.limits import DEEPEST, BodyLimit, _is_too_deep

REPORTS = "/api/v1/public/reports"
JSON = {"Content-Type": "application/json"}

HEAVY = {
    "brackets": b"[" * 200_000,
    "braces": b'{"a":' * 40_000,
    "closed": b"[" * 100_000 + b"]" * 100_000,
    "escaped": b'"' + b'\\"' * 100_000,
    "escaped_brackets": b"[" * 20 + b'"' + b'[\\"' * 60_000,
    "quotes": b"[" * 20 + b'"' * 200_000 + b"[" * 20,
    "long_number": b"9" * 200_000,
    "exponent": b"[1e999999999]",
    "many": b"[" + b"{}," * 60_000 + b"{}]",
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_body_is_refused_at_once(client: TestClient, name: str) -> None:
    started = time.process_time()  # of the processor: others may be at work on the machine
    answer = client.post(REPORTS, content=HEAVY[name], headers=JSON)
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert time.process_time() - started < 1


@given(st.recursive(st.none() | st.text('[]{}\\" a'), lambda inner: st.lists(inner, max_size=3)))
def test_depth_is_counted_outside_of_texts(value: Any) -> None:
    import json

    def depth(part: Any) -> int:
        return 1 + max(map(depth, part), default=0) if isinstance(part, list) else 0

    for around in (0, DEEPEST - 2, DEEPEST):
        body = "[" * around + json.dumps(value) + "]" * around
        assert _is_too_deep(body.encode()) is (around + depth(value) > DEEPEST)


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (f"/health/live?{'a' * 5000}", {}, 414, "target_too_long"),
        (f"/{'a/' * 3000}", {}, 414, "target_too_long"),
        (f"/health/live?{'a&' * 200}", {}, 400, "too_many_parameters"),
        ("/health/live", {f"X-{n}": "a" for n in range(200)}, 431, "header_too_large"),
        ("/health/live", {"X-Large": "a" * 40_000}, 431, "header_too_large"),
    ],
)
def test_what_is_too_long_or_too_many_is_named(
    client: TestClient, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "aaaa" not in answer.text


def _received(path: str, *, seconds: float) -> list[Any]:
    """What a client hears that begins a body and goes silent."""
    messages = [{"type": "http.request", "body": b"{", "more_body": True}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    async def never(*_arguments: object) -> None:
        raise AssertionError("the application was reached")

    scope: Any = {"type": "http", "method": "POST", "path": path, "headers": []}
    guard = BodyLimit(never, limit=1000, upload_limit=1000, seconds=seconds)
    asyncio.run(guard(scope, receive, send))
    return sent


def test_a_body_that_does_not_arrive_is_given_up() -> None:
    started = time.perf_counter()
    start = _received(REPORTS, seconds=0.05)[0]
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert time.perf_counter() - started < 1
