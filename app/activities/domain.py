"""Rules of activities: what their figures must fit, and the norm for meetings."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from app.core.errors import ConflictError, FieldError, InvalidInputError, invalid

CORE_GROUP_MEETING = "core_group_meeting"
AWARENESS_MEASUREMENT = "awareness_measurement"

MEETING_NORMS: Mapping[str, int] = {CORE_GROUP_MEETING: 4}
"""Kind -> how many must be held in a year. Source: plan OD 3.2.1, a core group that meets at least
four times a year."""

LEAST_TOTAL = 5
"""A figure in a bulletin is a total of at least this: a smaller one could point at persons."""

SETTLING_DAYS = 60
"""Days after the last of a year before its figures leave the house: reports and closings of the
year are still registered late, and what was told once is never told otherwise."""


def last_settled_year(today: date) -> int:
    """The latest year of which figures may leave the house."""
    return (today - timedelta(days=SETTLING_DAYS)).year - 1


def require_settled(year: int, pointer: str, *, today: date) -> None:
    if error := settling_error(year, pointer, today=today):
        raise InvalidInputError(error)


def settling_error(year: int, pointer: str, *, today: date) -> FieldError | None:
    if year >= today.year:
        return FieldError(pointer, "the year is not over yet", "year_not_over")
    if year > last_settled_year(today):
        message = f"may be asked {SETTLING_DAYS} days after the end of the year"
        return FieldError(pointer, message, "year_not_settled")
    return None


@dataclass(frozen=True)
class GroupFigures:
    """Of one group in an awareness measurement: how many were asked, how many knew the bureau."""

    group: str
    sample: int
    aware: int


@dataclass(frozen=True)
class Figures:
    """What an activity counted. None: not counted.

    participants: of every kind but the awareness measurement, which has a population, a sample of
    it, those in the sample who knew the bureau, and the same by group; groups may overlap.
    """

    participants: int | None = None
    population: int | None = None
    sample: int | None = None
    aware: int | None = None
    by_group: Sequence[GroupFigures] = ()


@dataclass(frozen=True)
class PointDraft:
    """An action point to be; `id` of one that stands and is changed."""

    text: str
    owner_id: UUID
    due_on: date
    done_on: date | None = None
    id: UUID | None = None


def activity_reference(year: int, number: int) -> str:
    return f"A-{year}-{number:04d}"


def require_period(held_on: date, ended_on: date | None) -> None:
    if ended_on is not None and ended_on < held_on:
        raise invalid("/ended_on", "before held_on", "date_order")


def require_figures(kind: str, figures: Figures) -> None:
    """Raises InvalidInputError naming every figure that does not fit the kind or the others."""
    is_measurement = kind == AWARENESS_MEASUREMENT
    wrong = _measured(figures) if is_measurement else _not_measured(figures)
    if wrong:
        raise InvalidInputError(*wrong)


def _not_measured(figures: Figures) -> list[FieldError]:
    found = {
        "population": figures.population,
        "sample": figures.sample,
        "aware": figures.aware,
        "by_group": figures.by_group or None,
    }
    return [
        FieldError(f"/figures/{name}", "only of an awareness measurement", "not_of_this_kind")
        for name, value in found.items()
        if value is not None
    ]


def _measured(figures: Figures) -> list[FieldError]:
    wrong = []
    if figures.participants is not None:
        wrong.append(
            FieldError(
                "/figures/participants", "not of an awareness measurement", "not_of_this_kind"
            )
        )
    population, sample, aware = figures.population, figures.sample, figures.aware
    if population is None or sample is None or aware is None:
        # A measurement that is planned has no figures yet; half of them tell nothing.
        if not (population is sample is aware is None) or figures.by_group:
            wrong += [
                FieldError(f"/figures/{name}", "a measurement needs it", "missing")
                for name in ("population", "sample", "aware")
                if getattr(figures, name) is None
            ]
        return wrong
    if sample > population:
        wrong.append(FieldError("/figures/sample", "more than the population", "too_large"))
    if aware > sample:
        wrong.append(FieldError("/figures/aware", "more than the sample", "too_large"))
    seen: set[str] = set()
    for place, group in enumerate(figures.by_group):
        pointer = f"/figures/by_group/{place}"
        if group.group in seen:
            wrong.append(FieldError(f"{pointer}/group", "named twice", "duplicate"))
        seen.add(group.group)
        if group.sample > sample:
            wrong.append(FieldError(f"{pointer}/sample", "more than the sample", "too_large"))
        if group.aware > min(group.sample, aware):
            wrong.append(
                FieldError(f"{pointer}/aware", "more than were asked or aware", "too_large")
            )
    return wrong


def aware_share(sample: int | None, aware: int | None) -> float | None:
    """Share of the sample that knew the bureau, 0..1, four decimals; None when nobody was asked."""
    if not sample or aware is None:
        return None
    return round(aware / sample, 4)


def require_not_done(done_on: date | None) -> None:
    if done_on is not None:
        raise ConflictError("The action point is done.", code="action_point_done")


@dataclass(frozen=True)
class ActivityFact:
    """What the figures need of one activity."""

    kind: str
    held_on: date
    is_cancelled: bool = False

    def was_held(self, first: date, last: date, today: date) -> bool:
        """In the period, not later than today, and not called off."""
        return not self.is_cancelled and first <= self.held_on <= min(last, today)


@dataclass(frozen=True)
class PointFact:
    """What the figures need of one action point."""

    set_on: date
    due_on: date
    done_on: date | None


class NormState(StrEnum):
    """How a norm for a year stands. Not due: not met yet, and the year still runs."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_DUE = "not_due"


@dataclass(frozen=True)
class MeetingFigures:
    """Days of a year with a meeting of one kind that counts, against how many must be."""

    kind: str
    held: int
    norm: int

    @property
    def is_met(self) -> bool:
        return self.held >= self.norm

    def state(self, *, is_over: bool) -> NormState:
        """is_over: whether the year is."""
        if self.is_met:
            return NormState.MET
        return NormState.NOT_MET if is_over else NormState.NOT_DUE


@dataclass(frozen=True)
class PointFigures:
    """set, done: in the period, whenever they were due. done_in_time: of those done, by their day.
    overdue: due in the period, the day has passed, and not done. open: set and not done when the
    period ended, or today."""

    set: int = 0
    done: int = 0
    done_in_time: int = 0
    overdue: int = 0
    open: int = 0


@dataclass(frozen=True)
class ActivityFigures:
    """by_kind: kind -> activities held. meetings: one for each kind with a norm."""

    by_kind: Mapping[str, int] = field(default_factory=dict)
    meetings: Sequence[MeetingFigures] = ()
    action_points: PointFigures = PointFigures()


def count_by_kind(
    activities: Iterable[ActivityFact], *, first: date, last: date, today: date
) -> Counter[str]:
    return Counter(a.kind for a in activities if a.was_held(first, last, today))


def against_norms(
    activities: Iterable[ActivityFact], *, first: date, last: date, today: date
) -> list[MeetingFigures]:
    """Of a year. One meeting a day counts at most: two lists of one afternoon are one meeting. Who
    was there is not asked: past meetings are entered before their partners are."""
    days = {(a.kind, a.held_on) for a in activities if a.was_held(first, last, today)}
    held = Counter(kind for kind, _ in days)
    return [MeetingFigures(kind, held[kind], norm) for kind, norm in MEETING_NORMS.items()]


def count_points(
    points: Collection[PointFact], *, first: date, last: date, today: date
) -> PointFigures:
    end = min(last, today)
    done = [(p.done_on, p.due_on) for p in points if p.done_on and first <= p.done_on <= last]
    return PointFigures(
        set=sum(first <= p.set_on <= last for p in points),
        done=len(done),
        done_in_time=sum(done_on <= due_on for done_on, due_on in done),
        overdue=sum(
            p.done_on is None and first <= p.due_on <= last and p.due_on < today for p in points
        ),
        open=sum(p.set_on <= end and (p.done_on is None or p.done_on > end) for p in points),
    )
