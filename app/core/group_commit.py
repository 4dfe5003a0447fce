"""One commit for all who are waiting: a sync to the disk costs as much as all the rest of an act.

Acts run one after the other on one connection, each in a savepoint. Who ends and sees others wait
leaves the commit to the last of them, and returns when that is done. Nobody waits for company:
an act that nobody waits behind commits at once.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

MOST_ACTS = 64
"""Acts in one commit at most, so that the first of them does not wait long."""


@dataclass
class _Group:
    """acts: those that ended well. is_kept: whether they are on the disk, once it is over."""

    connection: Connection
    acts: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)
    is_kept: bool = False


class GroupCommit:
    """Transactions on the one connection of an engine that may write to SQLite.

    wait_seconds: for the turn, then sqlalchemy.exc.TimeoutError.
    is_sound: asked after each commit; when it says no, the commit counts for nothing.
    """

    def __init__(
        self, engine: Engine, *, wait_seconds: float, is_sound: Callable[[], bool]
    ) -> None:
        self._engine = engine
        self._wait_seconds = wait_seconds
        self._is_sound = is_sound
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes are on the disk when the block ends, or nowhere if it raised."""
        self._wait_for_turn()
        try:
            group = self._group or self._open()
            has_ended_well = False
            try:
                with Session(
                    group.connection,
                    expire_on_commit=False,
                    join_transaction_mode="create_savepoint",
                ) as session:
                    yield session
                    session.commit()
                group.acts += 1
                has_ended_well = True
            finally:
                self._end_or_hand_over(group)
        finally:
            self._turn.release()
        if has_ended_well:
            group.is_over.wait()
            if not group.is_kept:
                raise OperationalError("COMMIT", None, Exception("the commit failed"))

    def _wait_for_turn(self) -> None:
        with self._count:
            self._waiting += 1
        has_turn = self._turn.acquire(timeout=self._wait_seconds)
        with self._count:
            self._waiting -= 1
        if not has_turn:
            raise PoolTimeoutError("others write for too long")

    def _open(self) -> _Group:
        connection = self._engine.connect()
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        self._group = _Group(connection)
        return self._group

    def _end_or_hand_over(self, group: _Group) -> None:
        # SQLite undoes the whole transaction by itself when the disk is full or fails.
        is_whole = bool(getattr(group.connection.connection, "in_transaction", False))
        if is_whole and self._waiting and group.acts < MOST_ACTS:
            return
        self._group = None
        try:
            if group.acts and is_whole:
                group.connection.commit()
                group.is_kept = self._is_sound()
            else:
                group.connection.rollback()
        except SQLAlchemyError:
            group.connection.invalidate()  # a commit that failed may leave it in its transaction
            raise
        finally:
            group.is_over.set()
            group.connection.close()
