"""Working days."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.deadlines import add_working_days, belgian_holidays

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def test_weekends_and_belgian_holidays_do_not_count() -> None:
    # Thursday 30 April 2026; Friday 1 May is Labour Day.
    found = add_working_days(date(2026, 4, 30), 1, public_holidays=belgian_holidays())
    assert found == date(2026, 5, 4)
    # Wednesday 23 December 2026: the 25th is Christmas.
    found = add_working_days(date(2026, 12, 23), 2, public_holidays=belgian_holidays())
    assert found == date(2026, 12, 28)


@given(start=DAYS, days=st.integers(0, 60))
def test_the_last_day_is_a_working_day_and_as_many_lie_between(start: date, days: int) -> None:
    free = belgian_holidays()
    end = add_working_days(start, days, public_holidays=free)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    working = [day for day in between if day.weekday() < 5 and day not in free]
    assert len(working) == days
    assert days == 0 or end == working[-1]
