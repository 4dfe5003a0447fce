"""Every tampering is found; so is each kind of damage, by its name."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.audit.findings import Fault
from app.core.database import Database
from tests.audit import tampering
from tests.audit.tampering import TAMPERINGS, Tampering, drop_triggers, stored_lines
from tests.makers.audit import Trail


@pytest.fixture
def trail(owner: Database, tmp_path: Path) -> Trail:
    """Of the tables' owner: the application's own login cannot even begin."""
    trail = Trail(owner, tmp_path / "checkpoints.jsonl")
    for count in (7, 12, 5):
        trail.extend(count)
    return trail


def _undetected(trail: Trail, tamper: Tampering, times: int) -> list[int]:
    """Seeds of the tamperings that nothing was found of. Each is rolled back after the look."""
    missed = []
    for seed in range(times):
        with trail.database.engine.connect() as connection, connection.begin() as transaction:
            drop_triggers(connection)
            with Session(connection, join_transaction_mode="control_fully") as session:
                assert trail.verify_in(session).is_whole
                lines = tamper(connection, Random(seed), stored_lines(session))
                session.expire_all()
                if trail.verify_in(session, lines=lines).is_whole:
                    missed.append(seed)
                transaction.rollback()
    return missed


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_every_tampering_is_found(trail: Trail, tamper: Tampering) -> None:
    assert _undetected(trail, tamper, 20) == []


@pytest.mark.torture
@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_two_hundred_tamperings_of_each_class_are_found(trail: Trail, tamper: Tampering) -> None:
    assert _undetected(trail, tamper, 200) == []


@pytest.mark.parametrize("column", sorted(tampering.NEW_VALUES))
def test_an_altered_column_is_named_by_place_and_entry(trail: Trail, column: str) -> None:
    value = {
        "id": "'11111111-1111-4111-8111-111111111111'",
        "at": "'2026-03-02 08:29:59.000000'",
        "event": "'note_written'",
        "actor_kind": "'anybody'",
        "surface": "'public'",
        "object_kind": "''",
        "details": """'{"to": "closed"}'""",
    }.get(column, "NULL")
    if trail.database.is_sqlite and column == "id":
        value = value.replace("-", "")
    with trail.database.engine.connect() as connection, connection.begin() as transaction:
        drop_triggers(connection)
        with Session(connection, join_transaction_mode="control_fully") as session:
            chosen = "(SELECT entry_id FROM audit_chain WHERE position = 9)"
            session.execute(
                text(f"UPDATE audit_entries SET {column} = {value} WHERE id = {chosen}")  # noqa: S608
            )
            found = trail.verify_in(session)
            transaction.rollback()
    expected = Fault.MISSING if column == "id" else Fault.ALTERED
    assert (found.first[0].fault, found.first[0].position) == (expected, 9)
    assert found.first[0].entry_id is not None


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE audit_chain SET salt = CAST('sixteen letters!' AS {blob}) WHERE position = 9",
        "UPDATE audit_chain SET link = CAST('' AS {blob}) WHERE position = 9",
        "UPDATE audit_entries SET details = '[1]' WHERE details IS NOT NULL",
        "UPDATE audit_checkpoints SET root = CAST('' AS {blob})",
        "UPDATE audit_checkpoints SET signature = CAST('x' AS {blob})",
    ],
)
def test_damage_is_a_finding_and_not_a_crash(trail: Trail, damage: str, store: str) -> None:
    with trail.database.engine.connect() as connection, connection.begin() as transaction:
        drop_triggers(connection)
        with Session(connection, join_transaction_mode="control_fully") as session:
            blob = "BLOB" if store == "sqlite" else "bytea"
            session.execute(text(damage.format(blob=blob)))
            found = trail.verify_in(session)
            transaction.rollback()
    assert not found.is_whole


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE audit_chain SET salt = 'sixteen letters!' WHERE position = 9",
        "UPDATE audit_chain SET link = 'text' WHERE position = 9",
        "UPDATE audit_chain SET commitment = 7 WHERE position = 9",
        "UPDATE audit_entries SET details = 'no json' WHERE details IS NOT NULL",
        "UPDATE audit_entries SET object_kind = CAST(x'ff00fe' AS TEXT)",
        "UPDATE audit_entries SET at = 'long ago' WHERE details IS NOT NULL",
        "UPDATE audit_checkpoints SET root = 'text'",
        "UPDATE audit_checkpoints SET at = 'long ago'",
        "INSERT INTO audit_entries (id, at, event, actor_kind, surface)"
        " VALUES ('x', 'long ago', 'logged_in', 'anybody', 'staff')",
    ],
)
def test_sqlite_holds_values_of_any_type_and_they_are_findings(
    trail: Trail, damage: str, store: str
) -> None:
    if store != "sqlite":
        pytest.skip("PostgreSQL refuses a value of another type")
    with trail.database.engine.connect() as connection, connection.begin() as transaction:
        drop_triggers(connection)
        with Session(connection, join_transaction_mode="control_fully") as session:
            session.execute(text(damage))
            found = trail.verify_in(session)
            transaction.rollback()
    assert not found.is_whole


def test_what_was_changed_before_a_trusted_checkpoint_is_not_looked_at_since_then(
    trail: Trail,
) -> None:
    with trail.database.engine.connect() as connection, connection.begin() as transaction:
        drop_triggers(connection)
        with Session(connection, join_transaction_mode="control_fully") as session:
            session.execute(
                text(
                    "UPDATE audit_entries SET surface = 'public' WHERE id ="
                    " (SELECT entry_id FROM audit_chain WHERE position = 3)"
                )
            )
            since = stored_lines(session)[0]
            assert not isinstance(since, int)
            assert not trail.verify_in(session).is_whole
            assert trail.verify_in(session, since=since.at).is_whole
            transaction.rollback()
