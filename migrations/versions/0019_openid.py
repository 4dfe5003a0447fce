"""Logging in at a provider of identities (OpenID Connect).

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PROOFS = ("password", "totp", "recovery_code", "passkey", "openid", "openid_second_factor")


def upgrade() -> None:
    proved_by = op.f("ck_staff_sessions_proved_by")
    with op.batch_alter_table("staff_sessions") as table:
        table.drop_constraint(proved_by, type_="check")
        table.create_check_constraint(proved_by, sa.column("proved_by").in_(PROOFS))
    op.create_table(
        "staff_identities",
        sa.Column("subject_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_staff_identities_account_id")
        ),
        sa.PrimaryKeyConstraint("subject_hash", name=op.f("pk_staff_identities")),
        sa.UniqueConstraint(
            "account_id", "issuer", name=op.f("uq_staff_identities_account_id_issuer")
        ),
    )
    op.create_table(
        "openid_steps",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "aim",
            sa.Enum(
                "login",
                "step_up",
                "link",
                name="aim",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("session_hash", sa.String(length=64), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(aim = 'login') = (account_id IS NULL)", name=op.f("ck_openid_steps_login_by_nobody")
        ),
        sa.CheckConstraint(
            "(account_id IS NULL) = (session_hash IS NULL)",
            name=op.f("ck_openid_steps_session_of_account"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_openid_steps_account_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_openid_steps")),
    )
    op.create_index(op.f("ix_openid_steps_expires_at"), "openid_steps", ["expires_at"])


def downgrade() -> None:
    """Without the tables, who logs in at the provider would be somebody new."""
    raise NotImplementedError("identities cannot be forgotten: restore the backup made before")
