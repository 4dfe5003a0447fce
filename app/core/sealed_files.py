"""Files sealed in parts, so that one of any size is sealed and opened in little memory.

AES-256-GCM over parts of 64 KiB. The nonce of a part holds its number and whether it is the last,
after a prefix by chance (the STREAM construction): parts cannot be swapped, left out, or cut off at
the end. Each file has a key of its own and its id is bound to every part.
"""

import base64
import secrets
import struct
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
PART_BYTES = 64 * 1024
TAG_BYTES = 16
PREFIX_BYTES = 7


class DamagedFileError(Exception):
    """A stored file was altered, cut, or is another one."""


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


class SealedWriter:
    """Seals what is written to it. The file is whole only after `end`."""

    def __init__(self, out: BinaryIO, key: str, name: bytes) -> None:
        """name: what the file is called in its store; needed to open it again."""
        self._out, self._name = out, name
        self._cipher, self._prefix = (
            AESGCM(base64.b64decode(key)),
            secrets.token_bytes(PREFIX_BYTES),
        )
        self._number = 0
        self._waiting = bytearray()
        out.write(self._prefix)

    def write(self, plain: bytes) -> None:
        self._waiting += plain
        while len(self._waiting) > PART_BYTES:
            self._put(bytes(self._waiting[:PART_BYTES]), is_last=False)
            del self._waiting[:PART_BYTES]

    def end(self) -> None:
        self._put(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _put(self, part: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, is_last=is_last)
        self._out.write(self._cipher.encrypt(nonce, part, self._name))
        self._number += 1


def seal(plain: BinaryIO, out: BinaryIO, key: str, name: bytes) -> None:
    """name: as for SealedWriter."""
    writer = SealedWriter(out, key, name)
    while part := plain.read(PART_BYTES):
        writer.write(part)
    writer.end()


def opened(sealed: BinaryIO, key: str, name: bytes) -> Iterator[bytes]:
    """The plain parts; closes the file. Raises DamagedFileError before a wrong part is given."""
    cipher = AESGCM(base64.b64decode(key))
    with sealed:
        prefix = sealed.read(PREFIX_BYTES)
        for number, (part, is_last) in enumerate(_parts(sealed, PART_BYTES + TAG_BYTES)):
            try:
                yield cipher.decrypt(_nonce(prefix, number, is_last=is_last), part, name)
            except (InvalidTag, ValueError):
                raise DamagedFileError("a stored file does not open") from None


def _parts(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """(part, whether it is the last); an empty file has one empty part."""
    part = file.read(size)
    while True:
        following = file.read(size)
        yield part, not following
        if not following:
            return
        part = following


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    if len(prefix) != PREFIX_BYTES:
        raise ValueError("cut off")
    return prefix + struct.pack(">I?", number, is_last)
