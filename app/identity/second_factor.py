"""Second factors: codes by time (TOTP, RFC 6238), and recovery codes."""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp

from app.identity.credentials import token_hash

STEP_SECONDS = 30
RECOVERY_CODES = 10


def new_secret() -> str:
    """160 random bits, base32."""
    return pyotp.random_base32()


def otpauth_uri(secret: str, *, username: str, issuer: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(
        name=username, issuer_name=issuer
    )


def is_time_code(code: str) -> bool:
    """Six digits; anything else is a recovery code."""
    return len(code) == 6 and code.isascii() and code.isdigit()


def matching_step(secret: str, code: str, *, at: datetime) -> int | None:
    """The time step that this code belongs to: the present one or a neighbour, None for none."""
    present = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    matches = [
        step
        for step in (present - 1, present, present + 1)
        if hmac.compare_digest(totp.generate_otp(step), code)
    ]
    return matches[-1] if matches else None


def new_recovery_codes() -> list[str]:
    """130 random bits each (26 characters of base32), in groups: past guessing, so that a plain
    hash is enough (ASVS 6.5.2, 11.5.1)."""
    return [_grouped(_random_text()) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """Typed by hand: case, spaces and hyphens do not count."""
    return token_hash("".join(c for c in code.lower() if c.isalnum()))


def _random_text() -> str:
    # 17 bytes make 28 characters, of which the last holds one bit alone.
    return base64.b32encode(secrets.token_bytes(17)).decode().rstrip("=").lower()[:26]


def _grouped(text: str) -> str:
    return "-".join(text[n : n + 4] for n in range(0, len(text), 4))
