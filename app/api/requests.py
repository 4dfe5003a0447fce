"""Logs each request without personal data, and turns what nobody caught into a problem document."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.headers import SafeHeaders
from app.api.problems import problem_response

log = structlog.get_logger()


class RequestLog:
    """Outermost ASGI middleware. Logs the route's template, never the path or the address."""

    def __init__(self, app: ASGIApp, *, headers: SafeHeaders) -> None:
        self.app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0
        started = time.perf_counter()

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._headers.add_to(message)
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        except Exception as error:  # noqa: BLE001  (the last line of defence: see `_innermost`)
            log.error("unexpected_error", kind=type(error).__name__, where=_innermost(error))
            if status:
                raise RuntimeError("failed after the answer had begun") from None
            await problem_response(500, code="internal_error")(scope, receive, send_noting)
        route = scope.get("route")
        log.info(
            "request",
            method=scope["method"],
            route=getattr(route, "path", "unmatched"),
            status=status,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )


def _innermost(error: BaseException) -> str:
    """File and line of the failure: its message could hold personal data."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "unknown"
    return f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}"
