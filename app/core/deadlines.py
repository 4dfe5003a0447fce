"""Dates by which something must be done."""

from collections.abc import Container
from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5


def add_working_days(start: date, days: int, *, public_holidays: Container[date]) -> date:
    """The day that lies `days` working days after `start`, which itself does not count.

    days: at least 0; weekends and holidays do not count. A `start` on a free day counts from there.
    """
    day = start
    left = days
    while left > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day not in public_holidays:
            left -= 1
    return day


@cache
def belgian_holidays() -> Container[date]:
    """The legal holidays of Belgium, for any year. Source: the `holidays` library."""
    found: Container[date] = holidays.country_holidays("BE")
    return found
