"""Figures are kept by month; triggers tell which months changed.

SQLite drops the triggers of a table that batch mode makes anew: a migration that does so must call
`create_triggers` again (tests/annual_report/test_months.py notices).

Revision: 0008, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0002"
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
    for act, rows in ROWS.items():
        if op.get_bind().dialect.name == "postgresql":
            _postgresql(table, act, rows)
        else:
            _sqlite(table, act, rows)


def _sqlite(table: str, act: str, rows: tuple[str, ...]) -> None:
    """For each row; a month that is stale already is not written again."""
    days, case_id = WATCHED[table]
    found = [f"SELECT {row}.{day} AS day" for row in rows for day in days]
    found += [f"SELECT day FROM case_days WHERE case_id = {case_id.format(row=r)}" for r in rows]
    op.execute(
        f"CREATE TRIGGER stale_{table}_{act.lower()} AFTER {act} ON {table} BEGIN"
        " INSERT INTO stale_months (month) SELECT DISTINCT substr(day, 1, 7) AS month"
        f" FROM ({' UNION '.join(found)}) WHERE day IS NOT NULL"
        " AND substr(day, 1, 7) NOT IN (SELECT month FROM stale_months); END"
    )


def _postgresql(table: str, act: str, rows: tuple[str, ...]) -> None:
    """For each statement, from its transition tables."""
    days, case_id = WATCHED[table]
    found = [f"SELECT {day} AS day FROM {row}_rows" for row in rows for day in days]
    found += [
        f"SELECT d.day FROM {row}_rows r JOIN case_days d ON d.case_id = {case_id.format(row='r')}"
        for row in rows
    ]
    name = f"stale_{table}_{act.lower()}"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO stale_months (month) SELECT DISTINCT to_char(day, 'YYYY-MM')"
        f" FROM ({' UNION '.join(found)}) AS days WHERE day IS NOT NULL; RETURN NULL; END $$"
    )
    tables = " ".join(f"{row.upper()} TABLE AS {row}_rows" for row in rows)
    op.execute(
        f"CREATE TRIGGER {name} AFTER {act} ON {table} REFERENCING {tables}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )
