"""What everybody may see of a published report, and who entered the resources of a year.

Revision: 0027, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("publications", sa.Column("release", sa.JSON(), nullable=True))
    with op.batch_alter_table("year_resources") as batch:
        batch.add_column(sa.Column("written_by_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_year_resources_written_by_id"), "staff_accounts", ["written_by_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("year_resources") as batch:
        batch.drop_constraint(op.f("fk_year_resources_written_by_id"), type_="foreignkey")
        batch.drop_column("written_by_id")
    op.drop_column("publications", "release")
