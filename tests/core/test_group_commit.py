"""Acts that share a commit stay acts of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.core import clock
from app.core.database import Database
from app.identity.models import StaffAccount


def _account(username: str) -> StaffAccount:
    return StaffAccount(
        username=username, display_name="Made up", password_hash="x", created_at=clock.now()
    )


def _names(database: Database) -> list[str]:
    with database.snapshot() as session:
        return sorted(session.scalars(select(StaffAccount.username)))


def _all_at_once(database: Database, acts: list[Callable[[Any], None]]) -> list[Future[None]]:
    """Run the acts so that all others wait while the first is in its transaction."""
    is_inside, may_go_on = threading.Event(), threading.Event()

    def first(session: Any) -> None:
        acts[0](session)
        is_inside.set()
        assert may_go_on.wait(20)

    def run(act: Callable[[Any], None]) -> None:
        with database.transaction() as session:
            act(session)

    with ThreadPoolExecutor(len(acts)) as pool:
        done = [pool.submit(run, first)]
        assert is_inside.wait(20)
        done += [pool.submit(run, act) for act in acts[1:]]
        if database.is_sqlite:
            while database._group_commit._waiting < len(acts) - 1:
                pass
        may_go_on.set()
    return done


def _adding(username: str) -> Callable[[Any], None]:
    return lambda session: session.add(_account(username))


def test_one_that_fails_takes_no_other_with_it(database: Database) -> None:
    def fails(session: Any) -> None:
        session.add(_account("half"))
        session.flush()
        raise ValueError("refused")

    acts = [_adding("a"), fails, _adding("b"), _adding("a"), fails, _adding("c"), fails]
    kinds = [type(done.exception()) for done in _all_at_once(database, acts)]
    assert kinds.count(ValueError) == 3
    assert kinds.count(IntegrityError) == 1
    assert kinds.count(type(None)) == 3
    assert _names(database) == ["a", "b", "c"]


def test_who_wait_share_one_commit(database: Database, store: str) -> None:
    if store == "postgresql":
        return  # every transaction commits for itself there
    commits: list[Any] = []
    event.listen(database.engine, "commit", commits.append)
    done = _all_at_once(database, [_adding(f"colleague-{n}") for n in range(12)])
    assert [future.exception() for future in done] == [None] * 12
    assert len(_names(database)) == 12
    assert len(commits) == 1


def test_a_commit_that_fails_is_told_to_all_who_shared_it(
    database: Database, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store == "postgresql":
        return

    def broken(_connection: object) -> None:
        raise OperationalError("COMMIT", None, Exception("disk full"))

    monkeypatch.setattr(database.engine.dialect, "do_commit", broken)
    done = _all_at_once(database, [_adding(f"colleague-{n}") for n in range(5)])
    monkeypatch.undo()
    assert [type(future.exception()) for future in done] == [OperationalError] * 5
    assert _names(database) == []
    with database.transaction() as session:
        session.add(_account("afterwards"))
    assert _names(database) == ["afterwards"]


def test_when_the_store_undoes_all_by_itself_nobody_is_told_that_it_was_kept(
    database: Database, store: str
) -> None:
    """As SQLite does when the disk is full."""
    if store == "postgresql":
        return

    def undoes(session: Any) -> None:
        session.connection().exec_driver_sql("ROLLBACK")
        raise OperationalError("INSERT", None, Exception("disk full"))

    done = _all_at_once(database, [_adding("a"), undoes])
    assert [type(future.exception()) for future in done] == [OperationalError] * 2
    assert _names(database) == []
    with database.transaction() as session:
        session.execute(text("SELECT 1"))
        session.add(_account("afterwards"))
    assert _names(database) == ["afterwards"]


def test_many_writers_lose_nothing(database: Database) -> None:
    def add(number: int) -> None:
        with database.transaction() as session:
            session.add(_account(f"colleague-{number}"))

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(add, range(300)))
    with database.snapshot() as session:
        assert session.scalar(select(func.count()).select_from(StaffAccount)) == 300
