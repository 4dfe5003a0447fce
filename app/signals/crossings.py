"""Grounds that are reported together, in a domain or in a district, more often than by chance."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np

from app.signals.associations import Together, crossed, pairs
from app.signals.budget import discoveries
from app.signals.domain import CountedReport

FALSE_SHARE = 0.05
"""Of what is listed, that may be chance (Benjamini and Hochberg)."""

LEAST_TOGETHER = 5
"""Reports: fewer would tell of people."""

Place = tuple[str, str | None]
"""Municipality and district."""

Mark = TypeVar("Mark", str, Place)


LEAST_TIMES = 1.2
"""As many as expected: with many reports a trifle is no chance either, and yet of no use."""


class Kind(StrEnum):
    GROUNDS = "grounds"
    GROUND_DOMAIN = "ground_domain"
    GROUND_DISTRICT = "ground_district"


@dataclass(frozen=True)
class Crossing:
    """other_ground, domain or place: by kind."""

    kind: Kind
    ground: str
    other_ground: str | None
    domain: str | None
    place: Place | None
    together: Together


@dataclass(frozen=True)
class Crossings:
    """Those that stand out, the least likely by chance first. reports: looked at; tested: how many
    crossings were judged."""

    reports: int
    tested: int
    rows: Sequence[Crossing]


def crossings(reports: Sequence[CountedReport]) -> Crossings:
    """Of reports with a ground. Crossings of marks of which there are fewer than LEAST_TOGETHER are
    not judged; of those judged, fewer together, or hardly more than expected, count as no evidence
    at all, which can only make the share of false ones smaller."""
    meant = [report for report in reports if report.grounds]
    every = [*_pairs(meant), *_with_domains(meant), *_with_places(meant)]
    if not every:
        return Crossings(len(meant), 0, [])
    stands = discoveries(np.array([_p(crossing.together) for crossing in every]), FALSE_SHARE)
    rows = [crossing for crossing, is_found in zip(every, stands, strict=True) if is_found]
    return Crossings(len(meant), len(every), sorted(rows, key=_rank))


def _p(found: Together) -> float:
    is_of_use = found.observed >= max(LEAST_TOGETHER, LEAST_TIMES * found.expected)
    return found.p if is_of_use else 1.0


def _rank(crossing: Crossing) -> tuple[float, float]:
    found = crossing.together
    return found.p, -found.observed / found.expected


def _pairs(reports: Sequence[CountedReport]) -> Iterator[Crossing]:
    borne = Counter(ground for report in reports for ground in set(report.grounds))
    sets = [frozenset(report.grounds) for report in reports]
    for (one, other), together in pairs(sets).items():
        if min(borne[one], borne[other]) >= LEAST_TOGETHER:
            yield Crossing(Kind.GROUNDS, one, other, None, None, together)


def _with_domains(reports: Sequence[CountedReport]) -> Iterator[Crossing]:
    rows = [(report.domain, report.grounds) for report in reports]
    for ground, domain, together in _crossed(rows):
        yield Crossing(Kind.GROUND_DOMAIN, ground, None, domain, None, together)


def _with_places(reports: Sequence[CountedReport]) -> Iterator[Crossing]:
    """Of reports that name a place. The municipality stands for its districts where none is ever
    named; where some are, reports without one are left out."""
    divided = {report.municipality for report in reports if report.district}
    rows = [
        ((report.municipality, report.district), report.grounds)
        for report in reports
        if report.municipality and (report.district or report.municipality not in divided)
    ]
    for ground, place, together in _crossed(rows):
        yield Crossing(Kind.GROUND_DISTRICT, ground, None, None, place, together)


def _crossed(rows: Sequence[tuple[Mark, Collection[str]]]) -> Iterator[tuple[str, Mark, Together]]:
    """Every ground with every mark that is borne often enough; in the order of both."""
    marked = Counter(mark for mark, _ in rows)
    borne = Counter(ground for _, grounds in rows for ground in set(grounds))
    both = Counter((ground, mark) for mark, grounds in rows for ground in set(grounds))
    crossing = [
        (ground, mark)
        for ground in sorted(borne)
        for mark in sorted(marked, key=str)
        if min(borne[ground], marked[mark]) >= LEAST_TOGETHER
    ]
    found = crossed(
        [both[ground, mark] for ground, mark in crossing],
        [borne[ground] for ground, _ in crossing],
        [marked[mark] for _, mark in crossing],
        len(rows),
    )
    for (ground, mark), together in zip(crossing, found, strict=True):
        yield ground, mark, together
