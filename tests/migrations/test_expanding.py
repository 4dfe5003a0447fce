"""A migration adds; what nobody uses goes a release later. So the code of before runs on."""

from collections.abc import Callable

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.core.database import Database, alembic_config
from app.settings import Settings
from tests.conftest import migrate
from tests.migrations.expanding import Column, TableShape, breaks, shape_of

FIRST_KEPT = "0012"
"""From this schema on: those before it renamed and demanded things, and were never released."""


def _steps() -> list[str]:
    """Revisions, the first first."""
    scripts = ScriptDirectory.from_config(alembic_config())
    return [step.revision for step in scripts.walk_revisions()][::-1]


def test_no_migration_takes_away_what_the_code_of_before_uses(
    empty_store: Callable[[str], str], store: str
) -> None:
    database = Database(Settings(database_url=empty_store(store)).database_url)
    steps = _steps()
    migrate(database, FIRST_KEPT)
    found = {}
    with database.engine.connect() as connection:
        before = shape_of(connection)
    for step in steps[steps.index(FIRST_KEPT) + 1 :]:
        migrate(database, step)
        with database.engine.connect() as connection:
            after = shape_of(connection)
        found[step] = breaks(before, after)
        before = after
    database.close()
    assert len(found) >= 7
    assert {step: lines for step, lines in found.items() if lines} == {}


def test_what_triggers_demand_is_left_alone(empty_store: Callable[[str], str], store: str) -> None:
    """The rule looks at columns and constraints; triggers came with 0008 and 0011 and stay."""
    database = Database(Settings(database_url=empty_store(store)).database_url)
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if store == "sqlite"
        else "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    found = []
    for step in (FIRST_KEPT, "head"):
        migrate(database, step)
        with database.engine.connect() as connection:
            found.append(set(connection.scalars(text(names))))
    database.close()
    assert found[0] == found[1] != set()


def _shape(**changes: object) -> TableShape:
    parts: dict[str, object] = {
        "columns": {"id": Column("UUID", is_nullable=False, has_default=False)},
        "checks": {"kind": "kind IN ('a', 'b')"},
        "uniques": frozenset(["['id']"]),
        "references": frozenset(["['id'] of parents"]),
    }
    return TableShape(**(parts | changes))  # type: ignore[arg-type]


ID = {"id": Column("UUID", is_nullable=False, has_default=False)}


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ({}, []),
        ({"checks": {"kind": "kind IN ('a', 'b', 'c')"}}, []),
        ({"checks": {}}, []),
        ({"uniques": frozenset()}, []),
        ({"columns": ID | {"more": Column("TEXT", is_nullable=True, has_default=False)}}, []),
        ({"columns": ID | {"more": Column("TEXT", is_nullable=False, has_default=True)}}, []),
        (
            {"columns": ID | {"more": Column("TEXT", is_nullable=False, has_default=False)}},
            ["things.more is new and must be filled"],
        ),
        ({"columns": {}}, ["things.id is gone"]),
        (
            {"columns": {"id": Column("TEXT", is_nullable=False, has_default=False)}},
            ["things.id was UUID, is TEXT"],
        ),
        ({"checks": {"kind": "kind IN ('a')"}}, ["things: kind is another"]),
        ({"checks": {"kind": "kind IN ('b', 'c')"}}, ["things: kind is another"]),
        ({"checks": {"id": "id <> 'x'"}}, ["things: id is new"]),
        ({"checks": {"more": "more <> 'x'"}}, []),
        ({"uniques": frozenset(["['id']", "['b']"])}, ["things: ['b'] must be unique"]),
        (
            {"references": frozenset(["['id'] of others", "['id'] of parents"])},
            ["things: a new reference ['id'] of others"],
        ),
    ],
)
def test_the_rule_tells_each_kind_of_break(after: dict[str, object], says: list[str]) -> None:
    assert breaks({"things": _shape()}, {"things": _shape(**after)}) == says


def test_a_table_that_went_is_told_and_a_new_one_is_not() -> None:
    assert breaks({"things": _shape()}, {"others": _shape()}) == ["things is gone"]
