"""Colleagues from whom a report is hidden; the trail may tell of any act.

The CHECK on the events goes: each new event would have the largest table made anew.

Revision: 0013, after 0012
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_bars",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "barred",
                "named",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("barred_on", sa.Date(), nullable=False),
        sa.Column("barred_by_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind <> 'barred' OR (reason IS NOT NULL AND barred_by_id IS NOT NULL)",
            name=op.f("ck_report_bars_barred_has_a_reason"),
        ),
        sa.CheckConstraint(
            "lifted_on >= barred_on", name=op.f("ck_report_bars_lifted_after_barred")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_report_bars_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["barred_by_id"], ["staff_accounts.id"], name=op.f("fk_report_bars_barred_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_bars_report_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "report_id", name=op.f("pk_report_bars")),
    )
    op.create_index(
        op.f("ix_report_bars_report_id_barred_on_account_id"),
        "report_bars",
        ["report_id", "barred_on", "account_id"],
    )
    _forget_events()


def downgrade() -> None:
    """Without the table, what was hidden from a colleague would be shown to them."""
    raise NotImplementedError("bars cannot be forgotten: restore the backup made before")


def _forget_events() -> None:
    store = op.get_bind()
    triggers: Sequence[str] = []
    if store.dialect.name == "sqlite":
        # Batch mode makes the table anew, without them.
        triggers = store.scalars(
            sa.text(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
            )
        ).all()
    with op.batch_alter_table("audit_entries") as table:
        table.drop_constraint(op.f("ck_audit_entries_event"), type_="check")
    for trigger in triggers:
        op.execute(sa.text(trigger.replace(":", r"\:")))
