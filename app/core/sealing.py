"""Personal text is sealed at rest: AES-256-GCM under the data key of whom it belongs to.

Each report, case, partner and activity has a data key of its own, wrapped by a master key; what
belongs to the house itself (accounts, outgoing mail) has the house's. A sealed value is bound to
its table, column and row: moved elsewhere it does not open. Destroying a data key makes all that
was sealed with it unreadable, in every copy of the data.
"""

import base64
import secrets
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from cachetools import TTLCache
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Table,
    Text,
    bindparam,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.columns import PersonalText, SealedText
from app.core.errors import UnavailableError
from app.core.keys import KEY_BYTES, NONCE_BYTES, KeyTroubleError, MasterKeys, Wrapped
from app.core.models import Base

log = structlog.get_logger()

HOUSE = UUID(int=0)
"""Whom belongs to what belongs to nobody else: accounts, outgoing mail, bulletins."""

PREFIX = "s1:"
GONE = "x:"
"""Stands where a value was before it was disposed of; opens as the empty text."""
PADDED_TO = 32
"""Bytes: the length of what is sealed tells of it no more than this, "female" or "male" nothing."""

OPENED_SECONDS = 300
MOST_OPENED = 20_000


class DataKey(Base):
    """The key of one owner. Without a wrapped key it was destroyed: nothing is sealed or opened."""

    __tablename__ = "data_keys"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    master_id: Mapped[str] = mapped_column(String(40), index=True)
    wrapped: Mapped[str | None] = mapped_column(Text)


class MasterKeyCheck(Base):
    """A known text under each master key that this store was sealed with: tells a wrong key, and
    one that is lost, before anything is read or written."""

    __tablename__ = "master_key_checks"

    master_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    wrapped: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class Place:
    """Where a sealed value stands. owner_id: whose data key."""

    owner_id: UUID
    table: str
    column: str
    row: str

    def bound(self) -> bytes:
        return "\x1f".join((self.table, self.column, self.row)).encode()


class Vault:
    """Master keys and the data keys opened lately; one for each store, used by all threads."""

    def __init__(self, masters: MasterKeys) -> None:
        self.masters = masters
        self._opened: TTLCache[UUID, AESGCM] = TTLCache(MOST_OPENED, OPENED_SECONDS)
        self._lock = threading.Lock()

    def opened(self, owner_id: UUID) -> AESGCM | None:
        with self._lock:
            return self._opened.get(owner_id)

    def keep_open(self, owner_id: UUID, key: AESGCM) -> None:
        with self._lock:
            self._opened[owner_id] = key

    def forget(self, owner_id: UUID) -> None:
        with self._lock:
            self._opened.pop(owner_id, None)


@dataclass
class Sealer:
    """Seals and opens in one session.

    New keys stay with the session that made them: one that is rolled back leaves nothing with
    which a later act could seal.
    """

    vault: Vault
    _usable: dict[UUID, AESGCM] = field(default_factory=dict)

    def seal(self, connection: Connection, place: Place, text: str, *, is_new: bool) -> SealedText:
        """is_new: the owner is made in this act, so that it cannot have a key yet."""
        key = self._key_for_sealing(connection, place.owner_id, is_new=is_new)
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = key.encrypt(nonce, _padded(text), place.bound())
        return SealedText(text, PREFIX + base64.b64encode(nonce + sealed).decode())

    def open(self, connection: Connection, place: Place, sealed: str) -> str:
        """Raises UnavailableError when it does not open: altered, moved, or its key is gone."""
        if sealed == GONE:
            return ""
        if not sealed.startswith(PREFIX):
            raise self._trouble(place, "not_sealed")
        try:
            raw = base64.b64decode(sealed[len(PREFIX) :], validate=True)
        except ValueError:
            raise self._trouble(place, "damaged") from None
        nonce, body, bound = raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.bound()
        known = self._usable.get(place.owner_id) or self.vault.opened(place.owner_id)
        if known is not None:
            try:
                return _unpadded(known.decrypt(nonce, body, bound))
            except (InvalidTag, ValueError):
                self.vault.forget(place.owner_id)
        key = self._stored(connection, place.owner_id)
        if key is None:
            raise self._trouble(place, "without_key")
        self.vault.keep_open(place.owner_id, key)
        try:
            return _unpadded(key.decrypt(nonce, body, bound))
        except (InvalidTag, ValueError):
            raise self._trouble(place, "damaged") from None

    def fetch_keys(self, connection: Connection, owner_ids: Sequence[UUID]) -> None:
        """Have the keys of many owners at hand, with one statement: for reading many values."""
        missing = [owner_id for owner_id in owner_ids if self.vault.opened(owner_id) is None]
        query = select(DataKey.owner_id, DataKey.master_id, DataKey.wrapped).where(
            DataKey.owner_id.in_(missing), DataKey.wrapped.is_not(None)
        )
        with _keys_are_there():
            for row in connection.execute(query):
                wrapped = Wrapped(row.master_id, row.wrapped)
                key = self.vault.masters.unwrap(wrapped, row.owner_id.bytes)
                self.vault.keep_open(row.owner_id, AESGCM(key))

    def forget(self, owner_id: UUID) -> None:
        self._usable.pop(owner_id, None)
        self.vault.forget(owner_id)

    def _key_for_sealing(self, connection: Connection, owner_id: UUID, *, is_new: bool) -> AESGCM:
        key = self._usable.get(owner_id)
        if key is None and not is_new:
            key = self._stored(connection, owner_id)
        if key is None:
            key = self._new_key(connection, owner_id, is_new=is_new)
        self._usable[owner_id] = key
        return key

    def _new_key(self, connection: Connection, owner_id: UUID, *, is_new: bool) -> AESGCM:
        data_key = secrets.token_bytes(KEY_BYTES)
        with _keys_are_there():
            wrapped = self.vault.masters.wrap(data_key, owner_id.bytes)
        row = {"owner_id": owner_id, "master_id": wrapped.master_id, "wrapped": wrapped.text}
        if is_new:
            connection.execute(_INSERT, row)
            return AESGCM(data_key)
        # Two acts may give the same owner its first key at once.
        insert_into = (
            postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        )
        connection.execute(insert_into(DataKey).values(**row).on_conflict_do_nothing())
        key = self._stored(connection, owner_id)
        if key is None:
            raise UnavailableError("Its key was destroyed.", code="unreadable")
        return key

    def _stored(self, connection: Connection, owner_id: UUID) -> AESGCM | None:
        row = connection.execute(_SELECT, {"owner_id": owner_id}).one_or_none()
        if row is None or row.wrapped is None:
            return None
        with _keys_are_there():
            key = self.vault.masters.unwrap(Wrapped(row.master_id, row.wrapped), owner_id.bytes)
        return AESGCM(key)

    @staticmethod
    def _trouble(place: Place, why: str) -> UnavailableError:
        log.error("sealed_value", why=why, table=place.table, column=place.column, row=place.row)
        return UnavailableError(
            "A sealed value does not open; the log names it.", code="unreadable"
        )


_TABLE = DataKey.__table__
assert isinstance(_TABLE, Table)  # noqa: S101  (every model maps one table)
_INSERT = insert(_TABLE)
_SELECT = select(DataKey.master_id, DataKey.wrapped).where(
    DataKey.owner_id == bindparam("owner_id")
)


@contextmanager
def _keys_are_there() -> Iterator[None]:
    try:
        yield
    except KeyTroubleError as error:
        log.error("master_keys", trouble=str(error))
        raise UnavailableError("The master keys are not usable.", code="no_keys") from None


def sealer_of(session: Session) -> Sealer:
    """Raises RuntimeError in a session of a store that was opened without master keys."""
    found = session.info.get("sealer")
    if not isinstance(found, Sealer):
        raise RuntimeError("this store was opened without master keys")
    return found


def destroy_key(session: Session, owner_id: UUID) -> None:
    """What was sealed for this owner opens no more; nothing is sealed for it either."""
    session.execute(update(DataKey).where(DataKey.owner_id == owner_id).values(wrapped=None))
    sealer_of(session).forget(owner_id)


def gone() -> ColumnElement[str]:
    """What is written over a value of a `PersonalText` column that is disposed of."""
    return literal(SealedText("", GONE), PersonalText())


def _padded(text: str) -> bytes:
    plain = text.encode()
    length = struct.pack(">I", len(plain))
    return length + plain + b"\0" * (-(len(plain) + len(length)) % PADDED_TO)


def _unpadded(padded: bytes) -> str:
    (length,) = struct.unpack_from(">I", padded)
    return padded[4 : 4 + length].decode()
