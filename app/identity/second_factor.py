"""The second factor of a partner's people: codes by time (TOTP, RFC 6238), and recovery codes."""

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
    """80 random bits each, in four groups."""
    return [_grouped(secrets.token_bytes(10)) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """Typed by hand: case, spaces and hyphens do not count."""
    return token_hash("".join(c for c in code.lower() if c.isalnum()))


def _grouped(random: bytes) -> str:
    text = base64.b32encode(random).decode().lower()
    return "-".join(text[n : n + 4] for n in range(0, len(text), 4))
