"""Signed logins of partner clients (`private_key_jwt`, RFC 7523)."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key
from joserfc.jwt import JWTClaimsRegistry

from app.core.errors import invalid
from app.identity.domain import CLOCK_LEEWAY, LONGEST_ASSERTION, as_client_id

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RSA_BITS = range(3072, 8193)
"""From 3072 bits on a key gives the 128 bits of security that the other two give."""


@dataclass(frozen=True)
class VerifiedAssertion:
    jti: str
    expires_at: datetime


def check_public_key(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """The key as it is kept: its type and public parameters.

    Raises InvalidInputError unless it is EC P-256, Ed25519, or RSA of 3072 to 8192 bits.
    """
    try:
        key = import_key(dict(jwk))
        if algorithms_of(key):
            return dict(key.as_dict(private=False))
    except (JoseError, ValueError, TypeError):
        pass
    raise invalid(
        "/jwk", "not a public key of EC P-256, Ed25519 or RSA of at least 3072 bits", "bad_key"
    )


def claimed_client_id(assertion: str) -> str:
    """Who the assertion says it is from, not verified; empty when it says nothing usable."""
    payload = assertion.split(".")[1:2]
    try:
        padded = payload[0] + "=" * (-len(payload[0]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
        return as_client_id(claims["sub"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def verify(
    assertion: str,
    *,
    client_id: str,
    public_key: Mapping[str, Any] | None,
    audience: str,
    at: datetime,
) -> VerifiedAssertion | None:
    """None when anything about it is wrong.

    The key, not the header, decides the algorithm: `none`, or a hash with the public key as its
    secret, cannot be chosen. public_key None: checked against nobody's key, which takes as long.
    """
    key = import_key(dict(public_key)) if public_key is not None else _nobodys_key()
    algorithms = algorithms_of(key)
    if not algorithms:  # kept from when shorter keys were taken; to the library, none means any
        return None
    claims_rules = JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=int(CLOCK_LEEWAY.total_seconds()),
        iss={"essential": True, "value": client_id},
        sub={"essential": True, "value": client_id},
        aud={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )
    try:
        claims = jwt.decode(assertion, key, algorithms=algorithms).claims
        claims_rules.validate(claims)
    except (JoseError, ValueError, TypeError, RecursionError):
        return None
    # One audience only: a login meant for somebody else too could be used by them.
    is_for_us = claims["aud"] in (audience, [audience])
    # Compared, not subtracted: a number too large for a float would raise.
    is_short = claims["exp"] <= (at + LONGEST_ASSERTION + CLOCK_LEEWAY).timestamp()
    jti = claims["jti"]
    has_plain_jti = jti.isascii() and jti.isprintable() and len(jti) <= 200
    if public_key is None or not (is_for_us and is_short and has_plain_jti):
        return None
    expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC) + CLOCK_LEEWAY
    return VerifiedAssertion(jti=jti, expires_at=expires_at)


def algorithms_of(key: Key) -> list[str]:
    """What this key may sign with; nothing for a kind or size that is not taken."""
    if isinstance(key, ECKey) and key.curve_name == "P-256":
        return ["ES256"]
    if isinstance(key, OKPKey) and key.curve_name == "Ed25519":
        return ["Ed25519"]
    if isinstance(key, RSAKey) and key.public_key.key_size in RSA_BITS:
        return ["PS256"]
    return []


@cache
def _nobodys_key() -> ECKey:
    return ECKey.generate_key("P-256")
