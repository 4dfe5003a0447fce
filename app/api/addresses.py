"""Where a request came from, and how that is counted without being kept."""

import hashlib
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import clock

Network = IPv4Network | IPv6Network


class TrustedProxies:
    """ASGI middleware: behind a proxy that is trusted, the client is whom that proxy names.

    `X-Forwarded-For` is read from its end, past the hops that are trusted. From anybody else it is
    not believed: everybody can write one.
    """

    def __init__(self, app: ASGIApp, *, networks: Sequence[Network]) -> None:
        self.app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._networks and scope.get("client"):
            scope["client"] = (self._client(scope), scope["client"][1])
        await self.app(scope, receive, send)

    def _client(self, scope: Scope) -> str:
        nearest: str = scope["client"][0]
        if not self._is_trusted(_parsed(nearest)):
            return nearest
        named = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        for hop in reversed(b",".join(named).decode("latin-1").split(",")):
            address = _parsed(hop.strip())
            if address is None:
                break  # what stands before it was not written by a proxy of ours
            nearest = str(address)
            if not self._is_trusted(address):
                break
        return nearest

    def _is_trusted(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


class Pseudonyms:
    """Keyed hashes of addresses and tokens that are others the next day (UTC)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._day = 0
        self._key = b""

    def of_client(self, scope: Scope) -> bytes:
        client = scope.get("client")
        return self.of(network_of(client[0]) if client else "")

    def of(self, value: str) -> bytes:
        day = clock.now().toordinal()
        if day != self._day:
            self._key = hashlib.blake2b(str(day).encode(), key=self._secret[:64]).digest()
            self._day = day
        return hashlib.blake2b(value.encode(), key=self._key, digest_size=16).digest()


def network_of(address: str) -> str:
    """What one subscriber holds: an IPv4 address, the /64 of an IPv6 address."""
    if ":" not in address:
        return address
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found) if found else address


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
