"""Consent with its refusals; codes of clients that a partner was handed end.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FLAGS = ("consent_overrules_report", "override_against_refusal")


def upgrade() -> None:
    op.add_column("referrals", sa.Column("consent_given_at", sa.DateTime(timezone=True)))
    op.add_column("referrals", sa.Column("refused_at", sa.DateTime(timezone=True)))
    op.add_column("referrals", sa.Column("refused_on", sa.Date()))
    op.add_column("referrals", sa.Column("outside_territory_reason", sa.Text()))
    for name in FLAGS:
        op.add_column(
            "referrals", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute("UPDATE referrals SET refused_on = closed_on WHERE status = 'consent_withdrawn'")
    # Partners were handed the code of a report they sent in. One that the bureau gave since
    # replaced it, and is the client's.
    handed = (
        "report_id IN (SELECT report_id FROM referrals WHERE direction = 'in') AND report_id NOT IN"
        " (SELECT object_id FROM audit_entries"
        " WHERE event = 'receipt_issued' AND object_id IS NOT NULL)"
    )
    op.execute(f"DELETE FROM receipts WHERE {handed}")
    op.execute(f"DELETE FROM receipt_sessions WHERE {handed}")
    op.execute("UPDATE kept_answers SET sealed_answer = NULL WHERE is_of_staff")


def downgrade() -> None:
    for name in (
        *FLAGS,
        "outside_territory_reason",
        "refused_on",
        "refused_at",
        "consent_given_at",
    ):
        op.drop_column("referrals", name)
