"""Referrals to and from partners; the timeline of a case tells of them.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = (
    "opened",
    "report_added",
    "changed",
    "moved",
    "held",
    "resumed",
    "assessed",
    "note",
    "task_set",
    "task_done",
    "linked",
    "negotiation_started",
    "session_held",
    "proposal_made",
    "proposal_answered",
    "agreement_reached",
    "negotiation_ended",
    "commitment_followed_up",
    "breach_decided",
    "closed",
    "reopened",
)
NEW_KINDS = ("referral_made", "referral_answered", "referral_completed", "referral_closed")
INDEXES = (
    ("made_on", "id"),
    ("status", "made_on", "id"),
    ("partner_id", "made_on", "id"),
    ("partner_id", "answered_on", "made_on"),
    ("report_id",),
    ("status", "answer_by", "id"),
    ("status", "result_by", "id"),
)


def upgrade() -> None:
    _allow(KINDS + NEW_KINDS)
    op.create_table(
        "referrals",
        sa.Column(
            "direction",
            sa.Enum(
                "out", "in", name="direction", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "offered",
                "accepted",
                "declined",
                "completed",
                "withdrawn",
                "consent_withdrawn",
                "submitted",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "information",
                "legal_advice",
                "psychosocial_support",
                "social_support",
                "mediation",
                "investigation",
                "complaint_handling",
                "other",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("consent_given_on", sa.Date(), nullable=True),
        sa.Column(
            "consent_given_by",
            sa.Enum(
                "reporter",
                "representative",
                name="consent_given_by",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "consent_form",
            sa.Enum(
                "written",
                "oral",
                "digital",
                name="consent_form",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("shared_fields", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Text(), nullable=False),
        sa.Column("preview", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("result_by", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "helped",
                "partly_helped",
                "not_reached",
                "not_competent",
                "client_left",
                "other",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_remark", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(direction = 'out') = (answer_by IS NOT NULL)",
            name=op.f("ck_referrals_out_has_an_end"),
        ),
        sa.CheckConstraint(
            "(direction = 'out') = (preview IS NOT NULL)",
            name=op.f("ck_referrals_out_has_a_preview"),
        ),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_on IS NOT NULL)",
            name=op.f("ck_referrals_completed_has_a_day"),
        ),
        sa.CheckConstraint(
            "(status = 'completed') = (outcome IS NOT NULL)",
            name=op.f("ck_referrals_completed_has_an_outcome"),
        ),
        sa.CheckConstraint(
            "(status = 'declined') = (decline_reason IS NOT NULL)",
            name=op.f("ck_referrals_declined_has_a_reason"),
        ),
        sa.CheckConstraint(
            "(status IN ('withdrawn', 'consent_withdrawn')) = (closed_on IS NOT NULL)",
            name=op.f("ck_referrals_closed_has_a_day"),
        ),
        sa.CheckConstraint(
            "consent_given_on IS NOT NULL OR (direction = 'out' AND status <> 'consent_withdrawn')",
            name=op.f("ck_referrals_override_is_no_consent"),
        ),
        sa.CheckConstraint(
            "direction = 'in' OR purpose IS NOT NULL", name=op.f("ck_referrals_out_has_a_purpose")
        ),
        sa.CheckConstraint(
            "direction = 'in' OR status <> 'submitted'", name=op.f("ck_referrals_out_status")
        ),
        sa.CheckConstraint(
            "direction = 'out' OR status IN ('submitted', 'consent_withdrawn')",
            name=op.f("ck_referrals_in_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('accepted', 'declined', 'completed') OR answered_on IS NOT NULL",
            name=op.f("ck_referrals_answer_has_a_day"),
        ),
        sa.CheckConstraint(
            "(consent_given_on IS NULL) = (consent_form IS NULL)",
            name=op.f("ck_referrals_consent_has_a_form"),
        ),
        sa.CheckConstraint(
            "(consent_given_on IS NULL) = (consent_given_by IS NULL)",
            name=op.f("ck_referrals_consent_given_by_whom"),
        ),
        sa.CheckConstraint(
            "(consent_given_on IS NULL) = (override_reason IS NOT NULL)",
            name=op.f("ck_referrals_consent_or_override"),
        ),
        sa.CheckConstraint("answer_by >= made_on", name=op.f("ck_referrals_answer_by")),
        sa.CheckConstraint("answered_on >= made_on", name=op.f("ck_referrals_answered_after_made")),
        sa.CheckConstraint(
            "completed_on >= answered_on", name=op.f("ck_referrals_completed_after_answered")
        ),
        sa.CheckConstraint("result_by >= answer_by", name=op.f("ck_referrals_result_by")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["staff_accounts.id"], name=op.f("fk_referrals_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_referrals_partner_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_referrals_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
    )
    for columns in INDEXES:
        op.create_index(op.f("_".join(("ix_referrals", *columns))), "referrals", list(columns))

    op.create_table(
        "referral_messages",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum(
                "from_bureau",
                "from_partner",
                name="direction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff_accounts.id"], name=op.f("fk_referral_messages_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_messages_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_messages")),
        sa.UniqueConstraint(
            "referral_id", "position", name=op.f("uq_referral_messages_referral_id_position")
        ),
    )


def downgrade() -> None:
    # Told in words that the older table does not know.
    entries = sa.table("timeline_entries", sa.column("kind"))
    op.execute(entries.delete().where(entries.c.kind.in_(NEW_KINDS)))
    op.drop_table("referral_messages")
    op.drop_table("referrals")
    _allow(KINDS)


def _allow(kinds: tuple[str, ...]) -> None:
    name = op.f("ck_timeline_entries_kind")
    with op.batch_alter_table("timeline_entries") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, sa.column("kind").in_(kinds))
