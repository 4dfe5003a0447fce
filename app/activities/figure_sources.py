"""Totals that a bulletin may tell. The features above say how each is counted, and keep it.

A bulletin tells of kept years only: two bulletins of a total that goes on growing would tell of the
one report between them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.activities.domain import settling_error
from app.core.clock import local_date
from app.core.database import Database
from app.vocabulary.domain import Language


@dataclass(frozen=True)
class FigureSource:
    """labels: what the total is called, without the year. total: (session, year) -> the kept
    count; None: not kept, or too small to be shown."""

    labels: Mapping[Language, str]
    total: Callable[[Session, int], int | None]


Keeper = Callable[[Database, int, str, datetime], None]
"""(database, year, municipality, at): count a year that is settled and keep it, once."""

_sources: dict[str, FigureSource] = {}
_keepers: dict[str, Keeper] = {}


def register(name: str, source: FigureSource) -> None:
    """One source for each name; registering again replaces it."""
    _sources[name] = source


def register_keeper(name: str, keeper: Keeper) -> None:
    """Who keeps the years; registering again replaces it."""
    _keepers[name] = keeper


def keep(database: Database, years: Iterable[int], *, municipality: str, at: datetime) -> None:
    """Have these years kept, before the act that tells of them; not those that are not settled."""
    for year in sorted(set(years)):
        if settling_error(year, "", today=local_date(at)) is None:
            for keeper in _keepers.values():
                keeper(database, year, municipality, at)


def find(name: str) -> FigureSource | None:
    return _sources.get(name)


def label(name: str, year: int, language: Language) -> str:
    source = _sources.get(name)
    return f"{source.labels[language] if source else name} ({year})"
