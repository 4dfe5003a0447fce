"""Figures are kept by month; triggers tell which months changed.

SQLite drops the triggers of a table that batch mode makes anew: a migration that does so must call
`create_triggers` again (tests/annual_report/test_months.py notices).

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CASE_DAYS = """
CREATE VIEW case_days AS
SELECT id AS case_id, opened_on AS day FROM cases
UNION ALL SELECT id, closed_on FROM cases WHERE closed_on IS NOT NULL
UNION ALL SELECT case_id, started_on FROM negotiations
UNION ALL SELECT case_id, ended_on FROM negotiations WHERE ended_on IS NOT NULL
UNION ALL SELECT case_id, reached_on FROM agreements
UNION ALL SELECT case_id, due_on FROM commitments
"""

IN_CASE = "(SELECT case_id FROM case_reports WHERE report_id = {row}.id)"
WATCHED = {
    "reports": (("received_on",), IN_CASE),
    "cases": (("opened_on", "closed_on"), "{row}.id"),
    "case_reports": ((), "{row}.case_id"),
    "case_holds": ((), "{row}.case_id"),
    "negotiations": (("started_on", "ended_on"), "{row}.case_id"),
    "agreements": (("reached_on",), "{row}.case_id"),
    "commitments": (("due_on",), "{row}.case_id"),
}
"""Table -> (its days that are counted by, the case whose days change with it)."""

ROWS = {"INSERT": ("new",), "UPDATE": ("old", "new"), "DELETE": ("old",)}


def upgrade() -> None:
    op.create_table(
        "figure_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("home", sa.String(length=100), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("flows", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.CheckConstraint("length(month) = 7", name=op.f("ck_figure_months_month")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_figure_months")),
    )
    op.create_table(
        "stale_months",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stale_months")),
    )
    op.create_index(op.f("ix_stale_months_month"), "stale_months", ["month"])
    op.execute(CASE_DAYS)
    for table in WATCHED:
        create_triggers(table)
    op.execute(
        "INSERT INTO stale_months (month) SELECT DISTINCT substr(CAST(day AS VARCHAR), 1, 7)"
        " FROM (SELECT received_on AS day FROM reports UNION SELECT day FROM case_days) AS days"
    )


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in WATCHED:
        for act in ROWS:
            name = f"stale_{table}_{act.lower()}"
            op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if is_postgresql else ""))
            if is_postgresql:
                op.execute(f"DROP FUNCTION {name}()")
    op.execute("DROP VIEW case_days")
    op.drop_table("stale_months")
    op.drop_table("figure_months")


def create_triggers(table: str) -> None:
    days, case_id = WATCHED[table]
    for act, rows in ROWS.items():
        found = [f"SELECT {row}.{day} AS day" for row in rows for day in days]
        if (table, act) != ("reports", "INSERT"):  # a report that comes in is in no case yet
            found += [
                f"SELECT day FROM case_days WHERE case_id = {case_id.format(row=row)}"
                for row in rows
            ]
        create = _postgresql if op.get_bind().dialect.name == "postgresql" else _sqlite
        create(f"stale_{table}_{act.lower()}", f"AFTER {act} ON {table}", " UNION ".join(found))


def _sqlite(name: str, when: str, days: str) -> None:
    """A month that is stale already is not written again."""
    op.execute(
        f"CREATE TRIGGER {name} {when} BEGIN INSERT INTO stale_months (month)"
        f" SELECT DISTINCT substr(day, 1, 7) AS month FROM ({days}) WHERE day IS NOT NULL"
        " AND substr(day, 1, 7) NOT IN (SELECT month FROM stale_months); END"
    )


def _postgresql(name: str, when: str, days: str) -> None:
    """For each row, so that each part of the view is looked up by its index: for a statement's
    transition tables the view was read whole. A month that another transaction marked is marked
    again: its mark may be removed by who has not seen this row."""
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO stale_months (month) SELECT DISTINCT to_char(day, 'YYYY-MM')"
        f" FROM ({days}) AS days WHERE day IS NOT NULL; RETURN NULL; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()")
