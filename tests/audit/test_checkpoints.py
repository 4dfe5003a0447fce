"""Checkpoints are signed, kept twice, and stop when the store has lost what was signed."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.audit import checkpoints, sealing
from app.audit.checkpoints import CheckpointsAheadError, make_checkpoint, read_file
from app.audit.findings import Fault
from app.audit.keys import CheckpointKeyError, load_key, load_or_make_key, public_pem
from app.core.database import Database
from tests.makers.audit import Trail, add_entries


@pytest.fixture
def trail(database: Database, tmp_path: Path) -> Trail:
    return Trail(database, tmp_path / "checkpoints.jsonl")


def test_each_checkpoint_stands_in_the_store_and_as_a_line_of_the_file(trail: Trail) -> None:
    made = [trail.extend(count) for count in (3, 4)]
    assert [(c.number, c.size) for c in made] == [(1, 3), (2, 7)]
    assert list(read_file(trail.file)) == made
    with trail.database.snapshot() as session:
        assert list(checkpoints.checkpoints(session)) == made
    assert stat.S_IMODE(trail.file.stat().st_mode) == 0o600
    found = trail.verify()
    assert (found.is_whole, found.size, found.checkpoints, found.signed) == (True, 7, 2, 7)


def test_none_is_made_when_nothing_was_chained_or_the_last_is_young(trail: Trail) -> None:
    first = trail.extend(3)
    assert make_checkpoint(trail.database, trail.key, trail.file, trail.now) is None
    add_entries(trail.database, 1, at=trail.now)
    sealing.seal_all(trail.database, trail.now)
    every = timedelta(minutes=5)

    def at(minutes: int) -> object:
        moment = first.at + timedelta(minutes=minutes)
        return make_checkpoint(trail.database, trail.key, trail.file, moment, every=every)

    assert at(4) is None
    assert at(5) is not None


def test_a_line_that_a_killed_process_did_not_write_is_written_by_the_next(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail.extend(3)
    monkeypatch.setattr(checkpoints, "_append", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        trail.extend(3)
    monkeypatch.undo()
    make_checkpoint(trail.database, trail.key, trail.file, trail.now)
    assert [c.number for c in read_file(trail.file) if not isinstance(c, int)] == [1, 2]
    assert trail.verify().is_whole


@pytest.mark.parametrize("kept", [1, 60, 200])
def test_a_line_that_was_cut_is_passed_over(trail: Trail, kept: int) -> None:
    trail.extend(3)
    whole = trail.file.read_bytes()
    trail.extend(2)
    trail.file.write_bytes(whole + trail.file.read_bytes()[len(whole) :][:kept])
    trail.extend(2)
    assert [getattr(c, "number", c) for c in read_file(trail.file)] == [1, 2, 3]
    assert trail.verify().is_whole


def test_nothing_is_signed_while_the_file_knows_more_than_the_store(
    trail: Trail, owner: Database
) -> None:
    trail.extend(3)
    trail.extend(3)
    name, on = "refuse_audit_checkpoints_delete", "audit_checkpoints"
    is_postgresql = not trail.database.is_sqlite
    with owner.transaction() as session:
        session.execute(text(f"DROP TRIGGER {name}" + (f" ON {on}" if is_postgresql else "")))
        session.execute(text("DELETE FROM audit_checkpoints WHERE number = 2"))
        if is_postgresql:  # its schema stays from test to test
            session.execute(
                text(
                    f"CREATE TRIGGER {name} BEFORE DELETE ON {on}"
                    f" FOR EACH ROW EXECUTE FUNCTION {name}()"
                )
            )
    before = trail.file.read_bytes()
    with pytest.raises(CheckpointsAheadError):
        trail.extend(1)
    assert trail.file.read_bytes() == before
    assert {f.fault for f in trail.verify().first} == {Fault.CHECKPOINT_NOT_IN_STORE}


def test_workers_at_once_number_and_write_each_checkpoint_once(trail: Trail) -> None:
    for _ in range(3):
        add_entries(trail.database, 3, at=trail.now - timedelta(hours=1))
        sealing.seal_all(trail.database, trail.now)

        def make(_: int) -> object:
            return make_checkpoint(trail.database, trail.key, trail.file, trail.now)

        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(make, range(4)))
        assert sum(one is not None for one in made) == 1
    assert [getattr(c, "number", c) for c in read_file(trail.file)] == [1, 2, 3]
    assert trail.verify().is_whole


def test_a_copy_of_the_file_may_end_earlier(trail: Trail) -> None:
    trail.extend(3)
    copy = list(read_file(trail.file))
    trail.extend(3)
    with trail.database.snapshot() as session:
        assert trail.verify_in(session, lines=copy, is_own=False).is_whole
        own = trail.verify_in(session, lines=copy)
        assert [f.fault for f in own.first] == [Fault.CHECKPOINT_NOT_IN_FILE]


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "key.pem"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: load_or_make_key(path), range(8)))
    assert len({public_pem(key.public_key()) for key in made}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["key.pem"]


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PRIVATE KEY-----\nx\n"])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointKeyError, match=r"key\.pem"):
        load_key(path)
