"""A real OpenID provider (pyop) on a free port of this machine, for tests; a process of its own.

With the arguments FOLDER CLIENT_ID CLIENT_SECRET REDIRECT_URL it writes its certificate to the
folder, prints its issuer and serves until it is ended. Instead of a page to log in, `/authorize`
takes the header `X-Person`. Tests steer it with PUT /people/ID (claims; `shown_seconds_ago`: age of
the login at the provider) and POST /rotation.
"""

import json
import ssl
import sys
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from Cryptodome.PublicKey import RSA
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jwkest.jwk import RSAKey
from pyop.authz_state import AuthorizationState
from pyop.exceptions import OAuthError
from pyop.provider import Provider
from pyop.subject_identifier import HashBasedSubjectIdentifierFactory
from pyop.userinfo import Userinfo


class House:
    """The provider, who its people are, and when each was last asked for the password."""

    def __init__(self, issuer: str, client_id: str, secret: str, redirect_url: str) -> None:
        self.issuer = issuer
        self.people: dict[str, dict[str, Any]] = {}
        self.shown_at: dict[str, float] = {}
        self._keys = 0
        self.provider = Provider(
            self.new_key(),
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            },
            AuthorizationState(HashBasedSubjectIdentifierFactory("salt")),
            {
                client_id: {
                    "client_secret": secret,
                    "redirect_uris": [redirect_url],
                    "response_types": ["code"],
                    "token_endpoint_auth_method": "client_secret_basic",
                }
            },
            Userinfo(self.people),
            id_token_lifetime=300,
        )

    def new_key(self) -> RSAKey:
        self._keys += 1
        return RSAKey(key=RSA.generate(2048), kid=f"key-{self._keys}", use="sig", alg="RS256")

    def authorize(self, query: str, person: str) -> str:
        """Where the browser is sent back to."""
        request = self.provider.parse_authentication_request(query)
        age = time.time() - self.shown_at.get(person, 0.0)
        if request.get("prompt") == ["login"] or age > float(request.get("max_age", 1e12)):
            self.shown_at[person] = time.time()
        answer = self.provider.authorize(request, person).to_dict() | {"iss": self.issuer}
        return f"{request['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, form: str, authorization: str) -> dict[str, Any]:
        def claims(person: str, _client: str) -> dict[str, Any]:
            told = {k: v for k, v in self.people[person].items() if k != "sub"}
            return told | {"auth_time": int(self.shown_at[person])}

        headers = {"Authorization": authorization}
        found: dict[str, Any] = self.provider.handle_token_request(form, headers, claims).to_dict()
        return found


class Handler(BaseHTTPRequestHandler):
    house: House

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, urlsplit(self.path).query
        if path == "/.well-known/openid-configuration":
            self._send(200, self.house.provider.provider_configuration.to_dict())
        elif path == "/keys":
            self._send(200, self.house.provider.jwks)
        elif path == "/authorize":
            self._send(302, {}, self.house.authorize(query, self.headers["X-Person"]))
        else:
            self._send(404, {})

    def do_POST(self) -> None:
        body = self._body()
        if self.path == "/rotation":
            self.house.provider.signing_key = self.house.new_key()
            return self._send(200, {})
        try:
            found = self.house.exchange(body, self.headers.get("Authorization", ""))
        except OAuthError as error:
            return self._send(400, {"error": error.oauth_error})
        return self._send(200, found)

    def do_PUT(self) -> None:
        person, told = self.path.rpartition("/")[2], json.loads(self._body())
        if "shown_seconds_ago" in told:
            self.house.shown_at[person] = time.time() - told.pop("shown_seconds_ago")
        self.house.people[person] = told
        self._send(200, {})

    def log_message(self, *_arguments: object) -> None:
        """Silent."""

    def _body(self) -> str:
        return self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()

    def _send(self, status: int, found: dict[str, Any], location: str = "") -> None:
        body = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)


def certificate(folder: Path) -> Path:
    """For 127.0.0.1, by itself; beside it its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider of tests")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "provider.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    file.with_suffix(".key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    file = certificate(Path(sys.argv[1]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, file.with_suffix(".key"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Handler.house = House(f"https://127.0.0.1:{server.server_port}", *sys.argv[2:5])
    print(Handler.house.issuer, flush=True)  # noqa: T201
    server.serve_forever()
