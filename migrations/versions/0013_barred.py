"""Colleagues from whom a report is hidden; the trail tells of it.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

EVENTS = (
    "logged_in",
    "login_failed",
    "logged_out",
    "account_created",
    "account_changed",
    "vocabulary_changed",
    "report_received",
    "report_read",
    "report_changed",
    "report_triaged",
    "report_withdrawn",
    "reporter_identified",
    "receipt_issued",
    "receipt_used",
    "message_sent",
    "similar_read",
    "event_grouped",
    "partner_registered",
    "partner_read",
    "partner_changed",
    "cooperation_agreed",
    "cooperation_changed",
    "partner_client_created",
    "partner_client_changed",
    "partner_person_invited",
    "partner_person_joined",
    "partner_person_changed",
    "partner_logged_in",
    "partner_login_failed",
    "partner_logged_out",
    "referral_made",
    "referral_read",
    "referral_accepted",
    "referral_declined",
    "referral_completed",
    "referral_withdrawn",
    "referral_consent_withdrawn",
    "referral_message_sent",
    "referral_submitted",
    "activity_recorded",
    "activity_read",
    "activity_changed",
    "action_point_changed",
    "calendar_issued",
    "calendar_read",
    "attachment_added",
    "attachment_read",
    "attachment_removed",
    "bulletin_written",
    "bulletin_sent",
    "bulletin_read",
    "webhook_changed",
    "delivery_resent",
    "digest_changed",
    "case_opened",
    "case_read",
    "case_changed",
    "case_moved",
    "case_held",
    "case_resumed",
    "case_assessed",
    "case_closed",
    "case_reopened",
    "case_linked",
    "case_report_added",
    "note_written",
    "notes_read",
    "timeline_read",
    "task_set",
    "tasks_read",
    "task_changed",
    "negotiation_started",
    "negotiation_read",
    "negotiation_ended",
    "session_held",
    "proposal_made",
    "proposal_answered",
    "agreement_reached",
    "commitment_followed_up",
    "commitments_read",
    "breach_decided",
    "import_run",
)
NEW_EVENTS = ("colleague_barred", "colleague_readmitted", "barred_read")


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
    _allow(EVENTS + NEW_EVENTS)


def downgrade() -> None:
    """Without the table, what was hidden from a colleague would be shown to them."""
    raise NotImplementedError("bars cannot be forgotten: restore the backup made before")


def _allow(events: tuple[str, ...]) -> None:
    name = op.f("ck_audit_entries_event")
    with op.batch_alter_table("audit_entries") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, sa.column("event").in_(events))
