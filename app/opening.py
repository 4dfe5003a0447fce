"""What every command begins with: the settings, and the store with its master keys."""

import typer

from app.core import clock, rotation
from app.core.clock import local_date
from app.core.database import Database, DatabaseSetupError
from app.core.keys import KeyFile, KeyTroubleError, create_key_file
from app.core.logs import configure_logs
from app.documents.look import LookError, read_look
from app.main import master_keys
from app.retention import schedule
from app.settings import Settings, SettingsError, load_settings

OWNER_PATIENCE = 120
"""Seconds: SQLite gives the lock to whoever asks at the right moment; a busy server asks at once
after each commit."""


def read_settings() -> Settings:
    try:
        settings = load_settings()
    except SettingsError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from None
    try:
        schedule.load(settings.retention_schedule)
        read_look(settings.look)
    except (schedule.ScheduleError, LookError) as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from None
    configure_logs(settings.log_format, settings.log_level)
    return settings


def open_store(settings: Settings, *, as_owner: bool = False) -> Database:
    """The store with its master keys; at the very first start the keys are made.

    as_owner: of the tables, to change them.
    """
    try:
        masters = master_keys(settings)
        if as_owner:
            database = Database(settings.owner_url, masters, patience_seconds=OWNER_PATIENCE)
        else:
            database = Database(settings.database_url, masters)
        if rotation.has_sealed(database):
            rotation.check_keys(database, masters)
        elif isinstance(masters, KeyFile):
            create_key_file(masters.path, local_date(clock.now()))
    except (KeyTroubleError, DatabaseSetupError) as error:
        typer.secho(f"{error} See README, Master keys.", err=True, fg="red")
        raise typer.Exit(2) from None
    return database
