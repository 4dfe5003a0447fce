"""Jobs that other features want done every minute; filled in by composition."""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core.database import Database

log = structlog.get_logger()

Job = Callable[[Session, datetime], None]
"""Runs in a transaction of its own. Several workers may run it at once, and any of them may die
in the middle: it must bear both."""

_jobs: dict[str, Job] = {}


def register(name: str, job: Job) -> None:
    """One job under each name; registering again replaces it."""
    _jobs[name] = job


def run_jobs(database: Database, at: datetime) -> None:
    """Every job once. One that meets a trouble of the store is tried again at the next turn."""
    for name, job in _jobs.items():
        try:
            with database.transaction() as session:
                job(session, at)
        except SQLAlchemyError as error:
            log.warning("job_failed", job=name, kind=type(error).__name__)
