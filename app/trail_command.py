"""`bureau audit`: the trail, its chain and its checkpoints. Needs no master key."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.audit import command as audit_command
from app.audit.checkpoints import CheckpointsAheadError
from app.audit.keys import CheckpointKeyError
from app.audit.worker import seal_once
from app.core.database import Database
from app.opening import read_settings

audit_app = typer.Typer(help="The trail, its chain and its checkpoints.", no_args_is_help=True)
out = Console()


@audit_app.command("seal")
def seal_trail() -> None:
    """Chain what waits, and sign a checkpoint."""
    settings = read_settings()
    database = Database(settings.database_url)
    try:
        out.print(f"{seal_once(database, settings)} entries chained.")
    except (CheckpointKeyError, CheckpointsAheadError) as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from None
    finally:
        database.close()


@audit_app.command("verify")
def verify_trail(
    checkpoints: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="a copy of the file of checkpoints"),
    ] = None,
    public_key: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="your copy of the key; may be repeated"),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="trust the last checkpoint before this day"),
    ] = None,
) -> None:
    """Check every entry, place and signature. Ends with 1 when something is wrong."""
    settings = read_settings()
    database = Database(settings.database_url)
    try:
        is_whole = audit_command.run_verification(
            settings,
            database,
            checkpoints=checkpoints,
            public_keys=public_key or [],
            since=since.date() if since else None,
            console=out,
        )
    except CheckpointKeyError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from None
    finally:
        database.close()
    if not is_whole:
        raise typer.Exit(1)


@audit_app.command("key")
def print_key() -> None:
    """Print the public key: keep a copy where nobody who runs the server can change it."""
    try:
        typer.echo(audit_command.public_key_of(read_settings()), nl=False)
    except CheckpointKeyError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from None
