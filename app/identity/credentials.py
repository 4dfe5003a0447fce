"""Passwords, which are hashed slowly, and random tokens, which need not be."""

import hashlib
import secrets
from dataclasses import dataclass
from functools import cache

from pwdlib import PasswordHash


@dataclass(frozen=True)
class IssuedToken:
    access_token: str
    expires_in_seconds: int


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """Slow by intent (argon2): never inside a transaction of many."""
    return _hasher().hash(password)


@dataclass(frozen=True)
class PasswordCheck:
    """renewed_hash: of the right password by the parameters of today, where the stored one has
    others; the caller keeps it."""

    is_right: bool
    renewed_hash: str | None


def check_password(password: str, stored: str | None) -> PasswordCheck:
    """stored: the hash; None when nobody has this name, which then takes as long to refuse."""
    is_right, renewed = _hasher().verify_and_update(password, stored or _nobodys_hash())
    if not stored:
        return PasswordCheck(is_right=False, renewed_hash=None)
    return PasswordCheck(is_right, renewed)


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """A random token needs no slow hash: it cannot be guessed from a list."""
    return hashlib.sha256(token.encode()).hexdigest()
