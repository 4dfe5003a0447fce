"""How often one address or one login may call, by class of route. Before the body is read."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.addresses import Pseudonyms
from app.api.limits import UPLOADS
from app.api.problems import problem_response

V1 = "/api/v1/"
WINDOW_SECONDS = 60.0
MOST_KEYS = 100_000
"""About 20 MB. Beyond it the keys seen longest ago are forgotten."""

LOGINS = frozenset(
    {
        f"{V1}auth/token",
        f"{V1}auth/passkey/options",
        f"{V1}auth/passkey",
        f"{V1}auth/step-up",
        f"{V1}auth/invitation",
        f"{V1}me/password",
        f"{V1}auth/openid/authorization",
        f"{V1}auth/openid",
        f"{V1}auth/step-up/openid",
        f"{V1}partner/auth/token",
        f"{V1}partner/invitations/acceptance",
        f"{V1}partner/invitations/confirmation",
        f"{V1}public/receipts/token",
    }
)


class RateClass(StrEnum):
    """refused: requests of one address that were answered 401, on any route."""

    PUBLIC_WRITE = "public_write"
    PUBLIC_READ = "public_read"
    LOGIN = "login"
    REFUSED = "refused"
    UPLOAD = "upload"
    PARTNER = "partner"
    STAFF = "staff"


WITH_LOGIN = frozenset({RateClass.UPLOAD, RateClass.PARTNER, RateClass.STAFF})


@dataclass(frozen=True)
class Standing:
    """remaining: requests left at once. reset_seconds: until all are there again.

    retry_seconds: until one is; 0 when the request may pass.
    """

    remaining: int
    reset_seconds: float
    retry_seconds: float


class Meter:
    """Generic cell rate algorithm: one moment for each key, when all of its quota is there again.

    It counts on the clock that never jumps.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.monotonic,
        most_keys: int = MOST_KEYS,
    ) -> None:
        self._now = now
        self._most_keys = most_keys
        self._full_at: dict[bytes, float] = {}

    def take(self, key: bytes, quota: int) -> Standing:
        """One request of `quota` in each WINDOW_SECONDS; a refused one costs nothing."""
        return self._look(key, quota, is_taking=True)

    def look(self, key: bytes, quota: int) -> Standing:
        return self._look(key, quota, is_taking=False)

    def _look(self, key: bytes, quota: int, *, is_taking: bool) -> Standing:
        now = self._now()
        cost = WINDOW_SECONDS / quota
        debt = max(self._full_at.get(key, now) - now, 0.0)
        missing = debt + cost - WINDOW_SECONDS
        if missing > 1e-6:  # sums of floats: the last one of a quota must fit
            return Standing(0, debt, missing)
        if is_taking:
            debt += cost
            if key not in self._full_at and len(self._full_at) >= self._most_keys:
                self._forget(now)
            self._full_at[key] = now + debt
        return Standing(int((WINDOW_SECONDS - debt) / cost + 1e-6), debt, 0.0)

    def _forget(self, now: float) -> None:
        """Make a quarter of room: what is full again stands for nothing, then the eldest."""
        kept = [(key, at) for key, at in self._full_at.items() if at > now]
        self._full_at = dict(kept[-(self._most_keys * 3 // 4) :])


class RateLimits:
    """ASGI middleware.

    quotas: requests a minute by class; a class without one is not limited.
    Who logged in is counted by a hash of the token, everybody else by a hash of the address. Tokens
    can be made up, so an address that was refused too often is not heard for a while, except on
    the public doors: somebody else there may want to report.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        quotas: Mapping[str, int],
        pseudonyms: Pseudonyms,
        meter: Meter | None = None,
    ) -> None:
        self.app = app
        self._quotas = quotas
        self._pseudonyms = pseudonyms
        self._meter = meter or Meter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = _token(scope) if scope["type"] == "http" else ""
        found = class_of(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if found is None or not self._quotas:
            await self.app(scope, receive, send)
            return
        client = self._pseudonyms.of_client(scope)
        who = self._pseudonyms.of(token) if token and found in WITH_LOGIN else client
        if found in WITH_LOGIN:
            refused = self._standing(RateClass.REFUSED, client, is_taking=False)
            if refused and refused.retry_seconds:
                await self._refuse(scope, receive, send, RateClass.REFUSED, refused)
                return
        standing = self._standing(found, who, is_taking=True)
        if standing and standing.retry_seconds:
            await self._refuse(scope, receive, send, found, standing)
            return

        async def send_noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] == 401:
                    self._standing(RateClass.REFUSED, client, is_taking=True)
                if standing:
                    message["headers"] = [
                        *message.get("headers", ()),
                        *self._fields(found, standing),
                    ]
            await send(message)

        await self.app(scope, receive, send_noting)

    def _standing(self, name: RateClass, key: bytes, *, is_taking: bool) -> Standing | None:
        quota = self._quotas.get(name)
        if quota is None:
            return None
        key = name.encode() + key
        return self._meter.take(key, quota) if is_taking else self._meter.look(key, quota)

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, name: RateClass, standing: Standing
    ) -> None:
        wait = math.ceil(standing.retry_seconds)
        response = problem_response(
            429,
            code="rate_limited",
            title="Too many requests",
            detail=f"Try again in {wait} s.",
            headers={"Retry-After": str(wait)},
        )
        response.raw_headers.extend(self._fields(name, standing))
        await response(scope, receive, send)

    def _fields(self, name: RateClass, standing: Standing) -> tuple[tuple[bytes, bytes], ...]:
        """As in the IETF's draft of RateLimit header fields for HTTP."""
        policy = f'"{name}";q={self._quotas[name]};w={WINDOW_SECONDS:.0f}'
        left = f'"{name}";r={standing.remaining};t={math.ceil(standing.reset_seconds)}'
        return (b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())


def class_of(method: str, path: str) -> RateClass | None:
    """None for what the supervisor asks."""
    if path.startswith("/health/"):
        return None
    if path in LOGINS:
        return RateClass.LOGIN
    is_reading = method in ("GET", "HEAD", "OPTIONS")
    if path.endswith(UPLOADS) and not is_reading:
        return RateClass.UPLOAD
    if path.startswith(f"{V1}public/"):
        return RateClass.PUBLIC_READ if is_reading else RateClass.PUBLIC_WRITE
    if path.startswith(f"{V1}partner/"):
        return RateClass.PARTNER
    return RateClass.STAFF if path.startswith(V1) else RateClass.PUBLIC_READ


def _token(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token if scheme.lower() == "bearer" else ""
    return ""
