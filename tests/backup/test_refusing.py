"""Whatever is wrong with an archive is told before the target is touched."""

import random
import shutil
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.backup.archive import MAGIC, Header, Kind, new_header, read_header
from app.backup.checking import check
from app.backup.errors import BackupTroubleError, DamagedArchiveError
from app.core.database import Database
from app.core.keys import GivenKeys, KeyTroubleError
from app.core.sealed_files import PART_BYTES, PREFIX_BYTES, TAG_BYTES
from app.settings import Settings
from tests.conftest import migrate
from tests.makers.backup import EVENING, MASTERS, make_backup, make_lived_in, restore_into
from tests.makers.intake import make_report

STEP = PART_BYTES + TAG_BYTES


@pytest.fixture
def path(application: FastAPI, database: Database, settings: Settings, tmp_path: Path) -> Path:
    """A backup with a file of several parts."""
    make_lived_in(application, database)
    made = tmp_path / "b"
    make_backup(database, settings, made)
    return made


def _refused(path: Path, tmp_path: Path, match: str = ".", **how: Any) -> None:
    target, folder = tmp_path / "target.db", tmp_path / "restored"
    with pytest.raises((BackupTroubleError, KeyTroubleError), match=match):
        restore_into(f"sqlite:///{target}", folder, path, **how)
    assert not target.exists()
    assert not folder.exists()
    assert not list(tmp_path.glob("*.restoring*"))


@pytest.mark.parametrize("name", ["b", "b.keys"])
def test_a_changed_byte_anywhere_is_refused(path: Path, tmp_path: Path, name: str) -> None:
    whole = (tmp_path / name).read_bytes()
    head = whole.index(b"\n", len(MAGIC)) + 1
    chance = random.Random(1)
    offsets = {*range(0, head, 7), head - 1, head, head + PREFIX_BYTES, len(whole) - 1}
    offsets |= {chance.randrange(head, len(whole)) for _ in range(60)}
    target = tmp_path / name
    for offset in sorted(offsets):
        changed = bytearray(whole)
        changed[offset] ^= 1 << chance.randrange(8)
        target.write_bytes(changed)
        with pytest.raises((BackupTroubleError, KeyTroubleError)):
            check(target, MASTERS)
    _refused(path, tmp_path)
    target.write_bytes(whole)
    check(target, MASTERS)


@pytest.mark.parametrize("name", ["b", "b.keys"])
def test_a_cut_or_longer_archive_is_refused(path: Path, tmp_path: Path, name: str) -> None:
    whole = (tmp_path / name).read_bytes()
    head = whole.index(b"\n", len(MAGIC)) + 1
    ends = {0, 5, head - 1, head, head + 3, head + PREFIX_BYTES, len(whole) - 1}
    ends |= set(range(head + PREFIX_BYTES, len(whole), STEP))  # between two parts
    for end in ends:
        (tmp_path / name).write_bytes(whole[:end])
        with pytest.raises(DamagedArchiveError):
            check(tmp_path / name, MASTERS)
    for more in (b"\0", whole[head:], bytes(STEP)):
        (tmp_path / name).write_bytes(whole + more)
        with pytest.raises(DamagedArchiveError):
            check(tmp_path / name, MASTERS)
    _refused(path, tmp_path, "damaged or was cut off")


def test_swapped_left_out_and_doubled_parts_are_refused(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    start = whole.index(b"\n", len(MAGIC)) + 1 + PREFIX_BYTES
    head, parts = whole[:start], [whole[i : i + STEP] for i in range(start, len(whole), STEP)]
    assert len(parts) > 3
    for order in (
        [parts[1], parts[0], *parts[2:]],
        [parts[0], *parts[2:]],
        [parts[0], *parts],
        parts[:-2] + parts[-1:],
    ):
        path.write_bytes(head + b"".join(order))
        _refused(path, tmp_path, "damaged")


def test_a_header_of_another_archive_is_refused(
    path: Path, tmp_path: Path, database: Database, settings: Settings
) -> None:
    """Also when every line of it was made by this very store."""
    make_backup(database, settings, tmp_path / "other")
    whole, other = path.read_bytes(), (tmp_path / "other").read_bytes()
    cut, other_cut = (text.index(b"\n", len(MAGIC)) + 1 for text in (whole, other))
    path.write_bytes(other[:other_cut] + whole[cut:])
    _refused(path, tmp_path, "damaged")


def test_a_header_that_claims_more_than_the_archive_holds_is_refused(
    path: Path, tmp_path: Path
) -> None:
    whole = path.read_bytes()
    cut = whole.index(b"\n", len(MAGIC)) + 1
    revision = read_header(path).revision.encode()
    for old, new in ((b'"data"', b'"keys"'), (b"2026-03-02", b"2026-03-01"), (revision, b"0009")):
        assert old in whole[:cut]
        path.write_bytes(whole[:cut].replace(old, new) + whole[cut:])
        _refused(path, tmp_path)


def test_swapped_archives_are_refused(path: Path, tmp_path: Path) -> None:
    keys = tmp_path / "b.keys"
    _refused(keys, tmp_path, "in this order", keys_path=path)
    _refused(path, tmp_path, "in this order", keys_path=path)
    _refused(path, tmp_path, "cannot be read", keys_path=tmp_path / "nothing")


def test_a_wrong_or_missing_master_key_is_refused(path: Path, tmp_path: Path) -> None:
    key = b64encode(b"w" * 32).decode()
    name = MASTERS.current()
    _refused(path, tmp_path, "another one", masters=GivenKeys(f"{name}:{key}"))
    _refused(path, tmp_path, "not there", masters=GivenKeys(f"another:{key}"))


def test_keys_of_another_store_are_refused(
    path: Path, tmp_path: Path, store_urls: dict[str, str], settings: Settings
) -> None:
    file = tmp_path / "second.db"
    shutil.copy(store_urls["sqlite"].removeprefix("sqlite:///"), file)
    second = Database(f"sqlite:///{file}", MASTERS)
    with second.transaction() as session:
        make_report(session)
    make_backup(second, settings, tmp_path / "second")
    second.close()
    _refused(path, tmp_path, "another store", keys_path=tmp_path / "second.keys")
    _refused(
        path,
        tmp_path,
        "another store",
        keys_path=tmp_path / "second.keys",
        may_miss_keys=True,
    )


def test_a_schema_that_this_code_does_not_know_is_refused(
    path: Path, tmp_path: Path, database: Database, settings: Settings, monkeypatch: Any
) -> None:
    def newer(kind: Kind, pair_id: str, *rest: Any, **facts: Any) -> tuple[Header, str]:
        return new_header(kind, pair_id, *rest, **facts | {"revision": "9999"})

    monkeypatch.setattr("app.backup.making.new_header", newer)
    make_backup(database, settings, tmp_path / "newer")
    _refused(tmp_path / "newer", tmp_path, "schema 9999")


def test_a_store_that_is_not_empty_is_left_alone(
    path: Path, tmp_path: Path, store: str, empty_store: Callable[[str], str]
) -> None:
    url = empty_store(store)
    used = Database(Settings(database_url=url).database_url)
    migrate(used)
    with pytest.raises(BackupTroubleError, match="not empty"):
        restore_into(url, tmp_path / "restored", path)
    assert used.schema_versions()[0] is not None
    used.close()
    assert not (tmp_path / "restored").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    fresh = empty_store(store)
    with pytest.raises(BackupTroubleError, match="ATTACHMENTS_DIR is not empty"):
        restore_into(fresh, tmp_path / "full", path)
    restore_into(fresh, tmp_path / "restored", path)


def test_a_load_that_fails_at_the_end_leaves_nothing(
    path: Path,
    tmp_path: Path,
    store: str,
    empty_store: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, folder = empty_store(store), tmp_path / "restored"
    with monkeypatch.context() as broken:
        broken.setattr("app.backup.restoring.tables.lines", lambda *_: iter([b"[]\n"]))
        with pytest.raises(BackupTroubleError, match="not what was saved"):
            restore_into(url, folder, path)
    assert list(folder.iterdir()) == []
    assert not list(tmp_path.glob("restored_*"))
    restore_into(url, folder, path)


def test_nothing_is_overwritten_and_nothing_is_left_of_a_backup_that_failed(
    path: Path,
    tmp_path: Path,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(BackupTroubleError, match="there already"):
        make_backup(database, settings, path)
    with pytest.raises(BackupTroubleError, match="cannot be written"):
        make_backup(database, settings, tmp_path / "no" / "folder")

    def damaged(*_: object) -> None:
        raise DamagedArchiveError("damaged")

    monkeypatch.setattr("app.backup.making.check", damaged)
    with pytest.raises(DamagedArchiveError):
        make_backup(database, settings, tmp_path / "second", at=EVENING)
    assert not list(tmp_path.glob("second*"))
