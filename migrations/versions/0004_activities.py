"""Activities, action points, calendar addresses, bulletins.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_counters",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_activity_counters")),
    )
    op.create_table(
        "activities",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("target_groups", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("sample", sa.Integer(), nullable=True),
        sa.Column("aware", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(population IS NULL) = (sample IS NULL) AND (sample IS NULL) = (aware IS NULL)",
            name=op.f("ck_activities_measurement_is_whole"),
        ),
        sa.CheckConstraint(
            "aware >= 0 AND sample >= aware AND population >= sample",
            name=op.f("ck_activities_measurement"),
        ),
        sa.CheckConstraint("ended_on >= held_on", name=op.f("ck_activities_period")),
        sa.CheckConstraint("participants >= 0", name=op.f("ck_activities_participants")),
        sa.CheckConstraint(
            "participants IS NULL OR sample IS NULL", name=op.f("ck_activities_figures_of_one_kind")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["staff_accounts.id"], name=op.f("fk_activities_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("reference", name=op.f("uq_activities_reference")),
    )
    op.create_index(op.f("ix_activities_held_on_id"), "activities", ["held_on", "id"], unique=False)
    op.create_index(
        op.f("ix_activities_kind_held_on_id"), "activities", ["kind", "held_on", "id"], unique=False
    )

    op.create_table(
        "bulletins",
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
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
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["staff_accounts.id"], name=op.f("fk_bulletins_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletins")),
    )
    op.create_index(
        op.f("ix_bulletins_written_at_id"), "bulletins", ["written_at", "id"], unique=False
    )

    op.create_table(
        "calendar_addresses",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(account_id IS NULL) <> (partner_id IS NULL)",
            name=op.f("ck_calendar_addresses_of_one"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_calendar_addresses_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_calendar_addresses_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_addresses")),
        sa.UniqueConstraint("account_id", name=op.f("uq_calendar_addresses_account_id")),
        sa.UniqueConstraint("partner_id", name=op.f("uq_calendar_addresses_partner_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_addresses_token_hash")),
    )
    op.create_table(
        "action_points",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_action_points_activity_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff_accounts.id"], name=op.f("fk_action_points_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_points")),
    )
    op.create_index(
        op.f("ix_action_points_activity_id"), "action_points", ["activity_id"], unique=False
    )
    op.create_index(
        op.f("ix_action_points_done_on_due_on_id"),
        "action_points",
        ["done_on", "due_on", "id"],
        unique=False,
    )

    op.create_table(
        "activity_attendees",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_accounts.id"], name=op.f("fk_activity_attendees_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_attendees_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "account_id", name=op.f("pk_activity_attendees")),
    )
    op.create_index(
        op.f("ix_activity_attendees_account_id"), "activity_attendees", ["account_id"], unique=False
    )

    op.create_table(
        "activity_guests",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_guests_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "position", name=op.f("pk_activity_guests")),
    )
    op.create_table(
        "activity_partners",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_partners_activity_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_activity_partners_partner_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "partner_id", name=op.f("pk_activity_partners")),
    )
    op.create_index(
        op.f("ix_activity_partners_partner_id"), "activity_partners", ["partner_id"], unique=False
    )

    op.create_table(
        "awareness_groups",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_label", sa.String(length=100), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("aware", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "aware >= 0 AND sample >= aware", name=op.f("ck_awareness_groups_measurement")
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_awareness_groups_activity_id")
        ),
        sa.PrimaryKeyConstraint("activity_id", "position", name=op.f("pk_awareness_groups")),
    )
    op.create_table(
        "bulletin_recipients",
        sa.Column("bulletin_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_bulletin_recipients_bulletin_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_bulletin_recipients_partner_id")
        ),
        sa.PrimaryKeyConstraint("bulletin_id", "partner_id", name=op.f("pk_bulletin_recipients")),
    )
    op.create_index(
        op.f("ix_bulletin_recipients_partner_id_sent_at_bulletin_id"),
        "bulletin_recipients",
        ["partner_id", "sent_at", "bulletin_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_bulletin_recipients_partner_id_sent_at_bulletin_id"),
        table_name="bulletin_recipients",
    )
    op.drop_table("bulletin_recipients")
    op.drop_table("awareness_groups")
    op.drop_index(op.f("ix_activity_partners_partner_id"), table_name="activity_partners")
    op.drop_table("activity_partners")
    op.drop_table("activity_guests")
    op.drop_index(op.f("ix_activity_attendees_account_id"), table_name="activity_attendees")
    op.drop_table("activity_attendees")
    op.drop_index(op.f("ix_action_points_done_on_due_on_id"), table_name="action_points")
    op.drop_index(op.f("ix_action_points_activity_id"), table_name="action_points")
    op.drop_table("action_points")
    op.drop_table("calendar_addresses")
    op.drop_index(op.f("ix_bulletins_written_at_id"), table_name="bulletins")
    op.drop_table("bulletins")
    op.drop_index(op.f("ix_activities_kind_held_on_id"), table_name="activities")
    op.drop_index(op.f("ix_activities_held_on_id"), table_name="activities")
    op.drop_table("activities")
    op.drop_table("activity_counters")
