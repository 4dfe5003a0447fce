"""A light HTTP/1.1 client: keep-alive connections over asyncio, many at once."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Handler = Callable[[int, dict[str, Any]], None]


@dataclass
class Outcome:
    """seconds: of each acknowledged request. retries: after a broken connection or a 409/503."""

    seconds: list[float] = field(default_factory=list)
    retries: int = 0
    elapsed: float = 0.0

    def quantile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def encode(port: int, path: str, body: dict[str, Any], headers: dict[str, str]) -> bytes:
    payload = json.dumps(body).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(payload)}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + payload


async def post_all(
    port: int,
    requests: list[bytes],
    *,
    clients: int,
    on_answer: Handler,
    is_patient: bool = False,
    give_up_seconds: float = 120,
) -> Outcome:
    """Send every request, `clients` at a time; each must be answered 201.

    is_patient: a broken connection, a refusal to connect, 409 and 503 are tried again.
    """
    sender = _Sender(port, is_patient, time.perf_counter() + give_up_seconds)
    outcome = sender.outcome
    queue = list(enumerate(requests))[::-1]
    started = time.perf_counter()

    async def work() -> None:
        connection = _Connection(port)
        while queue:
            number, request = queue.pop()
            on_answer(number, await sender.send(connection, request))
        connection.close()

    await asyncio.gather(*(work() for _ in range(clients)))
    outcome.elapsed = time.perf_counter() - started
    return outcome


class _Connection:
    """One keep-alive connection, opened when it is needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, request: bytes) -> tuple[int, dict[str, Any]]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return await _exchange(self._streams, request)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


class _Sender:
    def __init__(self, port: int, is_patient: bool, deadline: float) -> None:
        self.outcome = Outcome()
        self._is_patient = is_patient
        self._deadline = deadline

    async def send(self, connection: _Connection, request: bytes) -> dict[str, Any]:
        """The answer of a 201; anything else fails, or is tried again by a patient sender."""
        began = time.perf_counter()
        while True:
            try:
                status, answer = await connection.exchange(request)
            except (OSError, asyncio.IncompleteReadError):
                if not self._is_patient:
                    raise
                connection.close()
                status, answer = 503, {}
            if status == 201:
                self.outcome.seconds.append(time.perf_counter() - began)
                return answer
            if not self._is_patient or status not in (409, 503):
                raise RuntimeError(f"answered {status}")
            if time.perf_counter() > self._deadline:
                raise TimeoutError("not all requests were acknowledged in time")
            self.outcome.retries += 1
            await asyncio.sleep(0.02)


async def _exchange(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes
) -> tuple[int, dict[str, Any]]:
    reader, writer = connection
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = 0
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
    body = await reader.readexactly(length)
    return int(head[9:12]), json.loads(body)
