"""What is asked of the provider of identities: its metadata, its keys, tokens for a code.

Sources: OpenID Connect Discovery 1.0, RFC 6749, 7636 (PKCE), 9207 (`iss`). Never inside a
transaction: an answer may take seconds.
"""

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

import httpx
import structlog
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from app.core.errors import UnavailableError
from app.openid_settings import is_safe_url
from app.settings import Settings

log = structlog.get_logger()

ANSWER_SECONDS = 5.0
"""For each step of a call; a whole call takes twice as long at most."""

MOST_BYTES = 256 * 1024
METADATA_SECONDS = 600.0
RETRY_SECONDS = 5.0
"""After a failure nobody asks again for so long: those who log in must not queue for threads."""

MOST_KEYS = 100


class RefusedCodeError(Exception):
    """The provider takes this code for wrong, used before or too old."""


@dataclass(frozen=True)
class Metadata:
    """names_issuer: whether its answers carry `iss`."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    client_known_by: Literal["header", "form"]
    names_issuer: bool


@dataclass(frozen=True)
class Tokens:
    id_token: str
    access_token: str


@dataclass(frozen=True)
class AuthorizationRequest:
    """max_age: seconds since somebody last showed the provider who they are.

    is_anew: they show it again even so.
    """

    state: str
    nonce: str
    verifier: str
    max_age: int
    is_anew: bool


class OpenIdProvider:
    """One provider, by the settings; shared by all threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = settings.openid_issuer or ""
        self.client_id = settings.openid_client_id or ""
        self._settings = settings
        self._now = now
        self._lock = threading.Lock()
        self._metadata: Metadata | None = None
        self._keys: dict[str | None, list[Key]] = {}
        self._read_at = 0.0
        self._failed_at: float | None = None
        self._client = httpx.Client(
            transport=transport,
            verify=ssl.create_default_context(),  # the authorities that the system trusts
            timeout=ANSWER_SECONDS,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={
                "User-Agent": "bureau",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            },
        )

    def authorization_url(self, request: AuthorizationRequest) -> str:
        """Where the browser goes. Raises UnavailableError."""
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self._settings.openid_page,
            "scope": " ".join(self._settings.openid_scopes),
            "state": request.state,
            "nonce": request.nonce,
            "code_challenge": _challenge(request.verifier),
            "code_challenge_method": "S256",
            "max_age": str(request.max_age),
        }
        if request.is_anew:
            parameters["prompt"] = "login"
        if self._settings.openid_acr_values:
            parameters["acr_values"] = " ".join(self._settings.openid_acr_values)
        endpoint = self.metadata().authorization_endpoint
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(parameters)}"

    def is_from_here(self, issuer: str | None) -> bool:
        """Whether an answer with this `iss` may be this provider's, and not another's."""
        if issuer is None:
            return not self.metadata().names_issuer
        return issuer == self.issuer

    def exchange(self, code: str, verifier: str) -> Tokens:
        """Raises RefusedCodeError, UnavailableError."""
        metadata = self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.openid_page,
            "code_verifier": verifier,
        }
        secret = self._settings.openid_secret
        auth = None
        if metadata.client_known_by == "form":
            form |= {"client_id": self.client_id, "client_secret": secret}
        else:  # RFC 6749, 2.3.1: both are encoded first
            auth = httpx.BasicAuth(quote(self.client_id, safe=""), quote(secret, safe=""))
        status, found = self._call("POST", metadata.token_endpoint, data=form, auth=auth)
        # Some say invalid_request for a PKCE verifier that does not fit.
        if status == 400 and found.get("error") in ("invalid_grant", "invalid_request"):
            raise RefusedCodeError
        if status != 200:
            raise _unavailable("token_refused", status=status)
        id_token, access_token = found.get("id_token"), found.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise _unavailable("no_tokens")
        return Tokens(id_token, access_token)

    def keys(self, key_id: str | None) -> list[Key]:
        """Those of this id, None: all of them. One that is not known is asked for, once."""
        self.metadata()
        with self._lock:
            if key_id is not None and key_id not in self._keys:
                self._read(is_anew=True)
            if key_id is None:
                return [key for keys in self._keys.values() for key in keys]
            return list(self._keys.get(key_id, ()))

    def metadata(self) -> Metadata:
        """Raises UnavailableError."""
        with self._lock:
            if self._metadata is None or self._now() - self._read_at > METADATA_SECONDS:
                self._read()
            assert self._metadata is not None  # noqa: S101  (read, or raised)
            return self._metadata

    def _read(self, *, is_anew: bool = False) -> None:
        """The lock is held: of many who log in at once, one asks."""
        now = self._now()
        if not is_anew and self._failed_at is not None and now - self._failed_at < RETRY_SECONDS:
            raise UnavailableError("The provider of identities does not answer.", code=DOWN)
        try:
            found = self._get(get_well_known_url(self.issuer, external=True))
            metadata = _checked(found, self.issuer)
            self._keys = _signing_keys(self._get(metadata.jwks_uri))
        except UnavailableError:
            self._failed_at = self._now()  # not when it began: those who waited must not ask too
            raise
        self._metadata, self._read_at, self._failed_at = metadata, now, None

    def _get(self, url: str) -> dict[str, Any]:
        status, found = self._call("GET", url)
        if status != 200:
            raise _unavailable("no_answer", status=status)
        return found

    def _call(self, method: str, url: str, **how: Any) -> tuple[int, dict[str, Any]]:
        """Status and JSON object. Neither what is sent nor what comes back is ever logged."""
        until = self._now() + 2 * ANSWER_SECONDS
        body = b""
        try:
            with self._client.stream(method, url, **how) as response:
                for part in response.iter_bytes():
                    body += part
                    if len(body) > MOST_BYTES or self._now() > until:
                        raise _unavailable("too_long")
            found = json.loads(body)
        except httpx.HTTPError as error:
            raise _unavailable(type(error).__name__) from None
        except (ValueError, RecursionError):
            raise _unavailable("no_json", status=response.status_code) from None
        if not isinstance(found, dict):
            raise _unavailable("no_object")
        return response.status_code, found


DOWN = "provider_unavailable"

_challenge: Callable[[str], str] = create_s256_code_challenge  # typed here, not there


def _unavailable(problem: str, **more: int) -> UnavailableError:
    log.error("openid_provider", problem=problem, **more)
    return UnavailableError("The provider of identities does not answer.", code=DOWN)


def _checked(found: Mapping[str, Any], issuer: str) -> Metadata:
    """Raises UnavailableError for the metadata of another, or what the bureau cannot use safely."""
    if found.get("issuer") != issuer:
        raise _unavailable("another_issuer")
    urls = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    authorization, token, jwks = (u if isinstance(u, str) and is_safe_url(u) else "" for u in urls)
    if not (authorization and token and jwks):
        raise _unavailable("unsafe_endpoints")
    challenges = found.get("code_challenge_methods_supported")
    if challenges is not None and "S256" not in challenges:
        raise _unavailable("no_pkce")
    ways = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if not {"client_secret_basic", "client_secret_post"} & set(ways):
        raise _unavailable("no_client_secret")
    return Metadata(
        authorization_endpoint=authorization,
        token_endpoint=token,
        jwks_uri=jwks,
        client_known_by="header" if "client_secret_basic" in ways else "form",
        names_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _signing_keys(found: Mapping[str, Any]) -> dict[str | None, list[Key]]:
    """By id; what is no public key for signatures is left out."""
    keys: dict[str | None, list[Key]] = {}
    listed = found.get("keys")
    for jwk in listed[:MOST_KEYS] if isinstance(listed, list) else ():
        if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig" or jwk.get("kty") == "oct":
            continue
        try:
            key = import_key(jwk)
        except (JoseError, ValueError, TypeError):
            continue
        key_id = jwk.get("kid")
        keys.setdefault(key_id if isinstance(key_id, str) else None, []).append(key)
    return keys
