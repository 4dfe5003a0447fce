"""What the yearly figures tell of activities. Counts only: nobody sees a row."""

from datetime import date

from sqlalchemy.orm import Session

from app.activities import queries
from app.activities.domain import (
    ActivityFigures,
    MeetingFigures,
    against_norms,
    count_by_kind,
    count_points,
)


def meeting_figures(session: Session, year: int, *, today: date) -> list[MeetingFigures]:
    """Meetings held in the year up to today against their norm, one for each kind with a norm."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    facts = queries.activity_facts(session, first=first, last=last)
    return against_norms(facts, first=first, last=last, today=today)


def activity_figures(session: Session, first: date, last: date, today: date) -> ActivityFigures:
    """Of the year from `first` to `last`, as it stands today."""
    facts = queries.activity_facts(session, first=first, last=last)
    points = queries.point_facts(session, first=first, last=last)
    return ActivityFigures(
        by_kind=count_by_kind(facts, first=first, last=last, today=today),
        meetings=against_norms(facts, first=first, last=last, today=today),
        action_points=count_points(points, first=first, last=last, today=today),
    )
