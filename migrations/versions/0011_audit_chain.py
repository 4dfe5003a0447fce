"""The trail is chained, vouched for by checkpoints, and guarded by triggers.

SQLite drops the triggers of a table that batch mode makes anew: a migration that does so to
audit_entries must call `create_entry_triggers` again (tests/audit/test_chain.py notices).

Revision: 0011, after 0009
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

EVENTS = ("audit_entry_erased", "access_listed")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# An entry that is kept to the day waits until the day is over for an hour.
SEALABLE_AT = {
    "sqlite": "CASE WHEN substr({row}.at, 12) = '00:00:00.000000'"
    " THEN strftime('%Y-%m-%d 01:00:00.000000', {row}.at, '+1 day') ELSE {row}.at END",
    "postgresql": "CASE WHEN ({row}.at AT TIME ZONE 'UTC')::time = '00:00'"
    " THEN {row}.at + interval '25 hours' ELSE {row}.at END",
}
QUEUE = "INSERT INTO audit_pending (sealable_at, entry_id)"

ONLY_ERASED = (
    "new.entry_id IS NULL AND new.salt IS NULL AND new.position = old.position"
    " AND new.commitment = old.commitment AND new.link = old.link"
)
IS_ERASED = (
    "NOT EXISTS (SELECT 1 FROM audit_chain WHERE entry_id = old.id)"
    " AND NOT EXISTS (SELECT 1 FROM audit_pending WHERE entry_id = old.id)"
)
REFUSED = {
    ("audit_entries", "UPDATE"): "FALSE",
    ("audit_entries", "DELETE"): IS_ERASED,
    ("audit_chain", "UPDATE"): ONLY_ERASED,
    ("audit_chain", "DELETE"): "FALSE",
    ("audit_checkpoints", "UPDATE"): "FALSE",
    ("audit_checkpoints", "DELETE"): "FALSE",
}
"""Table and act -> when it is allowed all the same."""


def upgrade() -> None:
    op.create_table(
        "audit_pending",
        sa.Column("sealable_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("sealable_at", "entry_id", name=op.f("pk_audit_pending")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_chain",
        sa.Column("position", POSITION, autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_audit_chain_position")),
        sa.CheckConstraint(
            "(entry_id IS NULL) = (salt IS NULL)", name=op.f("ck_audit_chain_erased_as_a_whole")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_chain")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_chain_entry_id")),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", POSITION, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0 AND size > 0", name=op.f("ck_audit_checkpoints_counts")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_checkpoints")),
        sa.UniqueConstraint("size", name=op.f("uq_audit_checkpoints_size")),
    )
    _change_events(lambda found: [*found, *EVENTS])
    dialect = op.get_bind().dialect.name
    op.execute(
        f"{QUEUE} SELECT {SEALABLE_AT[dialect].format(row='audit_entries')}, id FROM audit_entries"
    )
    create_entry_triggers()
    for table, act in REFUSED:
        if table != "audit_entries":
            _refuse(table, act)


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    names = [("queue_audit_entry", "audit_entries")]
    names += [(f"refuse_{table}_{act.lower()}", table) for table, act in REFUSED]
    for name, table in names:
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if is_postgresql else ""))
        if is_postgresql:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("audit_checkpoints")
    op.drop_table("audit_chain")
    op.drop_table("audit_pending")
    op.execute(f"DELETE FROM audit_entries WHERE event IN {EVENTS}")
    _change_events(lambda found: [event for event in found if event not in EVENTS])


def create_entry_triggers() -> None:
    dialect = op.get_bind().dialect.name
    queue = f"{QUEUE} VALUES ({SEALABLE_AT[dialect].format(row='new')}, new.id);"
    name, when = "queue_audit_entry", "AFTER INSERT ON audit_entries"
    if dialect == "sqlite":
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN {queue} END")
    else:
        _postgresql(name, when, f"{queue} RETURN NULL;")
    _refuse("audit_entries", "UPDATE")
    _refuse("audit_entries", "DELETE")


def _refuse(table: str, act: str) -> None:
    name, when = f"refuse_{table}_{act.lower()}", f"BEFORE {act} ON {table}"
    allowed = REFUSED[table, act]
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} {when} WHEN NOT ({allowed})"
            " BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
        )
        return
    row = "new" if act == "UPDATE" else "old"
    _postgresql(
        name,
        when,
        f"IF NOT ({allowed}) THEN RAISE EXCEPTION 'the trail is append-only'"
        f" USING ERRCODE = 'restrict_violation'; END IF; RETURN {row};",
    )


def _postgresql(name: str, when: str, body: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    )
    op.execute(f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _change_events(change: Callable[[list[str]], list[str]]) -> None:
    """What the CHECK names now is read from the store: it need not be repeated here."""
    name = op.f("ck_audit_entries_event")
    checks = sa.inspect(op.get_bind()).get_check_constraints("audit_entries")
    text = next(check["sqltext"] for check in checks if check["name"] == name)
    events = change(re.findall(r"'(\w+)'", text))
    with op.batch_alter_table("audit_entries") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, sa.column("event").in_(events))
