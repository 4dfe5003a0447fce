"""Where one request ends and the next begins is never told in two ways (request smuggling).

The parser is the one that `bureau start` runs with: uvicorn's choice.
"""

import asyncio
from typing import Any

import pytest
import uvicorn

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNK = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
SIZE_LINE = len(CHUNK.partition(b"\r\n")[0]) + 2

AMBIGUOUS = {
    "length beside chunks": b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % SIZE_LINE,
    "chunks beside length": b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n" % SIZE_LINE,
    "two lengths": b"Content-Length: %d\r\nContent-Length: %d\r\n" % (len(CHUNK), SIZE_LINE),
    "a list of lengths": b"Content-Length: %d, %d\r\n" % (len(CHUNK), SIZE_LINE),
    "a sign": b"Content-Length: +%d\r\n" % SIZE_LINE,
    "chunks twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "another coding": b"Transfer-Encoding: xchunked\r\nContent-Length: %d\r\n" % SIZE_LINE,
    "a space before the colon": b"Content-Length : %d\r\n" % SIZE_LINE,
    "a folded line": b"Content-Length:\r\n %d\r\nTransfer-Encoding: chunked\r\n" % SIZE_LINE,
}


async def _paths_seen(sent: bytes) -> tuple[list[str], bytes]:
    """What the application saw, and what the client heard."""
    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = uvicorn.Config(application, log_config=None, lifespan="off")
    config.load()
    state = uvicorn.Server(config).server_state
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: config.http_protocol_class(config, state, {}),  # type: ignore[call-arg]
        "127.0.0.1",
        0,
    )
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    writer.write_eof()
    heard = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    server.close()
    return seen, heard


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_request_hidden_in_a_body_is_not_seen(name: str) -> None:
    head = b"POST /first HTTP/1.1\r\nHost: a\r\n%s\r\n" % AMBIGUOUS[name]
    seen, heard = asyncio.run(_paths_seen(head + CHUNK))
    assert "/smuggled" not in seen
    assert heard.count(b"HTTP/1.1 ") <= 2


def test_two_plain_requests_are_two() -> None:
    """So that the check above can fail."""
    seen, _heard = asyncio.run(_paths_seen(SMUGGLED.replace(b"smuggled", b"first") + SMUGGLED))
    assert seen == ["/first", "/smuggled"]
