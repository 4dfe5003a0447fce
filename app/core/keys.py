"""Master keys: they wrap the data keys, and nothing else. Several at once during a change."""

import base64
import binascii
import os
import re
import secrets
import threading
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
_LINE = re.compile(r"([A-Za-z0-9._-]{1,40}):([A-Za-z0-9+/]{43}=)")


class KeyTroubleError(Exception):
    """The master keys cannot be used; the message says why and what to do, never a key."""


@dataclass(frozen=True)
class Wrapped:
    """A data key as it may lie in a store. master_id: the key that opens it."""

    master_id: str
    text: str


class MasterKeys(Protocol):
    """The port to what holds the master keys: here a file or the environment, elsewhere a KMS."""

    def current(self) -> str:
        """The id of the key that wraps from now on."""

    def known(self) -> list[str]:
        """The ids of all keys that can open, the current one first."""

    def wrap(self, data_key: bytes, context: bytes) -> Wrapped:
        """Under the current key. context: what the data key is for; needed to open it again."""

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        """Raises KeyTroubleError when the key is unknown, or does not open this."""


class GivenKeys:
    """Master keys from a text: one `id:key` a line (or between commas), the current one first."""

    def __init__(self, text: str) -> None:
        self._keys = parse_keys(text)

    def current(self) -> str:
        return self.known()[0]

    def known(self) -> list[str]:
        return list(self._keys)

    def wrap(self, data_key: bytes, context: bytes) -> Wrapped:
        master_id = self.current()
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._keys[master_id]).encrypt(nonce, data_key, context)
        return Wrapped(master_id, base64.b64encode(nonce + sealed).decode())

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        key = self._keys.get(wrapped.master_id)
        if key is None:
            raise KeyTroubleError(f"The master key {wrapped.master_id} is not there.")
        sealed = base64.b64decode(wrapped.text)
        try:
            return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
        except InvalidTag:
            raise KeyTroubleError(
                f"The master key {wrapped.master_id} is another one than the store was sealed with."
            ) from None


class KeyFile(GivenKeys):
    """Master keys in a file that only its owner may read; read anew when it changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._keys = {}

    def known(self) -> list[str]:
        self._read()
        return list(self._keys)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        if wrapped.master_id not in self._keys:
            self._read()
        return super().unwrap(wrapped, context)

    def _read(self) -> None:
        with self._lock:
            try:
                found = self.path.stat()
                if (found.st_mtime_ns, found.st_ino) == self._seen:
                    return
                self._keys = parse_keys(self.path.read_text(encoding="ascii"))
            except (FileNotFoundError, UnicodeDecodeError):
                raise KeyTroubleError(f"There are no master keys in {self.path}.") from None
            self._seen = (found.st_mtime_ns, found.st_ino)


def parse_keys(text: str) -> dict[str, bytes]:
    """Raises KeyTroubleError that names the line, not the key."""
    keys: dict[str, bytes] = {}
    for number, line in enumerate(re.split(r"[\n,]", text), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        try:
            key = base64.b64decode(match[2], validate=True) if match else b""
        except binascii.Error:
            key = b""
        if match is None or len(key) != KEY_BYTES or match[1] in keys:
            raise KeyTroubleError(f"Line {number} of the master keys is not `id:key`, once each.")
        keys[match[1]] = key
    if not keys:
        raise KeyTroubleError("There is no master key.")
    return keys


def new_key_line(today: date, taken: Collection[str] = ()) -> str:
    """A new master key as a line; its id is the day and four digits by chance."""
    while (master_id := f"{today:%Y-%m-%d}-{secrets.token_hex(2)}") in taken:
        pass
    return f"{master_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def create_key_file(path: Path, today: date) -> bool:
    """Make a file with a first key, readable by its owner alone. False when there is one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(new_key_line(today) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def write_key_file(path: Path, lines: list[str]) -> None:
    """Put these lines in place of the file in one step."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
