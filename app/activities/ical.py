"""Calendars in the form of RFC 5545."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import STATUS, TRANSP, Calendar, Event, Timezone

PRODUCT = "-//Equal-treatment bureau//Calendar//EN"


@dataclass(frozen=True)
class CalendarEntry:
    """Whole days, both inclusive. stamp: when it last changed; sequence: how often it did."""

    uid: str
    title: str
    first: date
    last: date
    stamp: datetime
    category: str
    sequence: int = 0
    is_cancelled: bool = False
    is_busy: bool = True


def render(entries: Iterable[CalendarEntry], *, name: str) -> str:
    """The same entries give the same text."""
    calendar = Calendar.new(
        prodid=PRODUCT,
        name=name,
        subcomponents=[_event(entry) for entry in entries],
    )
    calendar.pop("UID", None)  # drawn by chance each time
    if not calendar.subcomponents:
        # A calendar without any component is not valid; this one shows nothing.
        calendar.add_component(Timezone.from_tzid("Europe/Brussels"))
    text: bytes = calendar.to_ical()
    return text.decode()


def _event(entry: CalendarEntry) -> Event:
    return Event.new(
        uid=entry.uid,
        summary=entry.title,
        start=entry.first,
        end=entry.last + timedelta(days=1),  # the first day on which it is over
        stamp=entry.stamp,
        sequence=entry.sequence,
        categories=[entry.category],
        status=STATUS.CANCELLED if entry.is_cancelled else STATUS.CONFIRMED,
        transparency=TRANSP.OPAQUE if entry.is_busy else TRANSP.TRANSPARENT,
    )
