"""A kept answer can be withheld from who may no longer see what it shows.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM kept_answers")  # they live for a day; nobody knows whose these are
    with op.batch_alter_table("kept_answers") as table:
        table.alter_column("sealed_answer", existing_type=sa.LargeBinary(), nullable=True)
        table.add_column(sa.Column("is_of_staff", sa.Boolean(), nullable=False))


def downgrade() -> None:
    op.execute("DELETE FROM kept_answers")
    with op.batch_alter_table("kept_answers") as table:
        table.drop_column("is_of_staff")
        table.alter_column("sealed_answer", existing_type=sa.LargeBinary(), nullable=False)
