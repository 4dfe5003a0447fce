"""The `bureau` command."""

import json
import secrets
import signal
import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import structlog
import typer
import uvicorn
from alembic import command
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.annual_report import months
from app.attachments.storage import Storage
from app.audit.worker import sealing_in_thread, take_turn
from app.backup_command import backup, backup_verify, restore_store
from app.breach import command as breach_command
from app.breach.command import Form
from app.core import clock, rotation
from app.core.access import SYSTEM, Role
from app.core.database import Database, DatabaseSetupError, alembic_config
from app.core.errors import BureauError
from app.core.store_rights import Login
from app.demo.fill import DAYS, fill, is_empty
from app.identity import queries as identity_queries
from app.identity import service as identity
from app.identity import staff_invitations
from app.identity.invitation_routes import invitation_terms
from app.identity.models import StaffAccount
from app.identity.staff_invitations import StaffInvited
from app.imports.command import run_import
from app.imports.mapping import MappingError
from app.imports.service import Result
from app.indicators import service as indicators
from app.intake.service import Periods
from app.keys_command import keys_app, seal_all_plain
from app.main import connect_features, create_app, served_app
from app.notifications.worker import run_for_ever, run_once
from app.opening import open_store, read_settings
from app.publications_command import evaluate, report
from app.retention_command import retention_app
from app.rights.register import register_text
from app.settings import Settings
from app.signals_command import detect
from app.trail_command import audit_app
from app.vocabulary import service as vocabulary

app = typer.Typer(help="The equal-treatment bureau.", no_args_is_help=True)
db = typer.Typer(help="The store.", no_args_is_help=True)
user = typer.Typer(help="Staff accounts.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(audit_app, name="audit")
app.add_typer(retention_app, name="retention")
app.add_typer(user, name="user")
app.add_typer(keys_app, name="keys")
app.command("detect")(detect)
app.command("report")(report)
app.command("evaluate")(evaluate)
app.command("backup")(backup)
app.command("backup-verify")(backup_verify)
app.command("restore")(restore_store)
out = Console()
log = structlog.get_logger()


SEALING = "0012"
"""The revision from which on personal data is sealed."""


def _upgrade(database: Database, settings: Settings) -> None:
    before = database.schema_versions()[0]
    with database.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    if database.vault is not None:
        rotation.check_keys(database, database.vault.masters)
    with database.transaction() as session:
        vocabulary.load_defaults(session)
        indicators.load_shipped(session, at=clock.now())
    if before is not None and before < SEALING:
        seal_all_plain(database, settings)


@db.command("upgrade")
def upgrade() -> None:
    """Bring the store to the schema of this code."""
    settings = read_settings()
    database = open_store(settings, as_owner=True)
    _upgrade(database, settings)
    out.print(f"Schema: {database.schema_versions()[0]}")
    database.close()


@db.command("rights")
def show_rights() -> None:
    """Say what the server's login may do on PostgreSQL. Ends with 1 when that is too much."""
    database = open_store(read_settings())
    try:
        login, foreign = database.login(), database.foreign_policies()
    finally:
        database.close()
    if login is None:
        out.print("SQLite has no logins: whoever reads the file reads all of it.")
        return
    out.print(f"The login of BUREAU_DATABASE_URL is the {login}.")
    for table in foreign:
        out.print(f"A policy that the bureau did not make: {table}")
    if login is not Login.APPLICATION:
        out.print("Give the server a login of its own: docs/operations.md, Logins of PostgreSQL.")
    if login is not Login.APPLICATION or foreign:
        raise typer.Exit(1)


@user.command("create")
def create_user(
    username: str,
    role: Annotated[list[Role], typer.Option(help="may be given several times")],
    name: Annotated[str, typer.Option(help="display name")] = "",
    quiet: Annotated[bool, typer.Option(help="print the token and nothing else")] = False,
) -> None:
    """Create a colleague, who chooses a password by an invitation that is shown once."""
    settings = read_settings()
    database = open_store(settings)
    try:
        invited = _create_user(database, settings, username, name or username, role)
    except BureauError as error:
        typer.secho(f"{error.title}: {error.detail}", err=True, fg="red")
        raise typer.Exit(1) from None
    finally:
        database.close()
    _show(invited, settings, quiet=quiet)


@user.command("invite")
def invite_user(
    username: str,
    quiet: Annotated[bool, typer.Option(help="print the token and nothing else")] = False,
) -> None:
    """Invite a colleague again, who lost the password: the present one ends."""
    settings = read_settings()
    database = open_store(settings)
    try:
        with database.transaction() as session:
            account = identity_queries.find_by_username(session, username)
            if account is None:
                typer.secho("There is no such account.", err=True, fg="red")
                raise typer.Exit(1)
            invited = _invite(session, settings, account.id)
    except BureauError as error:
        typer.secho(f"{error.title}: {error.detail}", err=True, fg="red")
        raise typer.Exit(1) from None
    finally:
        database.close()
    _show(invited, settings, quiet=quiet)


def _create_user(
    database: Database, settings: Settings, username: str, name: str, roles: list[Role]
) -> StaffInvited:
    with database.transaction() as session:
        account = identity.create_account(
            session, SYSTEM, username=username, display_name=name, roles=roles, at=clock.now()
        )
        return _invite(session, settings, account.id)


def _invite(session: Session, settings: Settings, account_id: UUID) -> StaffInvited:
    return staff_invitations.invite(
        session, SYSTEM, account_id, terms=invitation_terms(settings), at=clock.now()
    )


def _show(invited: StaffInvited, settings: Settings, *, quiet: bool) -> None:
    if quiet:
        typer.echo(invited.token)
        return
    body = json.dumps({"token": invited.token, "password": "..."})
    typer.echo(
        f"Account {invited.account.username}. Choose its password (12 characters or more, in place "
        f"of the dots) before {clock.local_date(invited.until)}; the token is shown only now:\n"
        f"  curl {settings.public_url}/api/v1/auth/invitation"
        f" -H 'Content-Type: application/json' -d '{body}'"
    )


@app.command()
def serve(
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option()] = 8000,
) -> None:
    """Serve the API."""
    settings = read_settings().served_on(port)
    _check_store(settings)
    uvicorn.run(
        lambda: served_app(settings),
        factory=True,
        host=host,
        port=port,
        access_log=False,  # it would log addresses and paths
        proxy_headers=False,  # BUREAU_TRUSTED_PROXIES says whom to believe
        log_config=None,
        server_header=False,
    )


@app.command()
def worker(
    once: Annotated[bool, typer.Option(help="send what is due, then end")] = False,
) -> None:
    """Send mail and webhooks, chain the trail; for servers with BUREAU_DELIVER=worker."""
    settings = read_settings()
    _check_store(settings)
    connect_features()
    database = open_store(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        if once:
            run_once(database, settings, at=clock.now())
            take_turn(database, settings)
        else:
            with sealing_in_thread(database, settings):
                run_for_ever(database, settings, stop)
    finally:
        database.close()


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="the same seed tells the same story")] = 1,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
) -> None:
    """Fill an empty store with a year and a half of an invented city."""
    settings = read_settings()
    database = open_store(settings)
    try:
        if not is_empty(database):
            typer.secho("There are reports in this store; the demo wants an empty one.", err=True)
            raise typer.Exit(1)
        _fill(settings, database, seed, (until or clock.now()).date())
    finally:
        database.close()


def _fill(settings: Settings, database: Database, seed: int, until: date) -> None:
    connect_features()
    with Progress(console=out) as progress:
        task = progress.add_task("inventing a city", total=DAYS + 1)
        begin = until - timedelta(days=DAYS)
        filled = fill(
            database,
            seed=seed,
            until=until,
            periods=Periods(
                acknowledge_working_days=settings.acknowledge_working_days,
                answer_working_days=settings.answer_working_days,
                receipt_valid_days=settings.receipt_valid_days,
            ),
            case_target_days=settings.case_target_days,
            storage=Storage(settings.attachments_dir),
            advance=lambda day: progress.update(task, completed=(day - begin).days + 1),
        )
    months.refresh(database, home=settings.municipality.casefold())
    table = Table("account", "roles", "password", title="Demo accounts (shown only now)")
    for account in filled.accounts:
        table.add_row(account.username, account.roles, account.password)
    out.print(table)
    for key in filled.partner_keys:  # as lines: a table would cut them short
        shown = ", ".join(f"{name} {value}" for name, value in key.shown.items())
        typer.echo(f"{key.holder}: {shown}")


@app.command()
def start(
    port: Annotated[int, typer.Option()] = 8000,
    admin: Annotated[
        str, typer.Option(help="name of the first account; absent: drawn by chance")
    ] = "",
    with_demo: Annotated[
        bool, typer.Option("--demo", help="fill an empty store with a demo")
    ] = False,
) -> None:
    """Upgrade the store, make a first administrator if there is nobody, and serve."""
    settings = read_settings()
    upgrading = open_store(settings, as_owner=True)
    _upgrade(upgrading, settings)
    upgrading.close()
    database = open_store(settings)
    with database.snapshot() as session:
        has_accounts = session.scalar(select(StaffAccount.id).limit(1)) is not None
    if not has_accounts:
        served = settings.served_on(port)
        name = admin or f"admin-{secrets.token_hex(2)}"
        _show(_create_user(database, served, name, name, [Role.ADMIN]), served, quiet=False)
    if with_demo:
        if is_empty(database):
            _fill(settings, database, 1, clock.now().date())
        else:
            out.print("The store holds reports already: no demo was added.")
    database.close()
    out.print(f"Serving on http://127.0.0.1:{port} (docs at /docs). Stop with Ctrl-C.")
    serve("127.0.0.1", port)


@app.command("processing-register")
def processing_register() -> None:
    """Print the register of processing activities, as docs/processing-register.md holds it."""
    typer.echo(register_text(), nl=False)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX")],
    mapping: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="mapping file")],
    dry_run: Annotated[bool, typer.Option(help="do everything, keep nothing")] = False,
    report: Annotated[
        Path | None, typer.Option(help="where each row's end is written", dir_okay=False)
    ] = None,
) -> None:
    """Import another register. Ends with 1 when rows were refused, 2 when the mapping is wrong."""
    settings = read_settings()
    database = open_store(settings)
    try:
        counts = run_import(
            settings,
            database,
            file,
            mapping,
            report_file=report or file.with_name(f"{file.stem}.import.csv"),
            is_dry_run=dry_run,
            console=out,
        )
        # Nobody who asks for the figures of a year shall wait for the first count.
        months.refresh(database, home=settings.municipality.casefold())
    except (MappingError, UnicodeDecodeError) as error:
        typer.secho(f"The mapping does not fit:\n{error}", err=True, fg="red")
        raise typer.Exit(2) from None
    finally:
        database.close()
    if counts[Result.REFUSED]:
        raise typer.Exit(1)


@app.command("breach")
def list_access(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="WHO|WHAT",
            help="user name, reference of a report or case, or id of an account, partner or object",
        ),
    ],
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="first day")],
    form: Annotated[Form, typer.Option("--format")] = Form.TABLE,
) -> None:
    """After a data breach: what somebody read or changed, or who read or changed something."""
    settings = read_settings()
    database = open_store(settings)
    try:
        breach_command.run_listing(
            database, subject, since=since.date(), form=form, at=clock.now(), console=out
        )
    except BureauError as error:
        typer.secho(f"{error.title}: {error.detail}", err=True, fg="red")
        raise typer.Exit(1) from None
    finally:
        database.close()


@app.command("openapi")
def print_openapi() -> None:
    """Print the description of the interface."""
    typer.echo(json.dumps(create_app(read_settings()).openapi(), indent=1, ensure_ascii=False))


def _check_store(settings: Settings) -> None:
    database = open_store(settings)
    try:
        database.check()
        login = database.login()
        if login not in (None, Login.APPLICATION):
            # It works, without the line that the database itself draws.
            log.warning("postgresql_login_has_too_many_rights", login=login)
    except DatabaseSetupError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from None
    finally:
        database.close()


if __name__ == "__main__":
    app()
