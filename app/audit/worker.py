"""The loop that chains the trail and signs checkpoints: of `bureau worker` or the server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.audit.checkpoints import CheckpointsAheadError, make_checkpoint
from app.audit.keys import CheckpointKeyError, load_or_make_key
from app.audit.sealing import seal_all
from app.core import clock
from app.core.database import Database
from app.settings import Settings

log = structlog.get_logger()

SEAL_SECONDS = 2.0
STOP_SECONDS = 25.0


def seal_once(database: Database, settings: Settings) -> int:
    """Chain what may be chained and sign it; answers how many entries were chained.

    Raises CheckpointKeyError, CheckpointsAheadError, OSError (the file), SQLAlchemyError.
    """
    at = clock.now()
    sealed = seal_all(database, at)
    key = load_or_make_key(settings.checkpoint_key_path)
    make_checkpoint(database, key, settings.checkpoints_path, at)
    return sealed


def run_for_ever(database: Database, settings: Settings, stop: threading.Event) -> None:
    """Until `stop` is set, then once more. What fails is logged and tried at the next turn."""
    every = timedelta(minutes=settings.checkpoint_minutes)
    while not stop.is_set():
        take_turn(database, settings, every=every)
        stop.wait(SEAL_SECONDS)
    take_turn(database, settings)


def take_turn(database: Database, settings: Settings, *, every: timedelta = timedelta(0)) -> None:
    """Chain, and sign when the last checkpoint is older than `every`. Raises nothing."""
    at = clock.now()
    try:
        seal_all(database, at)
        key = load_or_make_key(settings.checkpoint_key_path)
        make_checkpoint(database, key, settings.checkpoints_path, at, every=every)
    except (SQLAlchemyError, OSError) as error:
        log.warning("sealing_failed", kind=type(error).__name__)
    except (CheckpointKeyError, CheckpointsAheadError) as error:
        # Until somebody has looked the trail is chained, but not vouched for.
        log.error("no_checkpoint", kind=type(error).__name__)
    except Exception as error:  # noqa: BLE001  (nothing may end the sealing for good)
        log.error("sealing_failed", kind=type(error).__name__)


@contextmanager
def sealing_in_thread(database: Database, settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(
        target=run_for_ever, args=(database, settings, stop), name="sealing", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)
