"""The key that signs checkpoints: Ed25519, in a PEM file that only the service may read."""

import contextlib
import os
import tempfile
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


class CheckpointKeyError(Exception):
    """The key file cannot be used; the message says what to do."""


def load_or_make_key(path: Path) -> Ed25519PrivateKey:
    """The key in this file, made now if there is none. Two that start at once get the same."""
    if not path.exists():
        _make(path)
    return load_key(path)


def load_key(path: Path) -> Ed25519PrivateKey:
    """Raises CheckpointKeyError when the file is missing or holds another kind of key."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise CheckpointKeyError(
            f"{path} is no readable Ed25519 key in PEM form. It is made at the first start;"
            " name another file with BUREAU_CHECKPOINT_KEY."
        )
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Raises CheckpointKeyError."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise CheckpointKeyError(f"{path} is no Ed25519 public key in PEM form.")
    return key


def public_pem(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(key: Ed25519PublicKey) -> str:
    """Sixteen hexadecimal digits that name a public key."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    handle, whole = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # made with 0600
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(whole, path)
    Path(whole).unlink()
