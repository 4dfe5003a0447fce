"""Figures that share their reports: grounds, fields of life, crossings, the view of the directives.

All are sums over the same groups of reports: those that name exactly these grounds in this field.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from app.annual_report.domain import SEPARATOR

NONE = "none"
"""What no directive covers."""


@dataclass(frozen=True)
class EuView:
    """ground, domain -> their codes in the directives; those that have none are left out."""

    grounds: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Crossings:
    """latent: reports of each group. cells: name of a figure -> the groups that it adds up."""

    latent: Sequence[int]
    cells: Mapping[str, Sequence[int]]

    def figures(self) -> dict[str, int]:
        return {name: sum(self.latent[i] for i in found) for name, found in self.cells.items()}


def crossings_of(
    grounds_by_domain: Mapping[str, int], eu: EuView, *, beside: Mapping[str, int] | None = None
) -> Crossings:
    """grounds_by_domain: see `annual_report.domain.ReportFigures`. beside: the same of another day,
    where both have to be over the same groups.

    A group for each combination of grounds that occurs with each domain that occurs, also where
    nobody is in it: a zero may have to be hidden beside others.
    """
    parts = {_split(key): number for key, number in grounds_by_domain.items() if number}
    every = [*parts, *(_split(key) for key, number in (beside or {}).items() if number)]
    sets = sorted({codes for codes, _ in every})
    domains = sorted({domain for _, domain in every})
    groups = [(codes, domain) for codes in sets for domain in domains]
    cells: dict[str, list[int]] = {}
    for place, (codes, domain) in enumerate(groups):
        for name in _names(codes, domain, eu):
            cells.setdefault(name, []).append(place)
    return Crossings([parts.get(group, 0) for group in groups], cells)


def _split(key: str) -> tuple[tuple[str, ...], str]:
    codes, _, domain = key.partition(SEPARATOR)
    return tuple(code for code in codes.split(",") if code), domain


def _names(codes: tuple[str, ...], domain: str, eu: EuView) -> Iterable[str]:
    """The figures in which a report of this group counts."""
    yield "reports.counted"
    yield f"reports.by_domain.{domain}"
    yield f"reports.by_number_of_grounds.{len(codes)}"
    if codes:
        yield "reports.by_ground.reports"
    for code in codes:
        yield f"reports.by_ground.rows.{code}"
        yield f"reports.by_ground_and_domain.{code}.{domain}"
    for first, second in combinations(codes, 2):
        yield f"reports.by_crossing_grounds.{first}.{second}"
    where = eu.fields.get(domain, NONE)
    for ground in {eu.grounds.get(code, NONE) for code in codes} or {NONE}:
        yield f"eu.{ground}.{where}"
        yield f"eu.{ground}.all"
