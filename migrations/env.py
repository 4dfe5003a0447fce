"""Runs the migrations on the store of the settings, or on the connection a caller hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from app.core.columns import Lines, PersonalText, UtcDateTime
from app.core.database import Database
from app.model_registry import metadata
from app.settings import load_settings


def _render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations name plain types: they must not change when a class of the application does."""
    if kind == "type" and isinstance(item, PersonalText | Lines):
        return "sa.Text()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=_render_item,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Rather fail and be run again than queue behind a long read and stop every writer.
            connection.exec_driver_sql("SET lock_timeout = '10s'")
            connection.exec_driver_sql("SET statement_timeout = 0")
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    _run(handed_over)
else:
    database = Database(load_settings().database_url)
    with database.engine.connect() as opened:
        _run(opened)
        opened.commit()
    database.close()
