"""Data keys; whose key seals what; files with a key of their own.

Rows that were written before stay as they are until `bureau keys seal` has sealed them.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OWNERS = (
    ("parties", "case_id", "cases", "negotiations", "negotiation_id"),
    ("negotiation_sessions", "case_id", "cases", "negotiations", "negotiation_id"),
    ("terms", "case_id", "cases", "proposals", "proposal_id"),
    ("follow_ups", "case_id", "cases", "commitments", "commitment_id"),
    ("referral_messages", "report_id", "reports", "referrals", "referral_id"),
)
"""Table, new column, what it names, and the parent that knows it."""


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("master_id", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_data_keys")),
    )
    op.create_index(op.f("ix_data_keys_master_id"), "data_keys", ["master_id"])
    op.create_table(
        "master_key_checks",
        sa.Column("master_id", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("master_id", name=op.f("pk_master_key_checks")),
    )
    for table, column, owners, parents, parent in OWNERS:
        op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
        known = (
            f"SELECT p.{column} FROM {parents} p WHERE p.id = {table}.{parent}"
            if parents != "proposals"
            else "SELECT n.case_id FROM proposals p JOIN negotiations n ON n.id = p.negotiation_id"
            " WHERE p.id = terms.proposal_id"
        )
        op.execute(f"UPDATE {table} SET {column} = ({known})")
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=sa.Uuid(), nullable=False)
            batch.create_foreign_key(op.f(f"fk_{table}_{column}"), owners, [column], ["id"])
    with op.batch_alter_table("attachments") as batch:
        batch.alter_column(
            "sha256", existing_type=sa.String(length=64), type_=sa.Text(), existing_nullable=False
        )
        batch.add_column(sa.Column("file_key", sa.Text(), nullable=True))
    with op.batch_alter_table("attachments") as batch:
        # What was stored before is opened as it is: a key that seals nothing.
        batch.execute("UPDATE attachments SET file_key = 'plain' WHERE removed_on IS NULL")
        batch.create_check_constraint(
            op.f("ck_attachments_removed_has_no_key"),
            "(removed_on IS NULL) = (file_key IS NOT NULL)",
        )


def downgrade() -> None:
    """What was sealed cannot be read by the code before."""
    raise NotImplementedError("sealed data cannot go back: restore the backup made before")
