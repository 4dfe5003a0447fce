"""The invented bureau at work: steps in the order of time, each by the real services."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.database import Database
from app.core.deadlines import belgian_holidays
from app.intake.service import Periods

Step = Callable[[Session, datetime], None]


@dataclass(frozen=True)
class Team:
    """Who works there, as actors of the services."""

    intake: list[Actor]
    managers: list[Actor]
    coordinator: Actor


@dataclass
class Agenda:
    """Steps to come; those after `until` never happen, which leaves work in every state."""

    database: Database
    until: date
    _steps: list[tuple[datetime, int, Step]] = field(default_factory=list)
    _number: Any = field(default_factory=count)

    def plan(self, at: datetime, step: Step) -> None:
        heapq.heappush(self._steps, (at, next(self._number), step))

    def run(self, advance: Callable[[date], None]) -> None:
        """Every step up to `until`, one transaction for each day's steps."""
        while self._steps and self._steps[0][0].date() <= self.until:
            today = self._steps[0][0].date()
            with self.database.transaction() as session:
                while self._steps and self._steps[0][0].date() == today:
                    at, _number, step = heapq.heappop(self._steps)
                    step(session, at)
                    session.flush()
            advance(today)


@dataclass(frozen=True)
class Scene:
    """What every part of the demo shares."""

    agenda: Agenda
    chance: Random
    team: Team
    city: dict[str, Any]
    periods: Periods
    case_target_days: int

    def after(self, at: datetime, least_days: int, most_days: int) -> datetime:
        """A working moment some days later."""
        day = at.date() + timedelta(days=self.chance.randint(least_days, most_days))
        while day.weekday() > 4 or day in belgian_holidays():
            day += timedelta(days=1)
        # Always after `at`, so that what follows cannot come before what it follows.
        moment = datetime.combine(day, time(8 + self.chance.randrange(8)), UTC)
        return max(moment, at + timedelta(minutes=30))

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share
