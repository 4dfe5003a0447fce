"""Rules of signals: what one is, what may be decided of it, what may explain it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.errors import ConflictError


class Origin(StrEnum):
    """Who saw it: the counts, or a person who registered an observation."""

    DETECTED = "detected"
    OBSERVED = "observed"


class SignalStatus(StrEnum):
    NEW = "new"
    WATCHED = "watched"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Decision(StrEnum):
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    WATCH = "watch"


class CountedBy(StrEnum):
    """Whose month a report counts in. A report that names no day of the incident counts in the
    month in which it was received."""

    RECEIVED = "received"
    INCIDENT = "incident"


class EventCounting(StrEnum):
    """Each report of a mass event, or the first one alone."""

    EACH = "each"
    ONCE = "once"


class ObservationSource(StrEnum):
    PARTNER = "partner"
    STREET = "street"
    MEETING = "meeting"
    LEGAL_WATCH = "legal_watch"
    MEDIA = "media"
    OTHER = "other"


class Explanation(StrEnum):
    """What changed in how reports come in, and may be the whole of a rise."""

    NEW_CHANNEL = "new_channel"
    NEW_CODE = "new_code"
    CAMPAIGN = "campaign"
    IMPORT = "import"
    MASS_EVENT = "mass_event"
    SHORT_HISTORY = "short_history"
    STILL_COMING = "still_coming"


STATUS_AFTER: Mapping[Decision, SignalStatus] = {
    Decision.CONFIRM: SignalStatus.CONFIRMED,
    Decision.DISMISS: SignalStatus.DISMISSED,
    Decision.WATCH: SignalStatus.WATCHED,
}


class NothingChangesError(ConflictError):
    """The signal has this status already."""


def status_after(status: SignalStatus, decision: Decision) -> SignalStatus:
    """Every decision can be taken back by another one; the history stays.

    Raises NothingChangesError.
    """
    found = STATUS_AFTER[decision]
    if found is status:
        raise NothingChangesError(f"The signal is {status} already.", code="nothing_changes")
    return found


@dataclass(frozen=True)
class Cell:
    """What a series counts: None is all of them."""

    ground: str | None = None
    domain: str | None = None
    municipality: str | None = None
    district: str | None = None


def month_of(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from `first` to `last`, both in it; empty when `last` is before `first`."""
    start, end = _index(first), _index(last)
    return [month_at(index) for index in range(start, end + 1)]


def month_before(month: str, by: int = 1) -> str:
    return month_at(_index(month) - by)


def month_at(index: int) -> str:
    return f"{index // 12:04}-{index % 12 + 1:02}"


def _index(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


@dataclass(frozen=True)
class CountedReport:
    """What of a report is counted; `position` tells it among those of one count."""

    grounds: Sequence[str]
    domain: str
    municipality: str | None
    district: str | None
    month: str
    channel: str
    event: str | None

    def is_in(self, cell: Cell) -> bool:
        return (
            (cell.ground is None or cell.ground in self.grounds)
            and (cell.domain is None or cell.domain == self.domain)
            and (cell.municipality is None or cell.municipality == self.municipality)
            and (cell.district is None or cell.district == self.district)
        )
