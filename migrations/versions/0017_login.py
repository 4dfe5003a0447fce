"""Second factors of colleagues, and when a session was proved.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PROOFS = ("password", "totp", "recovery_code", "passkey")


def upgrade() -> None:
    with op.batch_alter_table("staff_sessions") as table:
        table.add_column(sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(
            sa.Column(
                "proved_by",
                sa.Enum(
                    *PROOFS, name="proved_by", native_enum=False, create_constraint=False, length=40
                ),
                nullable=True,
            )
        )
        table.create_check_constraint(
            op.f("ck_staff_sessions_proved_by"),
            sa.column("proved_by").in_(PROOFS),
        )
        table.create_check_constraint(
            op.f("ck_staff_sessions_proved"), "(proved_at IS NULL) = (proved_by IS NULL)"
        )
    op.create_table(
        "staff_totp",
        _account(),
        sa.Column("totp_secret", sa.Text(), nullable=False),
        sa.Column("last_code_step", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        _names_account("staff_totp"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_staff_totp")),
    )
    op.create_table(
        "staff_recovery_codes",
        _account(),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        _names_account("staff_recovery_codes"),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_staff_recovery_codes")),
    )
    op.create_table(
        "staff_passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        _account(),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("credential_hash", sa.String(length=64), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_staff_passkeys_sign_count")),
        _names_account("staff_passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkeys")),
        sa.UniqueConstraint("credential_hash", name=op.f("uq_staff_passkeys_credential_hash")),
    )
    op.create_index(
        op.f("ix_staff_passkeys_account_id_made_at_id"),
        "staff_passkeys",
        ["account_id", "made_at", "id"],
    )
    op.create_table(
        "login_steps",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        _account(),
        sa.Column(
            "kind",
            sa.Enum(
                "passkey_login",
                "passkey_step_up",
                "passkey_enrolment",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("challenge", sa.String(length=100), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _names_account("login_steps"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_login_steps")),
    )
    op.create_index(op.f("ix_login_steps_expires_at"), "login_steps", ["expires_at"])


def downgrade() -> None:
    """Without the tables, who set up a second factor would get in without it."""
    raise NotImplementedError("second factors cannot be forgotten: restore the backup made before")


def _account() -> sa.Column[object]:
    return sa.Column("account_id", sa.Uuid(), nullable=False)


def _names_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["staff_accounts.id"], name=op.f(f"fk_{table}_account_id")
    )
