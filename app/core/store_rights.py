"""PostgreSQL: what the application's login may do, and what a partner's transaction finds.

Kept right after every migration, by the owner of the tables (migrations/env.py). The application's
login belongs to the role `bureau_application`, which deploy/roles.sql makes; without that role
the owner is the application too.
"""

from collections.abc import Callable
from enum import StrEnum

from sqlalchemy import Connection, text

from app.core.partner_rows import OPEN_TO_PARTNERS, SETTING

APPLICATION = "bureau_application"

HOUSE = "whole_house"
"""The policy by which all but partners find every row. PostgreSQL asks the policies of a table in
the reverse order of their names: this one first."""

POLICIES = frozenset({HOUSE, "own_rows", "any_entry"})
"""Those the bureau makes itself: the first here, the others in migrations."""

ONLY_READ = frozenset({"alembic_version"})
ONLY_ADDED_TO = frozenset(
    {
        "audit_chain",
        "audit_checkpoints",
        "audit_entries",
        "detection_runs",
        "kept_partner_years",
        "kept_years",
        "partner_revisions",
        "plans",
    }
)
DELETED_FROM = frozenset(
    {
        "action_points",
        "activity_attendees",
        "activity_guests",
        "activity_partners",
        "audit_pending",
        "awareness_groups",
        "case_links",
        "case_notes",
        "case_tasks",
        "follow_ups",
        "kept_answers",
        "login_steps",
        "login_throttles",
        "master_key_checks",
        "negotiation_sessions",
        "openid_steps",
        "outbox_messages",
        "partner_contacts",
        "partner_recovery_codes",
        "partner_sessions",
        "partner_tiers",
        "partner_used_assertions",
        "person_request_subjects",
        "prevention_activities",
        "prevention_partners",
        "receipt_sessions",
        "receipts",
        "referral_messages",
        "report_bars",
        "report_conducts",
        "report_grounds",
        "report_messages",
        "report_rectifications",
        "reporter_traits",
        "session_attendances",
        "signal_reports",
        "staff_identities",
        "staff_invitations",
        "staff_passkeys",
        "staff_recovery_codes",
        "staff_roles",
        "staff_sessions",
        "staff_totp",
        "stale_months",
        "timeline_entries",
        "triages",
    }
)
"""Where an act removes rows, or a disposal does; from every other table nothing is ever removed."""

# In a SELECT of its own: asked once for a statement, not once for a row. IS NOT NULL: the planner
# takes it for true of nearly all rows; of `= ''` it expected few, and read whole tables for a page.
_IS_HOUSE = (
    f"(SELECT CASE WHEN coalesce(current_setting('{SETTING}', true), '') = '' THEN 1 END)"
    " IS NOT NULL"
)

_TABLES = text(
    "SELECT relname, relkind IN ('r', 'p') AS is_table, relrowsecurity AND relforcerowsecurity"
    " FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
    " AND relkind IN ('r', 'p', 'v') ORDER BY relname"
)


class Login(StrEnum):
    """What the login of a connection is to the store."""

    APPLICATION = "application"
    OWNER = "owner"
    SUPERUSER = "superuser"


def rights_of(table: str) -> str:
    if table in ONLY_READ:
        return "SELECT"
    if table in ONLY_ADDED_TO:
        return "SELECT, INSERT"
    if table == "audit_pending":
        return "SELECT, INSERT, DELETE"
    return "SELECT, INSERT, UPDATE" + (", DELETE" if table in DELETED_FROM else "")


def keep_rights(connection: Connection, done: Callable[[], None]) -> None:
    """Give every table its policy and the application its rights. Does nothing to what is right,
    nor for the application's own login, which can give nothing.

    done: called after each table, to end the transaction that holds its lock.
    """
    if connection.dialect.name != "postgresql" or login_of(connection) is Login.APPLICATION:
        return
    tables = connection.execute(_TABLES).all()
    for name, is_table, is_closed in tables:
        if is_table and not is_closed and name not in OPEN_TO_PARTNERS | ONLY_READ:
            connection.execute(
                text(
                    f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
                    f"DROP POLICY IF EXISTS {HOUSE} ON {name};"
                    f"CREATE POLICY {HOUSE} ON {name} USING ({_IS_HOUSE})"
                )
            )
        done()
    if connection.scalar(text("SELECT to_regrole(:role)"), {"role": APPLICATION}) is None:
        return
    schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
    connection.execute(text(_grants(schema, [(name, is_table) for name, is_table, _ in tables])))
    done()


def login_of(connection: Connection) -> Login:
    """Who this connection is: rights that an application should not have are told of."""
    is_superuser, is_owner = connection.execute(
        text(
            "SELECT rolsuper OR rolbypassrls, EXISTS (SELECT FROM pg_class"
            " WHERE relnamespace = current_schema()::regnamespace"
            " AND pg_has_role(current_user, relowner, 'MEMBER'))"
            " FROM pg_roles WHERE rolname = current_user"
        )
    ).one()
    if is_superuser:
        return Login.SUPERUSER
    return Login.OWNER if is_owner else Login.APPLICATION


def foreign_policies(connection: Connection) -> list[str]:
    """Tables with a policy that somebody else made: rows may be hidden from whoever reads all."""
    return list(
        connection.scalars(
            text(
                "SELECT DISTINCT tablename FROM pg_policies WHERE schemaname = current_schema()"
                " AND policyname <> ALL (:known) ORDER BY tablename"
            ),
            {"known": list(POLICIES)},
        )
    )


def _grants(schema: str, tables: list[tuple[str, bool]]) -> str:
    """All at once: no request meets a table between two rights."""
    grants = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {APPLICATION}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {APPLICATION}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO {APPLICATION}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {APPLICATION}",
    ]
    for name, is_table in tables:
        rights = rights_of(name) if is_table else "SELECT"
        grants.append(f"GRANT {rights} ON {name} TO {APPLICATION}")
    return ";".join(grants)
