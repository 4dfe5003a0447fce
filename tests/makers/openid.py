"""Logging in at a provider of identities: a real one, and one that can lie."""

import hmac
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.util import urlsafe_b64encode
from pydantic import SecretStr

from app.api.acts import Runtime
from app.core import clock
from app.core.access import Role
from app.identity.openid_provider import OpenIdProvider
from app.main import create_app
from app.settings import Settings
from tests.makers.tour import V1, done

ROOT = Path(__file__).resolve().parents[2]
CLIENT_ID = "bureau"
SECRET = "shared with the provider"
PAGE = "https://bureau.example/openid"
ISSUER = "https://provider.example"


def openid_settings(settings: Settings, issuer: str, **more: Any) -> Settings:
    return settings.model_copy(
        update={
            "openid_client_id": CLIENT_ID,
            "openid_client_secret": SecretStr(SECRET),
            "openid_issuer": issuer,
            "openid_redirect_url": PAGE,
            "openid_roles": {
                "handlers": (Role.CASE_MANAGER,),
                "heads": (Role.COORDINATOR, Role.ANALYST),
                "ict": (Role.ADMIN,),
            },
            "openid_acr_values": ("urn:strong",),
        }
        | more
    )


@contextmanager
def running_provider(folder: Path) -> Iterator[str]:
    """The issuer of a real provider; its certificate is provider.pem in the folder."""
    command = ["-m", "tests.makers.openid_process", str(folder), CLIENT_ID, SECRET, PAGE]
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()
        process.stdout and process.stdout.close()


@dataclass
class Lying:
    """A provider in this process. What is set in `claims` and `header` stands in its ID tokens
    instead of the truth; None leaves it out. `told`: what stands in its metadata."""

    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    published: list[Key] = field(default_factory=list)
    id_token: str | None = None
    is_down: bool = False
    asked: list[str] = field(default_factory=list)
    begun: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.published = self.published or [self.key]

    def application(self, settings: Settings, **more: Any) -> FastAPI:
        """One that uses this provider."""
        application = create_app(openid_settings(settings, ISSUER, **more))
        self.serve(application)
        return application

    def serve(self, application: FastAPI) -> None:
        """From now on the application asks this provider, whatever its settings were."""
        runtime: Runtime = application.state.runtime
        if runtime.settings.openid_issuer is None:
            runtime.settings = openid_settings(runtime.settings, ISSUER)
        application.state.openid = OpenIdProvider(
            runtime.settings, transport=httpx.MockTransport(self._answer)
        )

    def browse(self, begun: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Somebody logs in; what the bureau is then told."""
        query = dict(parse_qsl(urlsplit(begun["authorization_url"]).query))
        code = secrets.token_urlsafe(16)
        self.begun[code] = query
        came = {"token": begun["token"], "code": code, "state": query["state"], "iss": ISSUER}
        return came | changed

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.is_down:
            raise httpx.ConnectError("down")
        if request.url.path.endswith("openid-configuration"):
            metadata = {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            }
            return httpx.Response(200, json=metadata | self.told)
        if request.url.path == "/keys":
            keys = [key.as_dict(private=False) for key in self.published]
            return httpx.Response(200, json={"keys": keys})
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        query = self.begun.pop(form["code"], None)
        challenge = create_s256_code_challenge(form["code_verifier"])  # type: ignore[no-untyped-call]
        if query is None or challenge != query["code_challenge"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        id_token = self.id_token or self._signed(query["nonce"])
        return httpx.Response(200, json={"id_token": id_token, "access_token": "opaque"})

    def _signed(self, nonce: str) -> str:
        now = int(clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "1234",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "auth_time": now,
            "roles": ["handlers"],
            "name": "Fatma",
        } | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        algorithm = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        header = {"alg": algorithm, "kid": self.key.kid} | self.header
        return jwt.encode(
            {name: value for name, value in header.items() if value is not None},
            kept,
            self.key,
            algorithms=[str(header["alg"])],
        )


def begin(client: TestClient, path: str = "auth/openid") -> dict[str, Any]:
    begun: dict[str, Any] = done(client.post(f"{V1}/{path}/authorization"))
    return begun


def by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None = None) -> str:
    """What no library would make: signed with HMAC by any secret, or by nothing."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
    signed = b".".join(parts)
    signature = hmac.new(secret, signed, "sha256").digest() if secret is not None else b""
    return (signed + b"." + urlsafe_b64encode(signature)).decode()
