"""`bureau breach`: prints who read or changed what."""

import csv
import json
import sys
from datetime import date, datetime
from enum import StrEnum

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.breach.service import Access, list_access
from app.core.access import SYSTEM
from app.core.cells import harmless_cell
from app.core.database import Database

COLUMNS = (
    "username",
    "actor_kind",
    "actor_id",
    "surface",
    "object_kind",
    "reference",
    "object_id",
    "reads",
    "changes",
    "events",
    "first_at",
    "last_at",
)


class Form(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def run_listing(
    database: Database, subject: str, *, since: date, form: Form, at: datetime, console: Console
) -> None:
    """Raises NotFoundError. Nothing is printed before the trail tells of it."""
    with database.transaction() as session:
        listed = list_access(session, SYSTEM, subject, since=since, at=at)
    if form is Form.JSON:
        rows = [dict(zip(COLUMNS, _cells(access), strict=True)) for access in listed]
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
    elif form is Form.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(COLUMNS)
        writer.writerows([harmless_cell(str(cell or "")) for cell in _cells(a)] for a in listed)
    else:
        _print_table(console, listed)


def _cells(access: Access) -> tuple[str | int | None, ...]:
    events = ", ".join(f"{event.value} {n}" for event, n in sorted(access.events.items()))
    return (
        access.username,
        access.actor_kind.value,
        str(access.actor_id) if access.actor_id else None,
        access.surface.value,
        access.object_kind,
        access.reference,
        str(access.object_id) if access.object_id else None,
        access.reads,
        access.changes,
        events,
        access.first_at.isoformat(),
        access.last_at.isoformat(),
    )


def _print_table(console: Console, listed: list[Access]) -> None:
    """The id only where there is no name or reference: a terminal is narrow."""
    table = Table("who", "from", "object", "reads", "changes", "events", "first", "last")
    for access in listed:
        who = access.username or str(access.actor_id or "")
        what = access.reference or str(access.object_id or "")
        cells = (
            who or access.actor_kind.value,
            access.surface.value,
            f"{access.object_kind or ''} {what}".strip(),
            str(access.reads),
            str(access.changes),
            ", ".join(f"{event.value} {n}" for event, n in sorted(access.events.items())),
            f"{access.first_at:%Y-%m-%d %H:%M}",
            f"{access.last_at:%Y-%m-%d %H:%M}",
        )
        table.add_row(*(Text(cell, overflow="fold") for cell in cells))
    console.print(table)
    console.print(f"{len(listed)} lines.")
