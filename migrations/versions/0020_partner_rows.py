"""PostgreSQL: what a partner's transaction finds of the tables that partners read.

That it finds nothing else is a policy of every table, given to new ones by the step after the
migrations (app/core/store_rights.py).

Revision: 0020, after 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Each in a SELECT of its own: asked once for a statement, not once for a row.
ME = "(SELECT nullif(current_setting('bureau.partner_id', true), '')::uuid)"
# What a policy reads is under the policies of the other table.
MY_REPORTS = f"ARRAY(SELECT r.report_id FROM referrals r WHERE r.partner_id = {ME})"
MINE = f"partner_id = {ME}"

OWN = (
    ("partners", "SELECT", f"id = {ME}"),
    ("partner_clients", "SELECT", MINE),
    ("partner_people", "SELECT", MINE),
    (
        "partner_sessions",
        "ALL",
        "EXISTS (SELECT FROM partner_clients c WHERE c.id = partner_client_id)"
        " OR EXISTS (SELECT FROM partner_people p WHERE p.id = partner_person_id)",
    ),
    (
        "referrals",
        "ALL",
        f"{MINE} AND status NOT IN ('withdrawn', 'consent_withdrawn') AND refused_on IS NULL",
    ),
    (
        "referral_messages",
        "ALL",
        "EXISTS (SELECT FROM referrals r WHERE r.id = referral_id)",
    ),
    ("reports", "SELECT", f"id = ANY ({MY_REPORTS})"),
    ("report_grounds", "SELECT", f"report_id = ANY ({MY_REPORTS})"),
    ("report_conducts", "SELECT", f"report_id = ANY ({MY_REPORTS})"),
    ("bulletin_recipients", "ALL", MINE),
    (
        "bulletins",
        "SELECT",
        "EXISTS (SELECT FROM bulletin_recipients b WHERE b.bulletin_id = bulletins.id)",
    ),
    ("kept_partner_years", "ALL", MINE),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, act, rows in OWN:
        op.execute(f"CREATE POLICY own_rows ON {table} FOR {act} USING ({rows})")
    op.execute("CREATE POLICY any_entry ON audit_entries FOR INSERT WITH CHECK (true)")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP POLICY any_entry ON audit_entries")
    for table, _act, _rows in OWN:
        op.execute(f"DROP POLICY own_rows ON {table}")
