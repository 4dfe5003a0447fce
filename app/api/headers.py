"""What every answer carries, also a refusal and a 304, unless the answer says otherwise."""

from starlette.types import Message

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The policy of an answer that is no page: it may load, frame and send nothing."""

DEFAULTS = {
    b"content-security-policy": NOTHING.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SafeHeaders:
    """has_tls: people reach this bureau by https, so their browsers may hold it to that."""

    def __init__(self, *, has_tls: bool) -> None:
        self._headers = list(DEFAULTS.items()) + ([HSTS] if has_tls else [])

    def add_to(self, start: Message) -> None:
        """start: the message that begins an answer."""
        given = list(start.get("headers", ()))
        names = {name.lower() for name, _value in given}
        start["headers"] = given + [pair for pair in self._headers if pair[0] not in names]
