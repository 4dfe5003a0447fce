"""Totals that a bulletin may tell. The features above say how each is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.vocabulary.domain import Language


@dataclass(frozen=True)
class FigureSource:
    """labels: what the total is called, without the year. total: (session, year) -> count."""

    labels: Mapping[Language, str]
    total: Callable[[Session, int], int]


_sources: dict[str, FigureSource] = {}


def register(name: str, source: FigureSource) -> None:
    """One source for each name; registering again replaces it."""
    _sources[name] = source


def find(name: str) -> FigureSource | None:
    return _sources.get(name)


def label(name: str, year: int, language: Language) -> str:
    source = _sources.get(name)
    return f"{source.labels[language] if source else name} ({year})"
