"""The outbox, webhooks of partners, the daily digest, attachments.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column(
            "owner_kind",
            sa.Enum(
                "report",
                "case",
                "negotiation",
                "partner_agreement",
                "activity",
                name="owner_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("storage_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "added_by_kind",
            sa.Enum(
                "anybody",
                "reporter",
                "partner",
                "staff",
                "system",
                name="added_by_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(removed_on IS NULL) = (file_name IS NOT NULL)",
            name=op.f("ck_attachments_removed_has_no_name"),
        ),
        sa.CheckConstraint(
            "(removed_on IS NULL) = (storage_id IS NOT NULL)",
            name=op.f("ck_attachments_removed_has_no_file"),
        ),
        sa.CheckConstraint("size_bytes >= 1", name=op.f("ck_attachments_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("storage_id", name=op.f("uq_attachments_storage_id")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attachments_owner_kind_owner_id_added_at_id"),
            ["owner_kind", "owner_id", "added_at", "id"],
            unique=False,
        )

    op.create_table(
        "digest_subscriptions",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
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
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_digest_subscriptions_hour")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_digest_subscriptions_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_digest_subscriptions")),
    )
    with op.batch_alter_table("digest_subscriptions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_digest_subscriptions_is_on_hour"), ["is_on", "hour"], unique=False
        )

    op.create_table(
        "webhook_endpoints",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (secret IS NOT NULL)",
            name=op.f("ck_webhook_endpoints_removed_has_no_key"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_webhook_endpoints_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_webhook_endpoints_partner_id_created_at_id"),
            ["partner_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "outbox_messages",
        sa.Column(
            "kind",
            sa.Enum(
                "mail", "webhook", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("endpoint_id", sa.Uuid(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("event", sa.String(length=60), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "sent",
                "dead",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_error",
            sa.Enum(
                "no_connection",
                "timed_out",
                "address_refused",
                "server_refused",
                "recipient_deferred",
                "recipient_refused",
                "message_deferred",
                "message_refused",
                "unsendable",
                "redirected",
                "bad_status",
                "endpoint_removed",
                name="last_error",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'mail') = (recipient IS NOT NULL AND subject IS NOT NULL AND body IS NOT NULL AND endpoint_id IS NULL)",
            name=op.f("ck_outbox_messages_mail"),
        ),
        sa.CheckConstraint(
            "(kind = 'webhook') = (endpoint_id IS NOT NULL AND event IS NOT NULL AND object_id IS NOT NULL AND recipient IS NULL)",
            name=op.f("ck_outbox_messages_webhook"),
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)",
            name=op.f("ck_outbox_messages_sent_has_a_time"),
        ),
        sa.CheckConstraint(
            "state <> 'dead' OR last_error IS NOT NULL",
            name=op.f("ck_outbox_messages_dead_has_an_error"),
        ),
        sa.CheckConstraint(
            "(claimed_by IS NULL) = (claimed_until IS NULL)", name=op.f("ck_outbox_messages_claim")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_messages_attempts")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name=op.f("fk_outbox_messages_endpoint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
    )
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_messages_created_at_id"), ["created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_messages_state_created_at_id"),
            ["state", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_messages_state_endpoint_id_next_attempt_at_id"),
            ["state", "endpoint_id", "next_attempt_at", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_messages_state_endpoint_id_next_attempt_at_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_messages_state_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_messages_created_at_id"))

    op.drop_table("outbox_messages")
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_endpoints_partner_id_created_at_id"))

    op.drop_table("webhook_endpoints")
    with op.batch_alter_table("digest_subscriptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_digest_subscriptions_is_on_hour"))

    op.drop_table("digest_subscriptions")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachments_owner_kind_owner_id_added_at_id"))

    op.drop_table("attachments")
