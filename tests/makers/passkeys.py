"""A device that makes passkeys, in software: real keys, real signatures, no attestation."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url, encode_cbor

from app.settings import Settings

ORIGIN = str(Settings.model_fields["public_url"].default)
HOST = "127.0.0.1"

PRESENT = 0x01
WITH_KEY = 0x40


@dataclass
class Device:
    """One passkey. count: of its signatures, raised by each."""

    origin: str = ORIGIN
    host: str = HOST
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def enrol(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` would give."""
        numbers = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        known_as = struct.pack(">H", len(self.credential_id)) + self.credential_id
        tail = bytes(16) + known_as + encode_cbor(cose)
        attestation = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._data(PRESENT | WITH_KEY) + tail,
        }
        return self._credential(
            {
                "clientDataJSON": self._client_data("webauthn.create", options["challenge"]),
                "attestationObject": encode_cbor(attestation),
            }
        )

    def answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` would give."""
        self.count += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data(PRESENT)
        signed = data + hashlib.sha256(client_data).digest()
        return self._credential(
            {
                "clientDataJSON": client_data,
                "authenticatorData": data,
                "signature": self.key.sign(signed, ec.ECDSA(SHA256())),
            }
        )

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([flags]) + struct.pack(">I", self.count)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(told).encode()

    def _credential(self, response: dict[str, bytes]) -> dict[str, Any]:
        credential_id = bytes_to_base64url(self.credential_id)
        return {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "response": {name: bytes_to_base64url(part) for name, part in response.items()},
            "clientExtensionResults": {},
        }
