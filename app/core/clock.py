"""Time. The domain gets it as an argument; only the edges read the clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BUREAU_ZONE = ZoneInfo("Europe/Brussels")


def now() -> datetime:
    """This moment, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def local_date(at: datetime) -> date:
    """The calendar day in the bureau's own time zone: deadlines and years go by it."""
    return at.astimezone(BUREAU_ZONE).date()


def day_only(at: datetime) -> datetime:
    """The same local day at 00:00 UTC: what an anonymous report may keep of a time."""
    day = local_date(at)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_start(day: date) -> datetime:
    """The moment at which a local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=BUREAU_ZONE).astimezone(UTC)
