"""Runs the migrations on the store of the settings, or on the connection a caller hands over."""

import time
from collections.abc import Callable
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from app.core import locking
from app.core.columns import Lines, PersonalText, UtcDateTime
from app.core.database import Database
from app.core.store_rights import keep_rights
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
    """Each migration in a transaction of its own, unless the caller has one open."""
    is_one_transaction = connection.in_transaction()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=_render_item,
        compare_type=True,
        transaction_per_migration=True,
    )
    for pause in (*([] if is_one_transaction else locking.PAUSES), None):
        try:
            _migrate(connection, (lambda: None) if is_one_transaction else connection.commit)
        except OperationalError as error:
            if pause is None or getattr(error.orig, "sqlstate", None) not in locking.TRY_AGAIN:
                raise
            connection.rollback()
            time.sleep(pause)
        else:
            return


def _migrate(connection: Connection, commit: Callable[[], None]) -> None:
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET lock_timeout = '{locking.LOCK_MILLISECONDS}ms'")
            connection.exec_driver_sql("SET statement_timeout = 0")
            commit()
        context.run_migrations()
    keep_rights(connection, commit)


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    _run(handed_over)
else:
    database = Database(load_settings().owner_url, patience_seconds=120)
    with database.engine.connect() as opened:
        _run(opened)
        opened.commit()
    database.close()
