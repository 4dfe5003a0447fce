"""What an ID token of the provider says, once verified (OpenID Connect Core 1.0, 3.1.3.7)."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from app.identity.domain import CLOCK_LEEWAY
from app.identity.openid_provider import Tokens

PROVIDER_RSA_BITS = range(2048, 8193)
LONGEST_ID_TOKEN = 16_000
LONGEST_SUBJECT = 255
MOST_GROUPS = 1_000

KeyFinder = Callable[[str | None], Sequence[Key]]


class IdTokenError(Exception):
    """What is wrong with it, or with the answer that should have led to it, in a word."""


@dataclass(frozen=True)
class Expected:
    """shown_since: before that, who logs in must not have shown the provider who they are last.

    must_tell_when: a token that does not tell is refused.
    """

    nonce: str
    shown_since: datetime
    must_tell_when: bool


@dataclass(frozen=True)
class Identity:
    """groups: values of the claim that grants roles. methods: `acr` and `amr` values.

    shown_at: when the provider was shown who this is; None when it does not tell.
    """

    issuer: str
    subject: str
    name: str | None
    username: str | None
    groups: frozenset[str]
    acr: str | None
    amr: frozenset[str]
    shown_at: datetime | None


def verify(
    tokens: Tokens,
    expected: Expected,
    find_keys: KeyFinder,
    *,
    issuer: str,
    client_id: str,
    groups_claim: str,
    at: datetime,
) -> Identity:
    """Raises IdTokenError."""
    header, claims = _signed(tokens.id_token, find_keys)
    token = CodeIDToken(
        claims,
        header,
        options={
            "iss": {"essential": True, "value": issuer},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
        },
        params={
            "nonce": expected.nonce,
            "client_id": client_id,
            "access_token": tokens.access_token,
        },
    )
    try:
        token.validate(now=int(at.timestamp()), leeway=int(CLOCK_LEEWAY.total_seconds()))
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        claim = getattr(error, "claim", None)
        raise IdTokenError(str(claim or type(error).__name__)) from None
    # One audience only: a login meant for somebody else too could be used by them.
    if claims["aud"] not in (client_id, [client_id]):
        raise IdTokenError("aud")
    subject = claims["sub"]
    if not (subject.isascii() and subject.isprintable() and len(subject) <= LONGEST_SUBJECT):
        raise IdTokenError("sub")
    return Identity(
        issuer=issuer,
        subject=subject,
        name=_text(claims.get("name")),
        username=_text(claims.get("preferred_username")),
        groups=_texts(_inside(claims, groups_claim)),
        acr=_text(claims.get("acr")),
        amr=_texts(claims.get("amr")),
        shown_at=_shown_at(claims.get("auth_time"), expected, at),
    )


def _algorithms_of(key: Key) -> list[str]:
    """Providers have RSA keys of 2048 bits and sign by RS256, which OpenID Connect demands of
    all; the bureau cannot ask more of them, as it does of partners (`assertions.algorithms_of`)."""
    if isinstance(key, ECKey) and key.curve_name == "P-256":
        return ["ES256"]
    if isinstance(key, RSAKey) and key.public_key.key_size in PROVIDER_RSA_BITS:
        return ["RS256", "PS256"]
    return []


def _signed(id_token: str, find_keys: KeyFinder) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims. The key decides the algorithm, as for signed logins of partners."""
    if len(id_token) > LONGEST_ID_TOKEN:
        raise IdTokenError("too_long")
    for key in find_keys(_key_id(id_token)):
        algorithms = _algorithms_of(key)
        if not algorithms:
            continue
        try:
            found = jwt.decode(id_token, key, algorithms=algorithms)
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
        return dict(found.header), dict(found.claims)
    raise IdTokenError("signature")


def _key_id(id_token: str) -> str | None:
    head = id_token.partition(".")[0]
    try:
        key_id = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))).get("kid")
    except (ValueError, AttributeError, RecursionError):
        raise IdTokenError("header") from None
    return key_id if isinstance(key_id, str) else None


def _shown_at(auth_time: object, expected: Expected, at: datetime) -> datetime | None:
    if auth_time is None and not expected.must_tell_when:
        return None
    if isinstance(auth_time, bool) or not isinstance(auth_time, int | float):
        raise IdTokenError("auth_time")
    if not (expected.shown_since - CLOCK_LEEWAY).timestamp() <= auth_time:
        raise IdTokenError("auth_time_too_old")
    if not auth_time <= (at + CLOCK_LEEWAY).timestamp():
        raise IdTokenError("auth_time_to_come")
    return min(datetime.fromtimestamp(int(auth_time), UTC), at)


def _inside(claims: Mapping[str, Any], path: str) -> object:
    """The claim of this very name, else what lies inside by the parts between dots."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    return frozenset(text for text in values[:MOST_GROUPS] if isinstance(text, str))
