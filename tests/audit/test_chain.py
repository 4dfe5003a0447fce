"""The sealer chains every committed entry once, and tells nothing about anonymous reports."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from app.audit import links, sealing
from app.audit.findings import Fault
from app.audit.models import AuditChainLink, AuditEntry, AuditPending
from app.core import clock
from app.core.access import SYSTEM
from app.core.database import Database
from app.core.errors import ConflictError
from tests.makers.audit import MORNING, Trail, add_entries, add_entry
from tests.makers.intake import report_body

AFTERWARDS = MORNING + timedelta(hours=1)


@pytest.fixture
def trail(database: Database, tmp_path: Path) -> Trail:
    return Trail(database, tmp_path / "checkpoints.jsonl")


def _chained(database: Database) -> list[AuditChainLink]:
    with database.snapshot() as session:
        return list(session.scalars(select(AuditChainLink).order_by(AuditChainLink.position)))


def test_every_entry_is_chained_once_in_the_order_of_time(trail: Trail) -> None:
    count = sealing.BATCH + 7
    add_entries(trail.database, count)
    assert sealing.seal_all(trail.database, AFTERWARDS) == count
    assert sealing.seal_all(trail.database, AFTERWARDS) == 0
    chained = _chained(trail.database)
    assert [row.position for row in chained] == list(range(1, count + 1))
    with trail.database.snapshot() as session:
        entries = session.scalars(select(AuditEntry.id).order_by(AuditEntry.at, AuditEntry.id))
        assert [row.entry_id for row in chained] == list(entries)
        assert session.scalar(select(func.count()).select_from(AuditPending)) == 0
    assert len({row.salt for row in chained}) == count
    assert trail.verify().is_whole


def test_an_empty_trail_is_whole(trail: Trail) -> None:
    found = trail.verify()
    assert (found.is_whole, found.size, found.checkpoints) == (True, 0, 0)


def test_an_entry_that_is_not_committed_is_not_chained(trail: Trail) -> None:
    def fail() -> None:
        with trail.database.transaction() as session:
            add_entry(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert sealing.seal_all(trail.database, AFTERWARDS) == 0


def test_an_entry_that_is_committed_late_is_chained_late(database: Database, store: str) -> None:
    if store == "sqlite":
        pytest.skip("SQLite lets one write at a time: nothing can be committed out of turn")
    with database.engine.connect() as late:
        late.execute(
            text(
                "INSERT INTO audit_entries (id, at, event, actor_kind, surface)"
                " VALUES (gen_random_uuid(), :at, 'logged_in', 'anybody', 'staff')"
            ),
            {"at": MORNING},
        )
        add_entries(database, 3, at=MORNING + timedelta(minutes=1))
        assert sealing.seal_all(database, AFTERWARDS) == 3
        late.commit()
    assert sealing.seal_all(database, AFTERWARDS) == 1
    with database.snapshot() as session:
        assert (
            session.scalar(
                select(AuditChainLink.position)
                .join(AuditEntry, AuditEntry.id == AuditChainLink.entry_id)
                .where(AuditEntry.at == MORNING)
            )
            == 4
        )


def test_sealers_at_once_leave_one_whole_chain(trail: Trail) -> None:
    add_entries(trail.database, 1200)
    with ThreadPoolExecutor(4) as pool:
        sealed = list(pool.map(lambda _: sealing.seal_all(trail.database, AFTERWARDS), range(8)))
    sealing.seal_all(trail.database, AFTERWARDS)
    assert sum(sealed) <= 1200
    assert len(_chained(trail.database)) == 1200
    assert trail.verify().is_whole


def test_a_sealer_that_dies_in_a_batch_leaves_nothing_of_it(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_entries(trail.database, 10)
    monkeypatch.setattr(sealing, "_forget_waiting", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sealing.seal_all(trail.database, AFTERWARDS)
    monkeypatch.undo()
    assert _chained(trail.database) == []
    assert sealing.seal_all(trail.database, AFTERWARDS) == 10


def test_an_anonymous_report_is_chained_only_when_its_day_is_over(
    client: TestClient, database: Database
) -> None:
    """Its place between entries whose time is known would else tell the time of the report."""
    now = clock.now()
    for _ in range(3):
        assert client.post("/api/v1/public/reports", json=report_body()).status_code == 201
    day = clock.day_only(now)
    for at in (now, day + timedelta(hours=24, minutes=59)):
        assert sealing.seal_all(database, at) == 0
    # Timed entries of the same hours go ahead of them.
    with database.transaction() as session:
        add_entry(session, at=day + timedelta(hours=24, minutes=30))
    assert sealing.seal_all(database, day + timedelta(hours=25)) == 4
    with database.snapshot() as session:
        events = session.scalars(
            select(AuditEntry.event)
            .join(AuditChainLink, AuditChainLink.entry_id == AuditEntry.id)
            .order_by(AuditChainLink.position)
        ).all()
        ids = session.scalars(
            select(AuditChainLink.entry_id).order_by(AuditChainLink.position).offset(1)
        ).all()
    assert [event.value for event in events] == ["report_read", *["report_received"] * 3]
    assert ids == sorted(ids, key=str)  # by chance: ids are random


def test_every_local_moment_of_the_day_is_past_when_its_entries_are_chained() -> None:
    for month in (1, 7):
        last = datetime(2026, month, 5, 23, 59, 59, tzinfo=clock.BUREAU_ZONE)
        kept = clock.day_only(last)
        assert links.sealable_at(kept) - last >= timedelta(hours=1)


@given(st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(), max_size=4))
def test_details_have_one_form_whatever_their_order(details: dict[str, object]) -> None:
    backwards = dict(reversed(details.items()))
    one, other = (links.canonical(json.dumps(form).encode()) for form in (details, backwards))
    length, _, text_of = one.partition(b":")
    assert one == other
    assert int(length) == len(text_of)
    assert json.loads(text_of) == details


def test_the_queue_of_the_store_follows_the_rule(database: Database) -> None:
    moments = [MORNING, datetime(2026, 3, 2, tzinfo=UTC), datetime(2024, 2, 28, tzinfo=UTC)]
    with database.transaction() as session:
        for at in moments:
            add_entry(session, at=at)
    with database.snapshot() as session:
        waiting = session.execute(
            select(AuditEntry.at, AuditPending.sealable_at).join(
                AuditPending, AuditPending.entry_id == AuditEntry.id
            )
        )
        assert {row[0]: row[1] for row in waiting} == {at: links.sealable_at(at) for at in moments}


def test_an_erased_entry_leaves_a_chain_that_holds(trail: Trail, owner: Database) -> None:
    trail.extend(6)
    gone = _chained(trail.database)[2].entry_id
    assert gone is not None
    with owner.transaction() as session:
        sealing.erase_entry(session, SYSTEM, gone, at=trail.now)
    trail.extend(1)
    found = trail.verify()
    assert (found.is_whole, found.size, found.erased) == (True, 8, 1)
    third = _chained(trail.database)[2]
    assert (third.entry_id, third.salt) == (None, None)
    with trail.database.snapshot() as session:
        assert session.get(AuditEntry, gone) is None


def test_an_erasure_that_nothing_tells_of_is_found(trail: Trail, owner: Database) -> None:
    trail.extend(6)
    with owner.transaction() as session:
        for sql in (
            "UPDATE audit_chain SET entry_id = NULL, salt = NULL WHERE position = 3",
            "DELETE FROM audit_entries WHERE id NOT IN"
            " (SELECT entry_id FROM audit_chain WHERE entry_id IS NOT NULL)",
        ):
            session.execute(text(sql))
    found = trail.verify().first
    assert [(f.fault, f.position) for f in found] == [(Fault.MISSING, 3)]


def test_an_entry_that_is_not_chained_yet_cannot_be_erased(trail: Trail, owner: Database) -> None:
    add_entries(trail.database, 1)
    with trail.database.snapshot() as session:
        waiting = session.scalars(select(AuditEntry.id)).one()
    for unknown in (waiting, UUID(int=1)):
        with pytest.raises(ConflictError), owner.transaction() as session:
            sealing.erase_entry(session, SYSTEM, unknown, at=AFTERWARDS)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entries SET event = 'case_read'",
        "DELETE FROM audit_entries",
        "UPDATE audit_chain SET position = position + 100",
        "UPDATE audit_chain SET commitment = link",
        "DELETE FROM audit_chain",
        "UPDATE audit_checkpoints SET size = size + 1",
        "DELETE FROM audit_checkpoints",
    ],
)
def test_the_store_itself_refuses_to_change_the_trail(
    trail: Trail, owner: Database, sql: str
) -> None:
    """Also to who has every right on the tables."""
    trail.extend(3)
    add_entries(trail.database, 1, at=trail.now)
    with pytest.raises(DatabaseError, match="append-only"), owner.transaction() as session:
        session.execute(text(sql))
    assert trail.verify().is_whole


def test_triggers_stand_on_the_entries(application: FastAPI, database: Database) -> None:
    """A migration that makes the table anew on SQLite loses them without a word."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
        if database.is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_entries'::regclass"
    )
    with database.snapshot() as session:
        found = set(session.scalars(text(query)))
    assert found == {
        "queue_audit_entry",
        "refuse_audit_entries_update",
        "refuse_audit_entries_delete",
    }
