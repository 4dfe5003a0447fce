"""What partners are shown of a year is kept as it was first shown.

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_kept_years")),
    )
    op.create_table(
        "kept_partner_years",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_kept_partner_years_partner_id_partners")
        ),
        sa.ForeignKeyConstraint(
            ["year"], ["kept_years.year"], name=op.f("fk_kept_partner_years_year_kept_years")
        ),
        sa.PrimaryKeyConstraint("year", "partner_id", name=op.f("pk_kept_partner_years")),
    )


def downgrade() -> None:
    op.drop_table("kept_partner_years")
    op.drop_table("kept_years")
