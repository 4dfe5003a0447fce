"""Requests of people about their own data, what was rectified, restricted processing.

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_requests",
        sa.Column(
            "kind",
            sa.Enum(
                "access",
                "portability",
                "rectification",
                "erasure",
                "restriction",
                "objection",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "reporter",
                "respondent",
                "other",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("requester_name", sa.Text(), nullable=True),
        sa.Column("requester_contact", sa.Text(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("registered_by_id", sa.Uuid(), nullable=False),
        sa.Column("extended_on", sa.Date(), nullable=True),
        sa.Column("extension_reason", sa.Text(), nullable=True),
        sa.Column(
            "identity_check",
            sa.Enum(
                "document_seen",
                "known_contact",
                "receipt_code",
                "mandate",
                name="identity_check",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("identity_shown_on", sa.Date(), nullable=True),
        sa.Column("identity_checked_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "granted",
                "partly_granted",
                "refused",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "refusal_ground",
            sa.Enum(
                "identity_not_shown",
                "unfounded_or_excessive",
                "rights_of_others",
                "legal_obligation",
                "legal_claims",
                "other",
                name="refusal_ground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("unmasked_kinds", sa.Text(), nullable=False),
        sa.Column("unmasking_reason", sa.Text(), nullable=True),
        sa.Column("restriction_lifted_on", sa.Date(), nullable=True),
        sa.Column("lifting_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(refusal_ground IS NOT NULL) = (decision IS NOT NULL AND decision = 'refused')",
            name=op.f("ck_person_requests_refused_has_a_ground"),
        ),
        sa.CheckConstraint(
            "decision IS NULL OR identity_check IS NOT NULL"
            " OR (decision = 'refused' AND refusal_ground = 'identity_not_shown')",
            name=op.f("ck_person_requests_decided_knows_who"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (answered_on IS NULL)",
            name=op.f("ck_person_requests_decided_has_a_day"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_person_requests_decided_by_whom"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decision_reason IS NULL)",
            name=op.f("ck_person_requests_decided_has_a_reason"),
        ),
        sa.CheckConstraint(
            "(extended_on IS NULL) = (extension_reason IS NULL)",
            name=op.f("ck_person_requests_extended_has_a_reason"),
        ),
        sa.CheckConstraint(
            "(identity_check IS NULL) = (identity_checked_by_id IS NULL)",
            name=op.f("ck_person_requests_identity_by_whom"),
        ),
        sa.CheckConstraint(
            "(identity_check IS NULL) = (identity_shown_on IS NULL)",
            name=op.f("ck_person_requests_identity_has_a_day"),
        ),
        sa.CheckConstraint(
            "(restriction_lifted_on IS NULL) = (lifting_reason IS NULL)",
            name=op.f("ck_person_requests_lifted_has_a_reason"),
        ),
        sa.CheckConstraint(
            "due_on > received_on", name=op.f("ck_person_requests_due_after_received")
        ),
        sa.CheckConstraint(
            "registered_on >= received_on",
            name=op.f("ck_person_requests_registered_after_received"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff_accounts.id"], name=op.f("fk_person_requests_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["identity_checked_by_id"],
            ["staff_accounts.id"],
            name=op.f("fk_person_requests_identity_checked_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["registered_by_id"],
            ["staff_accounts.id"],
            name=op.f("fk_person_requests_registered_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_requests")),
    )
    op.create_index(
        op.f("ix_person_requests_answered_on_due_on_id"),
        "person_requests",
        ["answered_on", "due_on", "id"],
    )
    op.create_index(
        op.f("ix_person_requests_received_on_id"), "person_requests", ["received_on", "id"]
    )

    op.create_table(
        "person_request_subjects",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "case", "report", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("disposal_id", sa.Uuid(), nullable=True),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["disposal_id"], ["disposals.id"], name=op.f("fk_person_request_subjects_disposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["retention_holds.id"], name=op.f("fk_person_request_subjects_hold_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["person_requests.id"],
            name=op.f("fk_person_request_subjects_request_id"),
        ),
        sa.PrimaryKeyConstraint(
            "request_id", "subject_id", name=op.f("pk_person_request_subjects")
        ),
    )
    op.create_index(
        op.f("ix_person_request_subjects_hold_id"), "person_request_subjects", ["hold_id"]
    )
    op.create_index(
        op.f("ix_person_request_subjects_subject_id"), "person_request_subjects", ["subject_id"]
    )

    op.create_table(
        "report_rectifications",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "field",
            sa.Enum(
                "name",
                "email",
                "phone",
                "postal",
                "municipality",
                "safe_contact",
                "age_band",
                "gender",
                "origin",
                name="field",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("old_value", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rectified_on", sa.Date(), nullable=False),
        sa.Column("rectified_by_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rectified_by_id"],
            ["staff_accounts.id"],
            name=op.f("fk_report_rectifications_rectified_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_rectifications_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["person_requests.id"], name=op.f("fk_report_rectifications_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_rectifications")),
        sa.UniqueConstraint(
            "report_id", "position", name=op.f("uq_report_rectifications_report_id_position")
        ),
    )
    op.add_column("reports", sa.Column("processing_restricted_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Without the column, what may not be processed would be."""
    raise NotImplementedError("restrictions cannot be forgotten: restore the backup made before")
