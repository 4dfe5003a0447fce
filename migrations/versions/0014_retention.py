"""Holds, disposals by two people, and what was disposed of.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disposals",
        sa.Column(
            "kind",
            sa.Enum(
                "case", "report", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "schedule",
                "erasure",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "approved",
                "rejected",
                "done",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'done') = (done_on IS NOT NULL)", name=op.f("ck_disposals_done_has_a_day")
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_on IS NULL)",
            name=op.f("ck_disposals_decided_has_a_day"),
        ),
        sa.CheckConstraint(
            "basis = 'schedule' OR reason IS NOT NULL",
            name=op.f("ck_disposals_erasure_has_a_reason"),
        ),
        sa.CheckConstraint(
            "status <> 'approved' AND status <> 'done' OR decided_by_id <> proposed_by_id",
            name=op.f("ck_disposals_two_people"),
        ),
        sa.CheckConstraint(
            "(decided_on IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_disposals_decided_by_whom"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff_accounts.id"], name=op.f("fk_disposals_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["staff_accounts.id"], name=op.f("fk_disposals_proposed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposals")),
    )
    op.create_index(op.f("ix_disposals_proposed_on_id"), "disposals", ["proposed_on", "id"])
    op.create_index(
        op.f("ix_disposals_status_proposed_on_id"),
        "disposals",
        ["status", "proposed_on", "id"],
    )

    op.create_table(
        "retention_holds",
        sa.Column(
            "kind",
            sa.Enum(
                "case", "report", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("placed_by_id", sa.Uuid(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("lifted_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(lifted_on IS NULL) = (lifted_by_id IS NULL)",
            name=op.f("ck_retention_holds_lifted_by_whom"),
        ),
        sa.CheckConstraint(
            "lifted_on >= placed_on", name=op.f("ck_retention_holds_lifted_after_placed")
        ),
        sa.CheckConstraint(
            "review_on >= placed_on", name=op.f("ck_retention_holds_review_after_placed")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["staff_accounts.id"], name=op.f("fk_retention_holds_lifted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by_id"], ["staff_accounts.id"], name=op.f("fk_retention_holds_placed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_holds")),
    )
    op.create_index(
        op.f("ix_retention_holds_lifted_on_review_on_id"),
        "retention_holds",
        ["lifted_on", "review_on", "id"],
    )
    op.create_index(op.f("ix_retention_holds_placed_on_id"), "retention_holds", ["placed_on", "id"])
    op.create_index(
        op.f("ix_retention_holds_subject_id_lifted_on"),
        "retention_holds",
        ["subject_id", "lifted_on"],
    )

    op.create_table(
        "disposal_items",
        sa.Column("disposal_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "waiting",
                "disposed",
                "kept",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kept_because",
            sa.Enum(
                "held",
                "in_use",
                "not_due",
                name="kept_because",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("disposed_on", sa.Date(), nullable=True),
        sa.Column("removed", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'disposed') = (disposed_on IS NOT NULL)",
            name=op.f("ck_disposal_items_disposed_when"),
        ),
        sa.CheckConstraint(
            "(outcome = 'kept') = (kept_because IS NOT NULL)",
            name=op.f("ck_disposal_items_kept_why"),
        ),
        sa.ForeignKeyConstraint(
            ["disposal_id"], ["disposals.id"], name=op.f("fk_disposal_items_disposal_id")
        ),
        sa.PrimaryKeyConstraint("disposal_id", "subject_id", name=op.f("pk_disposal_items")),
    )
    op.create_index(
        op.f("ix_disposal_items_disposal_id_outcome_reference"),
        "disposal_items",
        ["disposal_id", "outcome", "reference"],
    )
    op.create_index(
        op.f("ix_disposal_items_disposal_id_reference"),
        "disposal_items",
        ["disposal_id", "reference"],
    )
    op.create_index(
        op.f("ix_disposal_items_subject_id_outcome"),
        "disposal_items",
        ["subject_id", "outcome"],
    )

    op.add_column("cases", sa.Column("disposed_on", sa.Date(), nullable=True))

    op.create_index(op.f("ix_follow_ups_case_id"), "follow_ups", ["case_id"])

    op.create_index(op.f("ix_negotiation_sessions_case_id"), "negotiation_sessions", ["case_id"])

    op.create_index(op.f("ix_parties_case_id"), "parties", ["case_id"])

    op.create_index(op.f("ix_referral_messages_report_id"), "referral_messages", ["report_id"])

    op.add_column("reports", sa.Column("disposed_on", sa.Date(), nullable=True))

    op.create_index(op.f("ix_terms_case_id"), "terms", ["case_id"])


def downgrade() -> None:
    """Without the columns, what is left of a disposed case would be shown as a case."""
    raise NotImplementedError("disposals cannot be undone: restore the backup made before")
