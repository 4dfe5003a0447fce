"""The public form under flood: a proof of work, or a wait. No third party, nobody is shut out.

While more public reports arrive in a minute than the bureau wants to take unasked, one that brings
no proof is answered 429 `challenge_required` with a challenge. A program answers it by the header

    Challenge-Answer: <challenge>.<counter>

where SHA-256 of that whole value begins with `difficulty` zero bits. Who cannot compute waits as
`Retry-After` says and sends the form again: from that moment one report of that address passes.
"""

import hashlib
import hmac
import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.addresses import Pseudonyms
from app.api.problems import problem_response
from app.core import clock

PATH = "/api/v1/public/reports"
HEADER = b"challenge-answer"
LEAST_BITS = 17  # about 130,000 hashes: a second or so in a browser
MOST_BITS = 22
CHALLENGE_SECONDS = 600
MOST_USED = 100_000


class Arrivals:
    """How many came in the last minute: the running one, and what is left of the one before."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._minute = 0
        self._current = 0
        self._previous = 0

    def note(self) -> float:
        """Count one more; the rate a minute with it."""
        minute, share = divmod(self._now() / 60, 1)
        if minute != self._minute:
            self._previous = self._current if minute == self._minute + 1 else 0
            self._current = 0
            self._minute = int(minute)
        self._current += 1
        return self._previous * (1 - share) + self._current


class Challenges:
    """Signed, so that nothing is kept until one is answered; each opens once.

    key: the same in every process that serves, or an answer counts only where it was asked.
    """

    def __init__(self, key: bytes, *, least_bits: int = LEAST_BITS) -> None:
        self._key = key
        self._least_bits = least_bits
        self._used: dict[str, float] = {}

    def make(self, overload: float) -> tuple[str, int]:
        """(challenge, its difficulty in bits): one bit more for each doubling of the flood."""
        more = int(math.log2(max(overload, 1.0)))
        bits = min(self._least_bits + more, max(MOST_BITS, self._least_bits))
        expires = int(clock.now().timestamp()) + CHALLENGE_SECONDS
        plain = f"{secrets.token_hex(16)}.{bits}.{expires}"
        return f"{plain}.{self._sign(plain)}", bits

    def is_answered_by(self, answer: str) -> bool:
        """Whether this opens the form now; it does so once."""
        parts = answer.split(".")
        if not answer.isascii() or len(answer) > 200 or len(parts) != 5:
            return False
        salt, bits, expires, signature, _counter = parts
        now = clock.now().timestamp()
        if not hmac.compare_digest(self._sign(f"{salt}.{bits}.{expires}"), signature):
            return False
        if int(expires) <= now or salt in self._used or zero_bits(answer) < int(bits):
            return False
        if len(self._used) >= MOST_USED:
            self._used = {kept: at for kept, at in self._used.items() if at > now}
        if len(self._used) >= MOST_USED:
            return False
        self._used[salt] = int(expires)
        return True

    def _sign(self, plain: str) -> str:
        return hmac.new(self._key, b"challenge\n" + plain.encode(), "sha256").hexdigest()[:32]


def zero_bits(answer: str) -> int:
    digest = hashlib.sha256(answer.encode()).digest()
    return 256 - int.from_bytes(digest).bit_length()


@dataclass
class SlowLane:
    """Places in time for who waits instead: one for each address at a time, at a steady pace.

    However many wait, nobody waits longer than MOST_WAIT: then the pace rises. A place is kept
    for KEPT seconds after it opened.
    """

    LEAST_WAIT = 20.0
    MOST_WAIT = 600.0
    KEPT = 900.0
    MOST_PLACES = 50_000

    seconds_between: float
    now: Callable[[], float] = time.monotonic
    _opens: dict[bytes, float] = field(default_factory=dict)
    _last: float = 0.0

    def seconds_left(self, who: bytes) -> float:
        """Until this address may pass; 0 lets one report through."""
        now = self.now()
        opens = self._opens.get(who)
        if opens is not None and now > opens + self.KEPT:
            del self._opens[who]
            opens = None
        if opens is None:
            return self._place(who, now)
        if now >= opens:
            del self._opens[who]
            return 0.0
        return opens - now

    def _place(self, who: bytes, now: float) -> float:
        if len(self._opens) >= self.MOST_PLACES:
            self._opens = {k: at for k, at in self._opens.items() if now <= at + self.KEPT}
        if len(self._opens) >= self.MOST_PLACES:
            return self.MOST_WAIT
        opens = min(
            max(now + self.LEAST_WAIT, self._last + self.seconds_between), now + self.MOST_WAIT
        )
        self._opens[who] = self._last = opens
        return opens - now


class FloodGate:
    """ASGI middleware before the body of a public report is read."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        reports_per_minute: int,
        challenges: Challenges,
        pseudonyms: Pseudonyms,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self._limit = reports_per_minute
        self._arrivals = Arrivals(now)
        self._challenges = challenges
        self._lane = SlowLane(seconds_between=120 / reports_per_minute, now=now)
        self._pseudonyms = pseudonyms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_report = scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST"
        rate = self._arrivals.note() if is_report else 0.0
        if rate <= self._limit:
            await self.app(scope, receive, send)
            return
        answer = dict(scope["headers"]).get(HEADER, b"").decode("latin-1")
        if answer and self._challenges.is_answered_by(answer):
            await self.app(scope, receive, send)
            return
        left = self._lane.seconds_left(self._pseudonyms.of_client(scope))
        if not left:
            await self.app(scope, receive, send)
            return
        challenge, bits = self._challenges.make(rate / self._limit)
        response = problem_response(
            429,
            code="challenge_required",
            title="Many reports arrive at this moment",
            detail="Answer the challenge in the header Challenge-Answer, or send this report "
            f"again in {math.ceil(left)} s.",
            headers={"Retry-After": str(math.ceil(left))},
            challenge={"algorithm": "sha-256", "challenge": challenge, "difficulty": bits},
        )
        await response(scope, receive, send)
