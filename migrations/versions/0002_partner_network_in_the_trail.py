"""The trail tells of the partner network: its events and its kind of actor.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
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
NEW_EVENTS = (
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
)
KINDS = ("anybody", "reporter", "staff", "system")


def upgrade() -> None:
    _allow(EVENTS + NEW_EVENTS, (*KINDS, "partner"))


def downgrade() -> None:
    _allow(EVENTS, KINDS)


def _allow(events: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("audit_entries") as table:
        for column, values in (("event", events), ("actor_kind", kinds)):
            name = op.f(f"ck_audit_entries_{column}")
            table.drop_constraint(name, type_="check")
            table.create_check_constraint(name, sa.column(column).in_(values))
