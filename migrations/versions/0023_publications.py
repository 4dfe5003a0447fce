"""Texts of the yearly report, reviews, publications.

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "year_resources",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_hundredths", sa.Integer(), nullable=True),
        sa.Column("budget_cents", sa.Integer(), nullable=True),
        sa.Column("spent_cents", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "budget_cents >= 0 AND spent_cents >= 0", name=op.f("ck_year_resources_money")
        ),
        sa.CheckConstraint("staff_hundredths >= 0", name=op.f("ck_year_resources_staff")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_year_resources")),
    )
    op.create_table(
        "publications",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("draft", sa.String(length=64), nullable=False),
        sa.Column("code_version", sa.String(length=40), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Uuid(), nullable=False),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(version_number = 1) = (reason IS NULL)",
            name=op.f("ck_publications_correction_has_reason"),
        ),
        sa.CheckConstraint(
            "published_by_id <> reviewed_by_id", name=op.f("ck_publications_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["staff_accounts.id"], name=op.f("fk_publications_published_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["staff_accounts.id"], name=op.f("fk_publications_reviewed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint(
            "year", "version_number", name=op.f("uq_publications_year_version_number")
        ),
    )
    op.create_table(
        "report_reviews",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "approve",
                "return",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.Column("draft", sa.String(length=64), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["staff_accounts.id"], name=op.f("fk_report_reviews_reviewed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_reviews")),
        sa.UniqueConstraint("year", "position", name=op.f("uq_report_reviews_year_position")),
    )
    op.create_table(
        "report_texts",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "section",
            sa.Enum(
                "foreword",
                "method",
                "reports",
                "cases",
                "resolutions",
                "network",
                "signals",
                "prevention",
                "indicators",
                "accessibility",
                "resources",
                "recommendations",
                name="section",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "language",
            sa.Enum(
                "nl",
                "fr",
                "en",
                name="language",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["staff_accounts.id"], name=op.f("fk_report_texts_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_texts")),
        sa.UniqueConstraint(
            "year", "section", "language", name=op.f("uq_report_texts_year_section_language")
        ),
    )


def downgrade() -> None:
    op.drop_table("report_texts")
    op.drop_table("report_reviews")
    op.drop_table("publications")
    op.drop_table("year_resources")
