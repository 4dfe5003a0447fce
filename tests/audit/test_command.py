"""The commands and the auditor's view of the chain."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from typer.testing import CliRunner

from app.audit.models import AuditChainLink
from app.audit.worker import seal_once, sealing_in_thread
from app.cli import app as bureau
from app.core.access import Role
from app.core.database import Database
from app.settings import Settings
from tests.makers.audit import add_entries
from tests.makers.identity import make_client

CHAIN = "/api/v1/audit-chain"


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    for name in ("database_url", "checkpoints_file", "checkpoint_key"):
        monkeypatch.setenv(f"BUREAU_{name.upper()}", str(getattr(settings, name)))

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(bureau, ["audit", *arguments])
        return result.exit_code, result.output

    return run


def test_seal_then_verify_then_key(
    run: Callable[..., tuple[int, str]], database: Database, tmp_path: Path
) -> None:
    assert run("verify")[0] == 0  # before the first start
    assert run("key")[0] == 2
    add_entries(database, 5)
    assert run("verify")[0] == 1  # old, and nobody chained them
    code, said = run("seal")
    assert (code, "5 entries" in said) == (0, True)
    code, said = run("verify")
    assert (code, "The trail is whole." in said) == (0, True)
    _, pem = run("key")
    assert pem.startswith("-----BEGIN PUBLIC KEY-----\n")
    copy = tmp_path / "copy.pem"
    copy.write_text(pem)
    assert run("verify", "--public-key", str(copy), "--since", "2026-03-03")[0] == 0


def test_a_replaced_key_is_found_with_a_copy_of_the_old(
    run: Callable[..., tuple[int, str]], database: Database, settings: Settings, tmp_path: Path
) -> None:
    add_entries(database, 5)
    run("seal")
    copy = tmp_path / "copy.pem"
    copy.write_text(run("key")[1])
    settings.checkpoint_key_path.unlink()
    add_entries(database, 5)
    run("seal")
    assert run("verify")[0] == 1
    code, said = run("verify", "--public-key", str(copy))
    assert code == 1
    assert "checkpoint 2: the signature" in " ".join(said.split())


def test_an_altered_entry_is_named(
    run: Callable[..., tuple[int, str]], database: Database, store: str
) -> None:
    if store != "sqlite":
        pytest.skip("leaves the store without a trigger; tests/audit/test_tampering.py has both")
    add_entries(database, 5)
    run("seal")
    with database.transaction() as session:
        session.execute(text("DROP TRIGGER refuse_audit_entries_update"))
        session.execute(
            text(
                "UPDATE audit_entries SET surface = 'public' WHERE id ="
                " (SELECT entry_id FROM audit_chain WHERE position = 4)"
            )
        )
    code, said = run("verify")
    assert code == 1
    assert "position 4, entry " in said


def test_the_loop_chains_and_signs_and_ends_with_a_last_checkpoint(
    database: Database, settings: Settings
) -> None:
    with sealing_in_thread(database, settings):
        add_entries(database, 3)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with database.snapshot() as session:
                if session.query(AuditChainLink).count() == 3:
                    break
            time.sleep(0.05)
        add_entries(database, 2)
    assert '"size": 5' in settings.checkpoints_path.read_text().splitlines()[-1]


def test_the_auditor_sees_how_far_the_chain_is(
    application: FastAPI, database: Database, settings: Settings
) -> None:
    auditor = make_client(application, Role.AUDITOR)
    empty = auditor.get(CHAIN).json()
    assert empty == {
        "size": 0,
        "root": "00" * 32,
        "lag": 0,
        "held_back": 0,
        "last_checkpoint": None,
        "public_key": None,
    }
    add_entries(database, 4)
    assert auditor.get(CHAIN).json()["lag"] == 4
    seal_once(database, settings)
    seen = auditor.get(CHAIN).json()
    assert (seen["size"], seen["lag"], seen["last_checkpoint"]["size"]) == (4, 0, 4)
    assert seen["root"] == seen["last_checkpoint"]["root"]
    assert seen["public_key"].startswith("-----BEGIN PUBLIC KEY-----")


def test_only_the_auditor_sees_it(application: FastAPI, client: TestClient) -> None:
    assert client.get(CHAIN).status_code == 401
    for role in set(Role) - {Role.AUDITOR}:
        assert make_client(application, role).get(CHAIN).status_code == 403
