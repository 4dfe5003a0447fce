"""A look at all series: one snapshot, a scan without a transaction, one act that keeps it."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from app.core.access import SYSTEM, Actor
from app.core.clock import BUREAU_ZONE, local_date
from app.core.code_version import code_version
from app.core.database import Database
from app.core.errors import InvalidInputError, invalid
from app.signals import counting, service
from app.signals.detecting import FORM, Asked, Scanned, as_rows, scan_counts
from app.signals.domain import CountedBy, EventCounting, month_before, month_of
from app.signals.models import DetectionRun
from app.signals.scan import TooShortError
from app.signals.views import RepetitionView

log = structlog.get_logger()

HOUR = 3
"""Of the bureau's own time, when few wait for the processor."""


@dataclass(frozen=True)
class Look:
    """scanned: None when the same look was kept before."""

    gathered: service.Gathered
    scanned: Scanned | None


def look(database: Database, actor: Actor, asked: Asked, *, at: datetime) -> Look:
    """Count and scan. Takes seconds, and holds no transaction meanwhile.

    Raises InvalidInputError for a month that is not over or has no past to judge it by.
    """
    with database.snapshot() as session:
        gathered = service.gather(session, actor, asked, at=at)
    if gathered.known_run is not None:
        return Look(gathered, None)
    try:
        return Look(gathered, scan_counts(asked, gathered.counts, gathered.completeness))
    except TooShortError:
        raise invalid(
            "/through", "22 months of reports are needed to expect anything", "short_history"
        ) from None


def keep(session: Session, actor: Actor, found: Look, *, at: datetime) -> DetectionRun:
    return service.keep_run(session, actor, found.gathered, found.scanned, at=at)


def repeat(run: DetectionRun) -> RepetitionView:
    """The kept counts scanned again."""
    asked = Asked(
        run.month, run.counted_by, run.event_counting, run.settings["false_alarms_per_month"]
    )
    again = scan_counts(asked, counting.unpack(run.counts), run.settings["completeness"])
    is_same = as_rows(again.alarms) == run.found
    return RepetitionView(is_same=is_same, code_version=code_version(FORM))


def look_nightly(database: Database, budget: float, *, at: datetime) -> None:
    """Between three and four in the morning: the last month that is over, received and incident.

    A store that is too young or empty for it is left alone, until it is not.
    """
    if at.astimezone(BUREAU_ZONE).hour != HOUR:
        return
    month = month_before(month_of(local_date(at)))
    for counted_by in CountedBy:
        asked = Asked(month, counted_by, EventCounting.EACH, budget)
        try:
            found = look(database, SYSTEM, asked, at=at)
        except InvalidInputError as error:
            log.info("detection_left", month=month, why=error.errors[0].code)
            continue
        with database.transaction() as session:
            keep(session, SYSTEM, found, at=at)
