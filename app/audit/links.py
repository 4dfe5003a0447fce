"""The hashes of the chain.

    commitment = SHA-256(salt, version byte, columns, details)
    link       = SHA-256(previous link, position as 8 bytes big-endian, commitment)

columns: id, at, event, actor_kind, actor_id, surface, object_kind, object_id of the entry, each as
its length in bytes, a colon and its UTF-8 text, or `-` when absent; ids are 32 hexadecimal digits,
`at` is `YYYY-MM-DD HH:MM:SS.ffffff` in UTC. details: the same, of JSON with sorted keys and without
blanks. The salt is 16 random bytes: who has the commitment alone cannot try likely entries.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256

VERSION = b"\x01"
START = bytes(32)
"""The link before the first."""
SALT_BYTES = 16
HELD_BACK = timedelta(hours=25)


def sealable_at(at: datetime) -> datetime:
    """When an entry of this time may be chained. at: in UTC.

    One that is kept to the day waits until the day is over for an hour: between entries whose time
    is known, its place would tell the time that the bureau promised to forget.
    """
    return at + HELD_BACK if at.time() == time() else at


def commitment(salt: bytes, columns: bytes, details: bytes | None) -> bytes:
    """Raises ValueError when details is no JSON or the salt has not its length."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt of another length")
    return sha256(salt + VERSION + columns + canonical(details)).digest()


def link(previous: bytes, position: int, of: bytes) -> bytes:
    return sha256(previous + position.to_bytes(8, "big") + of).digest()


@lru_cache(maxsize=20_000)  # the same few codes and counts stand in most entries
def canonical(details: bytes | None) -> bytes:
    if details is None:
        return b"-"
    text = json.dumps(
        json.loads(details), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    return b"%d:%b" % (len(text), text)


def salts(count: int) -> Iterator[bytes]:
    drawn = os.urandom(SALT_BYTES * count)
    return (drawn[i : i + SALT_BYTES] for i in range(0, len(drawn), SALT_BYTES))
