"""What expires is removed: kept answers, receipt sessions, staff and partner sessions, throttles,
what was sent long ago, files that no attachment names; disposals that were approved are carried
out.

Figures of months that changed are counted anew, so that who asks for a year does not wait for it;
at night the month that is over is looked at for rises.
Nothing here must happen at a certain moment: each row is also checked when it is used.
"""

import asyncio
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.annual_report import months
from app.api import idempotency
from app.attachments import service as attachments
from app.attachments.storage import Storage
from app.core import clock
from app.core.database import Database
from app.identity import partner_sessions, staff_sessions
from app.intake import dialogue
from app.notifications import service as notifications
from app.retention.carrying_out import carry_out
from app.retention.domain import Schedule
from app.settings import Settings
from app.signals import detection

log = structlog.get_logger()

EVERY_SECONDS = 3600


def sweep(
    database: Database,
    storage: Storage,
    schedule: Schedule,
    settings: Settings,
    *,
    at: datetime,
) -> None:
    with database.transaction() as session:
        idempotency.forget_expired(session, at=at)
        dialogue.forget_expired(session, at=at)
        staff_sessions.forget_expired(session, at=at)
        notifications.forget_expired(session, at=at)
        partner_sessions.forget_expired(session, at=at)
    attachments.sweep(database, storage, at=at)
    carry_out(database, storage, schedule, at=at)
    months.refresh(database, home=settings.municipality.casefold())
    detection.look_nightly(database, settings.signals_false_alarms_per_month, at=at)


async def sweep_for_ever(
    database: Database,
    storage: Storage,
    schedule: Schedule,
    settings: Settings,
) -> None:
    """The server's own loop; a sweep that fails is tried again at the next turn."""
    while True:
        try:
            await asyncio.to_thread(
                sweep,
                database,
                storage,
                schedule,
                settings,
                at=clock.now(),
            )
        except (SQLAlchemyError, OSError) as error:
            log.warning("sweep_failed", kind=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)
