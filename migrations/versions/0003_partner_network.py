"""The partner register, dated tiers, contacts, history, agreements.

Revision: 0003, after 0002
"""

import unicodedata
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LISTS = ("territory", "territory_folded", "grounds", "domains", "languages", "accessibility")


def upgrade() -> None:
    op.create_table(
        "cooperation_agreements",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cooperation",
                "referral",
                "data_sharing",
                "service_area",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("shared_fields", sa.Text(), nullable=False),
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("renewal_on", sa.Date(), nullable=True),
        sa.Column("extends_service_area", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "NOT extends_service_area OR territory <> ''",
            name=op.f("ck_cooperation_agreements_extension_has_place"),
        ),
        sa.CheckConstraint(
            "renewal_on <= valid_to", name=op.f("ck_cooperation_agreements_renewal_before_end")
        ),
        sa.CheckConstraint(
            "renewal_on >= valid_from", name=op.f("ck_cooperation_agreements_renewal_after_start")
        ),
        sa.CheckConstraint(
            "valid_to >= valid_from", name=op.f("ck_cooperation_agreements_validity")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_cooperation_agreements_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation_agreements")),
    )
    op.create_index(
        op.f("ix_cooperation_agreements_extends_service_area_valid_from"),
        "cooperation_agreements",
        ["extends_service_area", "valid_from"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cooperation_agreements_partner_id_valid_from_id"),
        "cooperation_agreements",
        ["partner_id", "valid_from", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cooperation_agreements_renewal_on_id"),
        "cooperation_agreements",
        ["renewal_on", "id"],
        unique=False,
    )

    op.create_table(
        "partner_contacts",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("wants_bulletins", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_partner_contacts_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_contacts")),
    )
    op.create_index(
        op.f("ix_partner_contacts_partner_id_position"),
        "partner_contacts",
        ["partner_id", "position"],
        unique=False,
    )

    op.create_table(
        "partner_revisions",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"],
            ["staff_accounts.id"],
            name=op.f("fk_partner_revisions_changed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_partner_revisions_partner_id")
        ),
        sa.PrimaryKeyConstraint("partner_id", "version", name=op.f("pk_partner_revisions")),
    )
    op.create_table(
        "partner_tiers",
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_partner_tiers_period")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_partner_tiers_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_tiers")),
        sa.UniqueConstraint(
            "partner_id", "valid_from", name=op.f("uq_partner_tiers_partner_id_valid_from")
        ),
    )
    # Column by column: a batch would make the table anew, and SQLite does not let go of one that
    # others refer to. The defaults serve the rows that stand; the application always gives values.
    op.add_column(
        "partners", sa.Column("search_text", sa.String(600), nullable=False, server_default="")
    )
    for name in LISTS:
        op.add_column("partners", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "partners", sa.Column("active_from", sa.Date(), nullable=False, server_default="1970-01-01")
    )
    op.execute(
        "ALTER TABLE partners ADD COLUMN active_to DATE"
        " CONSTRAINT ck_partners_active_period CHECK (active_to >= active_from)"
    )
    op.add_column(
        "partners",
        sa.Column("accepts_referrals", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    _carry_over()
    op.drop_column("partners", "is_active")
    op.drop_column("partners", "contact")
    op.create_index(
        op.f("ix_partners_search_text_id"), "partners", ["search_text", "id"], unique=False
    )


def _carry_over() -> None:
    """What stood in the one contact field becomes a first contact; who had ended, ended yesterday."""
    partners = sa.table(
        "partners",
        sa.column("id", sa.Uuid()),
        sa.column("organisation", sa.String()),
        sa.column("contact", sa.Text()),
        sa.column("is_active", sa.Boolean()),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("search_text", sa.String()),
        sa.column("active_from", sa.Date()),
        sa.column("active_to", sa.Date()),
    )
    contacts = sa.table(
        "partner_contacts",
        sa.column("id", sa.Uuid()),
        sa.column("partner_id", sa.Uuid()),
        sa.column("position", sa.Integer()),
        sa.column("name", sa.Text()),
        sa.column("wants_bulletins", sa.Boolean()),
    )
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    connection = op.get_bind()
    for row in connection.execute(sa.select(partners)).all():
        created_on = row.created_at.date()
        connection.execute(
            partners.update()
            .where(partners.c.id == row.id)
            .values(
                search_text=_fold(row.organisation)[:600],
                active_from=created_on if row.is_active else min(created_on, yesterday),
                active_to=None if row.is_active else yesterday,
            )
        )
        if row.contact is not None:
            connection.execute(
                contacts.insert().values(
                    id=uuid4(),
                    partner_id=row.id,
                    position=0,
                    name=row.contact,
                    wants_bulletins=False,
                )
            )


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def downgrade() -> None:
    """Loses what the older schema cannot hold."""
    op.drop_index(op.f("ix_partners_search_text_id"), table_name="partners")
    op.add_column("partners", sa.Column("contact", sa.Text(), nullable=True))
    op.add_column(
        "partners", sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.drop_column("partners", "accepts_referrals")
    op.drop_column("partners", "active_to")
    op.drop_column("partners", "active_from")
    for name in (*LISTS, "search_text"):
        op.drop_column("partners", name)
    op.drop_table("partner_tiers")
    op.drop_table("partner_revisions")
    op.drop_table("partner_contacts")
    op.drop_table("cooperation_agreements")
