"""`bureau keys`: the master keys of a store."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.attachments.unsealed import seal_plain_files
from app.core import clock, rotation
from app.core.clock import local_date
from app.core.database import Database, DatabaseSetupError
from app.core.keys import KeyFile, KeyTroubleError, MasterKeys, new_key_line, write_key_file
from app.core.unsealed import seal_plain_rows
from app.main import master_keys
from app.settings import Settings, SettingsError, load_settings

keys_app = typer.Typer(help="Master keys: they seal personal data.", no_args_is_help=True)
out = Console()

_KIT = """\
RECOVERY KIT of the equal-treatment bureau, {day}

Without one of these keys every name, narrative and file in the store is lost for good; nobody can
bring it back. Whoever has them and a copy of the store can read everything. Print this sheet, put
it in a sealed envelope in a safe outside the office, and delete the file.

To use it: write each line `id:key` to the file of the master keys (BUREAU_MASTER_KEY_FILE, readable
by the bureau's account alone), the current one first, and start the server. `bureau keys list` says
whether they are the right ones.

{keys}
"""


@keys_app.command("list")
def list_keys() -> None:
    """Which master keys the store needs, and whether they are here and right."""
    with _opened() as (database, masters):
        known, current = masters.known(), masters.current()
        with database.snapshot() as session:
            in_use = rotation.keys_in_use(session)
        table = Table("master key", "here", "data keys", "")
        for master_id in dict.fromkeys([*known, *in_use]):
            table.add_row(
                master_id,
                "yes" if master_id in known else "[red]no[/red]",
                str(in_use.get(master_id, 0)),
                "current" if master_id == current else "",
            )
        out.print(table)
        rotation.check_keys(database, masters)


@keys_app.command("new")
def new_key() -> None:
    """Add a master key and make it the current one. Make a new recovery kit afterwards."""
    with _opened() as (database, masters):
        rotation.check_keys(database, masters)
        file = _file_of(masters)
        line = new_key_line(local_date(clock.now()), masters.known())
        write_key_file(file.path, [line, *_lines(file)])
        rotation.check_keys(database, masters)
        out.print(f"Current master key: {masters.current()}. Next: `bureau keys rewrap`.")


@keys_app.command()
def rewrap() -> None:
    """Put all data keys under the current master key, while the bureau works. Stopped, it can be
    run again."""
    with _opened() as (database, masters):
        rotation.check_keys(database, masters)
        with database.snapshot() as session:
            in_use = rotation.keys_in_use(session)
        left = sum(in_use.values()) - in_use.get(masters.current(), 0)
        with Progress(console=out) as progress:
            task = progress.add_task("rewrapping", total=left)
            for done in rotation.rewrap(database, masters):
                progress.update(task, completed=done)


@keys_app.command("seal")
def seal() -> None:
    """Seal what a version before sealing wrote plain. Stopped, it can be run again."""
    with _opened() as (database, masters):
        rotation.check_keys(database, masters)
        seal_all_plain(database, load_settings())


def seal_all_plain(database: Database, settings: Settings) -> None:
    """Files first: the mark that one is plain stands where its key will be."""
    files = seal_plain_files(database, settings.attachments_dir, at=clock.now())
    with out.status("sealing what is plain"):
        rows = max(seal_plain_rows(database), default=0)
    out.print(f"Sealed {rows} rows and {files} files that were plain.")


@keys_app.command()
def retire(master_id: str) -> None:
    """Take a master key that wraps nothing any more out of the file. Backups that are older than
    the rewrapping still need it: keep the old recovery kit as long as them."""
    with _opened() as (database, masters):
        file = _file_of(masters)
        if master_id == masters.current():
            raise KeyTroubleError(f"{master_id} is the current key: run `bureau keys new` first.")
        if master_id not in masters.known():
            raise KeyTroubleError(f"There is no master key {master_id}.")
        rotation.retire(database, master_id)
        write_key_file(
            file.path, [line for line in _lines(file) if line.split(":")[0] != master_id]
        )


@keys_app.command("recovery-kit")
def recovery_kit(
    path: Annotated[Path, typer.Argument(help="a new file, to be printed and deleted")],
) -> None:
    """Write the sheet with which the store can be opened again after a disaster."""
    with _opened() as (database, masters):
        rotation.check_keys(database, masters)
        keys = [
            f"{line}\n    check: {hashlib.sha256(line.encode()).hexdigest()[:8]}"
            " (the first 8 of `printf %s LINE | sha256sum`)"
            for line in _lines(masters)
        ]
        try:
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            raise KeyTroubleError(f"{path} is there already.") from None
        path.write_text(_KIT.format(day=local_date(clock.now()), keys="\n".join(keys)))
        out.print(f"Written: {path}. Print it, put it in a safe, delete the file.")


@contextmanager
def _opened() -> Iterator[tuple[Database, MasterKeys]]:
    try:
        settings = load_settings()
        masters = master_keys(settings)
        database = Database(settings.database_url, masters)
        try:
            yield database, masters
        finally:
            database.close()
    except (SettingsError, KeyTroubleError, DatabaseSetupError) as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from None


def _lines(masters: MasterKeys) -> list[str]:
    """The keys themselves, as they are kept."""
    if isinstance(masters, KeyFile):
        text = masters.path.read_text(encoding="ascii")
    else:
        given = load_settings().master_keys
        text = given.get_secret_value() if given else ""
    lines = (line.strip() for line in text.replace(",", "\n").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _file_of(masters: MasterKeys) -> KeyFile:
    if not isinstance(masters, KeyFile):
        raise KeyTroubleError(
            "The master keys come from BUREAU_MASTER_KEYS: change them there, the current one "
            "first, and restart."
        )
    return masters
