"""`bureau retention`: what is due, and carrying out what two people decided."""

import typer
from rich.console import Console
from rich.table import Table

from app.attachments.storage import Storage
from app.core import clock
from app.core.clock import local_date
from app.opening import open_store, read_settings
from app.retention import due, schedule
from app.retention.carrying_out import carry_out
from app.retention.domain import ItemOutcome

retention_app = typer.Typer(help="How long what is kept.", no_args_is_help=True)
out = Console()


@retention_app.command("run")
def run_retention() -> None:
    """Carry out the disposals that were approved, and count what is due now."""
    settings = read_settings()
    rules = schedule.load(settings.retention_schedule)
    database = open_store(settings)
    at = clock.now()
    try:
        counts = carry_out(database, Storage(settings.attachments_dir), rules, at=at)
        with database.snapshot() as session:
            waiting = due.count_due(session, rules, today=local_date(at))
    finally:
        database.close()
    table = Table("rule", "months", "due")
    for rule in rules.rules:
        table.add_row(rule.code, str(rule.months), str(waiting[rule.code]))
    out.print(table)
    out.print(
        f"{counts[ItemOutcome.DISPOSED]} disposed of, {counts[ItemOutcome.KEPT]} kept. What is due"
        " goes when one colleague proposes it and another approves."
    )
