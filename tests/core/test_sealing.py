"""Personal data lies sealed in the store, and a sealed value opens only where it was put."""

from base64 import b64encode
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    MetaData,
    Table,
    Text,
    Uuid,
    insert,
    select,
    text,
    type_coerce,
    update,
)

from app.attachments.models import Attachment
from app.attachments.unsealed import PLAIN, seal_plain_files
from app.core import clock, rotation, sealing
from app.core.access import Role
from app.core.columns import is_personal
from app.core.database import Database
from app.core.errors import UnavailableError
from app.core.keys import GivenKeys, KeyTroubleError, parse_keys
from app.core.models import Base
from app.core.sealed_rows import sealed
from app.core.sealing import DataKey, destroy_key
from app.core.unsealed import seal_plain_rows
from app.intake.models import Report, ReportMessage
from app.settings import Settings
from benchmarks.server import MASTER_KEYS
from tests.makers.identity import make_client
from tests.makers.intake import make_report, report_body

OTHER = "other:" + b64encode(b"o" * 32).decode()


def _stored(database: Database, column: Any, row_id: UUID) -> str:
    with database.snapshot() as session:
        model = column.class_
        found = session.scalar(select(type_coerce(column, Text)).where(model.id == row_id))
    assert isinstance(found, str)
    return found


def _report(database: Database) -> UUID:
    with database.transaction() as session:
        return make_report(session).id


def _put(database: Database, column: Any, row_id: UUID, value: str) -> None:
    """As somebody would who can write to the store but has no key."""
    table = Table(
        column.class_.__tablename__, MetaData(), Column("id", Uuid), Column(column.key, Text)
    )
    with database.engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == row_id).values({column.key: value}))


def test_every_model_with_personal_data_says_whose_key_seals_it() -> None:
    house = set()
    for mapper in Base.registry.mappers:
        meant = sealed(cast(type[Base], mapper.class_))
        if not meant.names:
            continue
        if meant.owner is None:
            house.add(mapper.class_.__name__)
        else:
            column = mapper.columns[meant.owner]
            assert not column.nullable, mapper
    assert house == {
        "StaffAccount", "DigestSubscription", "WebhookEndpoint", "OutboxMessage", "Bulletin",
        "Disposal", "StaffTotp", "StaffPasskey", "ReportText", "ReportReview", "Publication",
        "IndicatorValue",
    }  # fmt: skip


def test_what_was_written_is_read_and_lies_sealed(database: Database) -> None:
    report_id = _report(database)
    assert _stored(database, Report.narrative, report_id).startswith("s1:")
    with database.snapshot() as session:
        assert session.get_one(Report, report_id).narrative == "Made up for a test."
    with database.transaction() as session:
        report = session.get_one(Report, report_id)
        report.narrative = "Anders."
        report.wishes = "Excuses."
        session.flush()
        session.refresh(report)
        assert (report.narrative, report.wishes) == ("Anders.", "Excuses.")
    with database.snapshot() as session:
        assert session.get_one(Report, report_id).wishes == "Excuses."


def test_a_change_elsewhere_leaves_the_sealed_value_alone(database: Database) -> None:
    report_id = _report(database)
    before = _stored(database, Report.narrative, report_id)
    with database.transaction() as session:
        session.get_one(Report, report_id).domain = "housing"
        session.get_one(Report, report_id).touch()
    assert _stored(database, Report.narrative, report_id) == before


def test_plain_text_never_reaches_a_personal_column(database: Database) -> None:
    report_id = _report(database)
    with database.transaction() as session, pytest.raises(Exception, match="only sealed") as said:
        session.execute(update(Report).values(narrative="Plain."))
    assert "Plain." not in str(said.value)
    row = {"id": uuid4(), "report_id": report_id, "position": 9, "body": "Plain."}
    with database.transaction() as session, pytest.raises(Exception, match="only sealed"):
        session.execute(insert(ReportMessage).values(row))


def test_a_value_moved_elsewhere_does_not_open(database: Database) -> None:
    """To another row of another owner, of the same owner, or to another column of its row."""
    one, other = _report(database), _report(database)
    with database.transaction() as session:
        report = session.get_one(Report, one)
        report.wishes = "Excuses."
    _put(database, Report.narrative, other, _stored(database, Report.narrative, one))
    _put(database, Report.wishes, one, _stored(database, Report.narrative, one))
    for report_id in (one, other):
        with database.snapshot() as session, pytest.raises(UnavailableError):
            session.get_one(Report, report_id)


@pytest.mark.parametrize("position", [3, 20, 60, -1])
def test_one_changed_character_is_noticed(database: Database, position: int) -> None:
    report_id = _report(database)
    value = list(_stored(database, Report.narrative, report_id))
    value[position] = "A" if value[position] != "A" else "B"
    _put(database, Report.narrative, report_id, "".join(value))
    with database.snapshot() as session, pytest.raises(UnavailableError):
        session.get_one(Report, report_id)


def test_a_value_that_was_never_sealed_is_refused(database: Database) -> None:
    report_id = _report(database)
    _put(database, Report.narrative, report_id, "Written by hand.")
    with database.snapshot() as session, pytest.raises(UnavailableError):
        session.get_one(Report, report_id)


def test_a_damaged_value_is_a_problem_that_tells_nothing(
    application: FastAPI, database: Database
) -> None:
    report_id = _report(database)
    _put(database, Report.narrative, report_id, "s1:" + "A" * 80)
    coordinator = make_client(application, Role.COORDINATOR)
    answer = coordinator.get(f"/api/v1/reports/{report_id}")
    assert (answer.status_code, answer.json()["code"]) == (503, "unreadable")


def test_without_its_key_nothing_of_a_report_opens_and_nothing_is_added(
    database: Database,
) -> None:
    one, other = _report(database), _report(database)
    with database.transaction() as session:
        destroy_key(session, one)
    with database.snapshot() as session, pytest.raises(UnavailableError):
        session.get_one(Report, one)
    with database.snapshot() as session:
        assert session.get_one(Report, other).narrative
    with database.transaction() as session:
        sealer, connection = sealing.sealer_of(session), session.connection()
        place = sealing.Place(one, "report_messages", "body", "x")
        with pytest.raises(UnavailableError):
            sealer.seal(connection, place, "Nog iets.", is_new=False)


def test_each_report_has_a_key_of_its_own(database: Database) -> None:
    ids = {_report(database) for _ in range(3)}
    with database.snapshot() as session:
        keys = session.execute(
            select(DataKey.owner_id, DataKey.wrapped).where(DataKey.owner_id.in_(ids))
        ).all()
    assert {key.owner_id for key in keys} == ids
    assert len({key.wrapped for key in keys}) == 3


def test_a_key_that_was_rolled_back_seals_nothing_later(database: Database) -> None:
    """The next act makes a new one, and what it sealed opens."""
    place = sealing.Place(uuid4(), "t", "c", "r")

    def seal(plain: str, *, is_kept: bool) -> str:
        with database.transaction() as session:
            sealer, connection = sealing.sealer_of(session), session.connection()
            found = sealer.seal(connection, place, plain, is_new=False)
            assert sealer.open(connection, place, found.sealed) == plain
            if not is_kept:
                raise RuntimeError
        return found.sealed

    with pytest.raises(RuntimeError):
        seal("Weg.", is_kept=False)
    kept = seal("Blijft.", is_kept=True)
    with database.snapshot() as session:
        opened = sealing.sealer_of(session).open(session.connection(), place, kept)
    assert opened == "Blijft."


@given(st.text(max_size=200))
def test_the_length_tells_only_a_block(plain: str) -> None:
    padded = sealing._padded(plain)
    assert sealing._unpadded(padded) == plain
    assert len(padded) % sealing.PADDED_TO == 0
    assert len(padded) - len(plain.encode()) < sealing.PADDED_TO + 4


def test_no_text_of_a_report_lies_plain_on_the_disk(
    client: TestClient, database: Database, store: str, tmp_path: Path
) -> None:
    """A word planted in each personal field is in no file of the store, its journal included."""
    body = report_body(
        reporter={
            "role": "victim", "is_anonymous": False, "name": "Kanarievogel Een",
            "email": "kanarievogel@twee.example", "phone": "+32 470 99 88 77",
            "postal": "Kanarievogelstraat 3", "municipality": "Genk",
            "safe_contact": "Kanarievogel na zes uur", "needs": {"other": "Kanarievogel vier"},
            "self_described": {"origin": "Kanarievogel vijf"},
        },
        wishes="Kanarievogel zes",
    )  # fmt: skip
    body["incident"]["narrative"] = "Kanarievogel zeven. " * 50
    body["incident"]["place"] = "Kanarievogel acht"
    body["incident"]["respondent"] = {"kind": "private_person", "name": "Kanarievogel negen"}
    answer = client.post("/api/v1/public/reports", json=body)
    assert answer.status_code == 201, answer.text
    if store == "postgresql":
        with database.snapshot() as session:
            rows = session.execute(text("SELECT reports::text FROM reports")).scalars().all()
            traits = session.execute(text("SELECT t::text FROM reporter_traits t")).scalars().all()
        found = "".join([*rows, *traits])
        assert "s1:" in found
        assert "anarievogel" not in found
        return
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 2
    for path in files:
        content = path.read_bytes()
        assert b"anarievogel" not in content, path
        assert b"99 88 77" not in content, path


def test_master_keys_are_changed_while_the_bureau_works_and_after_a_kill(
    database: Database,
) -> None:
    ids = [_report(database) for _ in range(5)]
    both = GivenKeys(OTHER + "," + MASTER_KEYS)
    rotation.check_keys(database, GivenKeys(MASTER_KEYS))
    rotation.check_keys(database, both)
    first = rotation.rewrap(database, both)
    rotation.BATCH, batch = 2, rotation.BATCH
    try:
        assert next(first) == 2
        del first  # killed in the middle
        with database.snapshot() as session:
            assert set(rotation.keys_in_use(session).values()) == {2, 3}
        assert list(rotation.rewrap(database, both))[-1] == 3
    finally:
        rotation.BATCH = batch
    with pytest.raises(KeyTroubleError, match="other"):
        rotation.check_keys(database, GivenKeys(MASTER_KEYS))
    rotation.retire(database, "made-up")
    only = GivenKeys(OTHER)
    rotation.check_keys(database, only)
    later = Database(database.url.render_as_string(hide_password=False), only)
    with later.snapshot() as session:
        assert [session.get_one(Report, report_id).narrative for report_id in ids]
    later.close()


def test_a_key_that_still_wraps_is_not_retired(database: Database) -> None:
    _report(database)
    rotation.check_keys(database, GivenKeys(MASTER_KEYS))
    with pytest.raises(KeyTroubleError, match="still wraps"):
        rotation.retire(database, "made-up")


def test_another_key_of_the_same_name_is_told_before_anything_is_written(
    database: Database,
) -> None:
    rotation.check_keys(database, GivenKeys(MASTER_KEYS))
    wrong = GivenKeys("made-up:" + b64encode(b"w" * 32).decode())
    with pytest.raises(KeyTroubleError, match="another one"):
        rotation.check_keys(database, wrong)


@pytest.mark.parametrize(
    "given_keys",
    ["", "# nothing", "a", "a:short", "a:" + "!" * 43 + "=", OTHER + "\n" + OTHER],
)
def test_malformed_master_keys_are_refused_without_being_told(given_keys: str) -> None:
    with pytest.raises(KeyTroubleError) as said:
        parse_keys(given_keys)
    assert b64encode(b"o" * 32).decode() not in str(said.value)


def test_deleted_rows_are_overwritten(database: Database, store: str) -> None:
    if store == "sqlite":
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


def test_no_query_reads_a_sealed_column_by_itself() -> None:
    """What a plain query reads is sealed: nobody may show it by mistake. Checked in the source."""
    names = {
        f"{mapper.class_.__name__}.{attribute.key}"
        for mapper in Base.registry.mappers
        for attribute in mapper.column_attrs
        if is_personal(attribute.columns[0].type)
    }
    source = "\n".join(path.read_text() for path in Path("app").rglob("*.py"))
    found = {name for name in names if f"select({name}" in source or f", {name}," in source}
    assert not found
    assert len(names) > 40


def test_what_a_version_before_left_plain_is_sealed_and_read(
    database: Database, settings: Settings
) -> None:
    ids = [_report(database) for _ in range(3)]
    for report_id in ids[:2]:
        _put(database, Report.narrative, report_id, "Was er al.")
    assert list(seal_plain_rows(database))[-1] == 2
    assert list(seal_plain_rows(database)) == []
    with database.snapshot() as session:
        told = [session.get_one(Report, report_id).narrative for report_id in ids]
    assert told == ["Was er al.", "Was er al.", "Made up for a test."]


def test_a_file_that_lay_plain_is_sealed_and_downloaded(
    application: FastAPI, database: Database, settings: Settings
) -> None:
    worker = make_client(application, Role.INTAKE_WORKER)
    url = f"/api/v1/reports/{_report(database)}/attachments"
    content = b"Een brief.\n" * 20_000
    headers = {"X-File-Name": "brief.txt", "Content-Type": "text/plain"}
    added = worker.post(url, content=content, headers=headers)
    assert added.status_code == 201, added.text
    (stored,) = settings.attachments_dir.iterdir()
    assert b"Een brief" not in stored.read_bytes()
    stored.write_bytes(content)
    attachment_id = UUID(added.json()["id"])
    _put(database, Attachment.file_key, attachment_id, PLAIN)
    assert seal_plain_files(database, settings.attachments_dir, at=clock.now()) == 1
    assert seal_plain_files(database, settings.attachments_dir, at=clock.now()) == 0
    (stored,) = settings.attachments_dir.iterdir()
    assert b"Een brief" not in stored.read_bytes()
    assert worker.get(f"/api/v1/attachments/{attachment_id}").content == content
