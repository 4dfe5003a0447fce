"""Passwords, which are hashed slowly, and random tokens, which need not be."""

import hashlib
import secrets
from dataclasses import dataclass
from functools import cache

from pwdlib import PasswordHash

NO_PASSWORD = ""
"""In the place of a hash: this account logs in elsewhere, no password opens it."""


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


def is_password(password: str, stored: str | None) -> bool:
    """stored: the hash; None or NO_PASSWORD: nobody's, which takes as long to refuse."""
    is_right = _hasher().verify(password, stored or _nobodys_hash())
    return is_right and bool(stored)


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """A random token needs no slow hash: it cannot be guessed from a list."""
    return hashlib.sha256(token.encode()).hexdigest()
