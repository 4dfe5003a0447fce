"""`bureau report` and `bureau evaluate`: documents as files."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.annual_report import months
from app.core import clock
from app.core.access import SYSTEM
from app.core.clock import local_date
from app.core.database import Database
from app.core.errors import BureauError
from app.documents.domain import Document
from app.documents.writing import Format
from app.opening import open_store, read_settings
from app.publications import queries
from app.publications.composing import Asked, compose
from app.publications.document_routes import Audience
from app.publications.editions import (
    house_document,
    look_of,
    public_document,
    published_document,
    written,
)
from app.publications.evaluating import (
    MOST_YEARS,
    Span,
    evaluation,
    house_evaluation,
    public_evaluation,
)
from app.publications.releasing import prepare
from app.settings import Settings
from app.vocabulary.domain import Language

T = TypeVar("T")

FormatOption = Annotated[Format, typer.Option("--format", help="what it is written as")]
OutOption = Annotated[Path | None, typer.Option("--out", help="file or folder; here by default")]
LanguageOption = Annotated[Language, typer.Option("--lang", help="language of the document")]
AudienceOption = Annotated[Audience, typer.Option(help="internal has every figure")]


def report(
    year: Annotated[int, typer.Argument(min=1990, max=2200)],
    form: FormatOption = Format.PDF,
    out: OutOption = None,
    language: LanguageOption = Language.NL,
    audience: AudienceOption = Audience.PUBLIC,
    version: Annotated[
        int | None, typer.Option(help="a published one; else the report as it stands")
    ] = None,
) -> None:
    """Write the report of a year as a file."""

    def make(database: Database, settings: Settings) -> Document:
        asked = Asked(year, settings.municipality, clock.now())
        with database.snapshot() as session:
            if version is not None:
                found = queries.get_publication(session, SYSTEM, year, version)
                is_public = audience is Audience.PUBLIC
                return published_document(found, language, is_public=is_public)
            if audience is Audience.INTERNAL:
                return house_document(compose(session, SYSTEM, asked).content, None, language)
            prepared = prepare(session, SYSTEM, asked, settings.disclosure_threshold)
            return public_document(prepared.composed.content, prepared.release, None, language)

    _write(make, form, out)


def evaluate(
    first: Annotated[int, typer.Argument(min=1990, max=2200)],
    last: Annotated[int, typer.Argument(min=1990, max=2200)],
    form: FormatOption = Format.PDF,
    out: OutOption = None,
    language: LanguageOption = Language.NL,
    audience: AudienceOption = Audience.INTERNAL,
) -> None:
    """Write the evaluation of some years as a file."""
    if not first <= last < first + MOST_YEARS:
        typer.secho(f"From {first} to {first} up to {first + MOST_YEARS - 1}.", err=True, fg="red")
        raise typer.Exit(2)

    def make(database: Database, settings: Settings) -> Document:
        span = Span(first, last, settings.municipality, clock.now())
        with database.snapshot() as session:
            content = evaluation(session, SYSTEM, span)
            before = queries.released(session, SYSTEM)
        if audience is Audience.PUBLIC:
            threshold = settings.disclosure_threshold
            return public_evaluation(content, before, threshold, language)
        return house_evaluation(content, language)

    _write(make, form, out)


def _write(make: Callable[[Database, Settings], Document], form: Format, out: Path | None) -> None:
    settings = read_settings()
    database = open_store(settings)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("counting", total=3)
            today = local_date(clock.now())
            months.refresh_past(database, settings.municipality, today)
            progress.update(task, advance=1, description="composing")
            document = make(database, settings)
            progress.update(task, advance=1, description="writing")
            made = written(document, form, look_of(settings.look))
            path = out or Path(made.file_name)
            if path.is_dir():
                path = path / made.file_name
            path.write_bytes(made.content)
            progress.update(task, advance=1, description="written")
    except BureauError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from None
    except OSError as error:
        typer.secho(f"{error.filename}: {error.strerror}", err=True, fg="red")
        raise typer.Exit(1) from None
    finally:
        database.close()
    typer.echo(path)
