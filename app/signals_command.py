"""`bureau detect`: look for rises in what was reported."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.core import clock
from app.core.access import SYSTEM
from app.core.clock import local_date
from app.core.errors import BureauError
from app.opening import open_store, read_settings
from app.signals import detection
from app.signals.detecting import Asked, figures_of
from app.signals.domain import CountedBy, EventCounting, month_before, month_of
from app.signals.wording import sentence
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import Language

out = Console()


def detect(
    through: Annotated[
        str | None, typer.Option(help="last month looked at, as 2026-10; the last one that is over")
    ] = None,
    by: Annotated[CountedBy, typer.Option(help="whose month a report counts in")] = (
        CountedBy.RECEIVED
    ),
    events: Annotated[EventCounting, typer.Option(help="reports of a mass event")] = (
        EventCounting.EACH
    ),
    budget: Annotated[
        float | None, typer.Option(min=0.1, max=30, help="signals a month that may be chance")
    ] = None,
    language: Annotated[Language, typer.Option(help="of the sentences")] = Language.NL,
) -> None:
    """Look for rises up to the end of a month; the same data and settings give the same answer."""
    settings = read_settings()
    at = clock.now()
    month = through or month_before(month_of(local_date(at)))
    asked = Asked(month, by, events, budget or settings.signals_false_alarms_per_month)
    database = open_store(settings)
    try:
        found = detection.look(database, SYSTEM, asked, at=at)
        with database.transaction() as session:
            run = detection.keep(session, SYSTEM, found, at=at)
            lists = vocabulary.current(session)
            table = Table("signal", "p", "also in")
            for alarm in run.found:
                figures = figures_of(alarm["leading"])
                said = sentence(
                    lists,
                    language,
                    figures.cell,
                    first=figures.first_month(run.month),
                    last=run.month,
                    observed=figures.observed,
                    lower=figures.lower,
                    upper=figures.upper,
                )
                table.add_row(said, f"{figures.p:.2g}", str(len(alarm["under"])))
            summary = f"{run.series} series of {run.months} months, {len(run.found)} signals"
    except BureauError as error:
        out.print(str(error))
        raise typer.Exit(1) from None
    finally:
        database.close()
    if found.scanned is None:
        summary += "; nothing changed since the last look"
    out.print(table)
    out.print(summary)
