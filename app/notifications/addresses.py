"""Where a webhook may go: public addresses only, told by the address itself, not by its name.

A name can point to the outside when it is registered and to the inside when it is called. So the
sender resolves the name itself, checks every address, and connects to one that it checked.
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from app.core.errors import invalid

_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_NAT64 = IPv6Network("64:ff9b::/96")
MOST_CHARACTERS = 500


def check_url(url: str, *, allow_private: bool) -> str:
    """The address as it is kept. Asks name servers: not inside a transaction.

    Raises InvalidInputError with `bad_url`, `https_required` or `private_address`. A name that
    does not resolve now is accepted: it is checked again at each connection.
    """
    try:
        found = httpx.URL(url)
        port = found.port
    except (httpx.InvalidURL, ValueError):
        raise invalid("/url", "not an address of a web server", "bad_url") from None
    is_web = found.scheme in ("https", "http") and bool(_HOST.fullmatch(found.raw_host))
    is_web = is_web and (port is None or 1 <= port <= 65_535)
    if not is_web or found.userinfo or found.fragment or len(str(found)) > MOST_CHARACTERS:
        raise invalid("/url", "give https://host/path, without a login or a #fragment", "bad_url")
    if allow_private:
        return str(found)
    if found.scheme != "https":
        raise invalid("/url", "must begin with https://", "https_required")
    if not all(is_public(address) for address in _lookup_now(found)):
        raise invalid("/url", "leads to a private address", "private_address")
    return str(found)


def host_and_port(url: httpx.URL) -> tuple[str, int]:
    """As a name server and a socket want them."""
    return url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)


def is_public(address: str) -> bool:
    """Whether this IP address lies on the open internet, also if it wraps an IPv4 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(ip.is_global and not ip.is_multicast for ip in (found, *_wrapped(found)))


def _wrapped(ip: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that gateways would take an IPv6 address for."""
    if isinstance(ip, IPv4Address):
        return []
    wrapped = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        wrapped.append(IPv4Address(int(ip) & 0xFFFF_FFFF))
    return [address for address in wrapped if address is not None]


def _lookup_now(url: httpx.URL) -> Sequence[str]:
    host, port = host_and_port(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]
