"""Plans with their versions, and what was entered of their indicators.

Revision: 0024, after 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("last_year >= first_year", name=op.f("ck_plans_period")),
        sa.ForeignKeyConstraint(
            ["loaded_by_id"], ["staff_accounts.id"], name=op.f("fk_plans_loaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_plans_code_version")),
    )
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plans_loaded_at_version_id"),
            ["loaded_at", "version", "id"],
            unique=False,
        )

    op.create_table(
        "indicator_values",
        sa.Column("plan_code", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=True),
        sa.Column("fulfilled", sa.Boolean(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "value IS NULL OR fulfilled IS NULL", name=op.f("ck_indicator_values_one_of_both")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"],
            ["staff_accounts.id"],
            name=op.f("fk_indicator_values_entered_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_values")),
        sa.UniqueConstraint(
            "plan_code",
            "code",
            "year",
            "position",
            name=op.f("uq_indicator_values_plan_code_code_year_position"),
        ),
    )


def downgrade() -> None:
    op.drop_table("indicator_values")
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plans_loaded_at_version_id"))

    op.drop_table("plans")
