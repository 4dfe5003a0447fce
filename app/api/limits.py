"""Refuses what is too large, too deep or too slow before anything parses it."""

import asyncio
import re
import time

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem_response

UPLOADS = "/attachments"
"""Paths that end so take a file: it is not read here, only counted while the route reads it."""

LONGEST_TARGET = 4096
MOST_PARAMETERS = 100
MOST_HEADERS = 100
LARGEST_HEADER = 32 * 1024
DEEPEST = 32
"""Levels of a JSON body; those of this interface have less than ten."""

CLOSING = {"Connection": "close"}
"""What was not read would otherwise be taken for the next request."""

# The end of a text is optional and nothing is tried twice, so that any body takes one pass.
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)


class RequestLimits:
    """ASGI middleware: length of the target, number of parameters, number and size of headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            found = _oversized(scope)
            if found is not None:
                status, code, detail = found
                response = problem_response(status, code=code, detail=detail, headers=CLOSING)
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _oversized(scope: Scope) -> tuple[int, str, str] | None:
    """(status, code, what is allowed); None for a request of usual size."""
    query: bytes = scope["query_string"]
    if len(scope.get("raw_path") or b"") + len(query) > LONGEST_TARGET:
        return 414, "target_too_long", f"Path and parameters may have {LONGEST_TARGET} bytes."
    if query.count(b"&") >= MOST_PARAMETERS:
        return 400, "too_many_parameters", f"A request may have {MOST_PARAMETERS} parameters."
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(n) + len(v) for n, v in headers) > LARGEST_HEADER:
        detail = f"{MOST_HEADERS} fields and {LARGEST_HEADER // 1024} KiB are allowed."
        return 431, "header_too_large", detail
    return None


class BodyLimit:
    """ASGI middleware: reads the body up to `limit` bytes, whatever Content-Length claims.

    A file may have `upload_limit` bytes and ten times as many `seconds`; it is never held in
    memory.
    """

    def __init__(self, app: ASGIApp, *, limit: int, upload_limit: int, seconds: float) -> None:
        self.app = app
        self.limit = limit
        self.upload_limit = upload_limit
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        is_upload = scope["method"] == "POST" and scope["path"].endswith(UPLOADS)
        limit = self.upload_limit if is_upload else self.limit
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared[:20]) > limit:
            await self._refuse(scope, receive, send, limit)
            return
        if is_upload:
            scope.setdefault("state", {})["body"] = b""
            await self.app(scope, _counted(receive, limit, self.seconds * 10), send)
            return
        try:
            async with asyncio.timeout(self.seconds):
                body = await _read(receive, limit)
        except TimeoutError:
            response = problem_response(408, code="too_slow", headers=CLOSING)
            await response(scope, receive, send)
            return
        if body is None:
            return  # the client went away
        if len(body) > limit:
            await self._refuse(scope, receive, send, limit)
            return
        if _is_too_deep(body):
            detail = f"A body may have {DEEPEST} levels."
            await problem_response(400, code="too_deep", detail=detail)(scope, receive, send)
            return
        was_read = False

        async def replay() -> Message:
            nonlocal was_read
            if was_read:
                return await receive()
            was_read = True
            return {"type": "http.request", "body": body, "more_body": False}

        scope.setdefault("state", {})["body"] = body
        await self.app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        detail = _too_large(limit)
        response = problem_response(413, code="too_large", detail=detail, headers=CLOSING)
        await response(scope, receive, send)


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The body, of one that is too large its beginning; None when the client went away."""
    chunks: list[bytes] = []
    size = 0
    more = True
    while more and size <= limit:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        more = message.get("more_body", False)
    return b"".join(chunks)


def _counted(receive: Receive, limit: int, seconds: float) -> Receive:
    """Raises HTTPException: 413 at the byte that is too much, 408 when it takes too long."""
    size = 0
    give_up_at = time.monotonic() + seconds

    async def counted() -> Message:
        nonlocal size
        try:
            async with asyncio.timeout(max(0.0, give_up_at - time.monotonic())):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, headers=CLOSING) from None
        size += len(message.get("body", b""))
        if size > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return counted


def _is_too_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for found in _BRACKETS.finditer(body):
        token = found[0]
        if token in (b"[", b"{"):
            depth += 1
            if depth > DEEPEST:
                return True
        elif token in (b"]", b"}"):
            depth -= 1
    return False


def _too_large(limit: int) -> str:
    return f"A request may hold {limit // 1024} KiB."
