"""`Idempotency-Key`: the same key with the same body gets the same answer, also after a crash.

The answer is stored in the act's own transaction, so act and answer stand or fall together. It can
hold a receipt code of which the database otherwise keeps only a hash, so it is sealed under a key
that only the client's idempotency key gives.
"""

import copy
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from app.api.models import KeptAnswer
from app.core.clock import day_only
from app.core.errors import ConflictError, invalid
from app.core.rows import insert_row

_KEPT = select(KeptAnswer.body_hash, KeptAnswer.sealed_answer).where(
    KeptAnswer.key_hash == bindparam("key")
)
_TRY_LOCK = select(func.pg_try_advisory_xact_lock(bindparam("key")))
_NONCE = bytes(12)  # each sealing key seals exactly one answer, so the nonce may be fixed


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    etag: str | None


class IdempotencyKey:
    """One client's key, bound to who asks and what for."""

    def __init__(self, key: str, *, scope: str, body: bytes, is_of_staff: bool = False) -> None:
        self._is_of_staff = is_of_staff
        secret = f"{scope}\n{key}".encode()
        self.key_hash = _derive(secret, b"lookup").hex()
        self.body_hash = hashlib.sha256(body).hexdigest()
        self._cipher = AESGCM(_derive(secret, b"seal"))

    def for_body(self, body: bytes) -> "IdempotencyKey":
        """The same key, of another body."""
        found = copy.copy(self)
        found.body_hash = hashlib.sha256(body).hexdigest()
        return found

    def earlier_answer(self, session: Session) -> Answer | None:
        """The answer given before, None for a new key.

        Raises ConflictError while another process still works on it, InvalidInputError when the
        body is another one.
        """
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            lock = {"key": int(self.key_hash[:15], 16)}
            if not connection.execute(_TRY_LOCK, lock).scalar():
                raise _still_running()
        kept = connection.execute(_KEPT, {"key": self.key_hash}).one_or_none()
        if kept is None:
            return None
        if kept.body_hash != self.body_hash:
            raise invalid(
                "/header/Idempotency-Key",
                "this key was used with another body",
                "idempotency_key_reused",
            )
        if kept.sealed_answer is None:
            raise ConflictError(
                "This was done. Its answer is no longer shown: read the object again.",
                code="answer_withheld",
            )
        return Answer(**json.loads(self._cipher.decrypt(_NONCE, kept.sealed_answer, None)))

    def keep(self, session: Session, answer: Answer, *, at: datetime) -> None:
        """Keep the answer for at least a day; whole days, so that no exact time is left behind."""
        plain = json.dumps({"status": answer.status, "body": answer.body, "etag": answer.etag})
        insert_row(
            session,
            KeptAnswer,
            {
                "key_hash": self.key_hash,
                "body_hash": self.body_hash,
                "sealed_answer": self._cipher.encrypt(_NONCE, plain.encode(), None),
                "is_of_staff": self._is_of_staff,
                "expires_at": day_only(at) + timedelta(days=2),
            },
        )


class RunningKeys:
    """The keys this process is working on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[str] = set()

    @contextmanager
    def claim(self, key: IdempotencyKey) -> Iterator[None]:
        with self._lock:
            if key.key_hash in self._keys:
                raise _still_running()
            self._keys.add(key.key_hash)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key.key_hash)


def forget_expired(session: Session, *, at: datetime) -> None:
    session.execute(delete(KeptAnswer).where(KeptAnswer.expires_at < at))


def withhold_answers(session: Session) -> None:
    """Called when something is hidden from colleagues or a partner: a kept answer could still show
    it. Reporters keep theirs: nothing of their own is ever hidden from them."""
    session.execute(update(KeptAnswer).where(KeptAnswer.is_of_staff).values(sealed_answer=None))


def _still_running() -> ConflictError:
    return ConflictError(
        "The first request with this key is still being worked on.", code="still_running"
    )


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"bureau idempotency " + purpose).derive(secret)
