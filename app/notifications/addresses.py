"""Where a webhook may go: public addresses only, told by the address itself, not by its name.

A name can point to the outside when it is registered and to the inside when it is called. So the
sender resolves the name itself, checks every address, and connects to one that it checked.
"""

import re
import socket
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

from app.core.errors import invalid

_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_GATEWAYS = (
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped: the system itself takes it for the IPv4 address
    IPv6Network("64:ff9b::/96"),  # NAT64
)
"""Networks outside of global unicast that stand for the IPv4 address in the last 32 bits. Those
that are not here are refused whole: IPv4-compatible (::/96), IPv4-translated (::ffff:0:0:0/96) and
NAT64 inside one network (64:ff9b:1::/48)."""

_NOT_PUBLIC = (
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them
    IPv6Network("2001:db8::/32"),
    IPv6Network("3fff::/20"),
)
_NOT_PUBLIC_IPV4 = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # was the relay of 6to4
)
"""What `is_global` lets pass, in this version of Python or another."""

_ISATAP = 0x0000_5EFE
"""Upper half of an interface identifier; the bits that say universal and group are open."""
MOST_CHARACTERS = 500


def check_url(url: str, *, allow_private: bool, ports: Collection[int] = (443,)) -> str:
    """The address as it is kept. Asks name servers: not inside a transaction.

    ports: that may be named; any where private addresses are allowed. Raises InvalidInputError with
    `bad_url`, `https_required`, `port_not_allowed` or `private_address`. A name that does not
    resolve now is accepted: it is checked again at each connection.
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
    if host_and_port(found)[1] not in ports:
        raise invalid("/url", "names a port that is not allowed here", "port_not_allowed")
    if not all(is_public(address) for address in _lookup_now(found)):
        raise invalid("/url", "leads to a private address", "private_address")
    return str(found)


def host_and_port(url: httpx.URL) -> tuple[str, int]:
    """As a name server and a socket want them."""
    return url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)


def is_public(address: str) -> bool:
    """Whether this IP address is global unicast, and every IPv4 address it carries as well."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return _is_public_ipv4(found)
    if any(found in gateway for gateway in _GATEWAYS):
        return _is_public_ipv4(_last(found))
    if found not in _GLOBAL_UNICAST or any(found in network for network in _NOT_PUBLIC):
        return False
    return found.is_global and all(_is_public_ipv4(carried) for carried in _carried(found))


def _is_public_ipv4(ip: IPv4Address) -> bool:
    return (
        ip.is_global
        and not (ip.is_multicast or ip.is_reserved)
        and not any(ip in network for network in _NOT_PUBLIC_IPV4)
    )


def _carried(ip: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that a tunnel would take a global unicast address for."""
    carried = [ip.sixtofour] if ip.sixtofour is not None else []
    if int(ip) >> 32 & 0xFCFF_FFFF == _ISATAP:
        carried.append(_last(ip))
    return carried


def _last(ip: IPv6Address) -> IPv4Address:
    return IPv4Address(int(ip) & 0xFFFF_FFFF)


def _lookup_now(url: httpx.URL) -> Sequence[str]:
    host, port = host_and_port(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]
