"""Clients and people of partners, and their sessions.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_used_assertions",
        sa.Column("assertion_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("assertion_hash", name=op.f("pk_partner_used_assertions")),
    )
    op.create_index(
        op.f("ix_partner_used_assertions_expires_at"), "partner_used_assertions", ["expires_at"]
    )

    op.create_table(
        "partner_clients",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_secret_hash", sa.String(length=64), nullable=True),
        sa.Column("previous_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_key", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(previous_secret_hash IS NULL) = (previous_secret_until IS NULL)",
            name=op.f("ck_partner_clients_previous_secret"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_partner_clients_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_clients")),
        sa.UniqueConstraint("client_id", name=op.f("uq_partner_clients_client_id")),
    )
    op.create_index(
        op.f("ix_partner_clients_partner_id_created_at_id"),
        "partner_clients",
        ["partner_id", "created_at", "id"],
    )

    op.create_table(
        "partner_people",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("last_code_step", sa.BigInteger(), nullable=True),
        sa.Column("joining_hash", sa.String(length=64), nullable=True),
        sa.Column("joining_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(joining_hash IS NULL) = (joining_until IS NULL)",
            name=op.f("ck_partner_people_joining"),
        ),
        sa.CheckConstraint(
            "(username IS NULL) = (password_hash IS NULL) AND (username IS NULL) = (totp_secret IS NULL)",
            name=op.f("ck_partner_people_credentials"),
        ),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR username IS NOT NULL", name=op.f("ck_partner_people_confirmed")
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR joining_hash IS NULL", name=op.f("ck_partner_people_ended")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_partner_people_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_people")),
        sa.UniqueConstraint("joining_hash", name=op.f("uq_partner_people_joining_hash")),
        sa.UniqueConstraint("username", name=op.f("uq_partner_people_username")),
    )
    op.create_index(
        op.f("ix_partner_people_partner_id_invited_at_id"),
        "partner_people",
        ["partner_id", "invited_at", "id"],
    )

    op.create_table(
        "partner_recovery_codes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["partner_people.id"], name=op.f("fk_partner_recovery_codes_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name=op.f("pk_partner_recovery_codes")),
    )
    op.create_table(
        "partner_sessions",
        sa.Column("partner_client_id", sa.Uuid(), nullable=True),
        sa.Column("partner_person_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(partner_client_id IS NULL) <> (partner_person_id IS NULL)",
            name=op.f("ck_partner_sessions_one_holder"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_client_id"],
            ["partner_clients.id"],
            name=op.f("fk_partner_sessions_partner_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_person_id"],
            ["partner_people.id"],
            name=op.f("fk_partner_sessions_partner_person_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_partner_sessions_token_hash")),
    )
    op.create_index(op.f("ix_partner_sessions_expires_at"), "partner_sessions", ["expires_at"])
    op.create_index(
        op.f("ix_partner_sessions_partner_client_id"), "partner_sessions", ["partner_client_id"]
    )
    op.create_index(
        op.f("ix_partner_sessions_partner_person_id"), "partner_sessions", ["partner_person_id"]
    )


def downgrade() -> None:
    for table in (
        "partner_sessions",
        "partner_recovery_codes",
        "partner_people",
        "partner_clients",
        "partner_used_assertions",
    ):
        op.drop_table(table)
