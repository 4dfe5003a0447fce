"""The demo's story, told into a store."""

from datetime import date

from app.attachments.storage import Storage
from app.core.database import Database
from app.demo.fill import REPORTS, Filled, fill
from app.main import connect_features
from tests.makers.intake import PERIODS

UNTIL = date(2026, 10, 14)


def fill_demo(database: Database, storage: Storage, reports: int = REPORTS) -> Filled:
    connect_features()
    return fill(
        database,
        seed=1,
        until=UNTIL,
        periods=PERIODS,
        case_target_days=180,
        storage=storage,
        advance=lambda _day: None,
        reports=reports,
    )
