"""Reports as tables of months: what the detection scans."""

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.signals.domain import Cell, CountedReport, months_between
from app.signals.tables import Tables

Place = tuple[str | None, str | None]
"""Municipality and district."""


@dataclass(frozen=True)
class Counts:
    """Counts by month, the last month last.

    by_ground: grounds x domains x places x months; a report counts once in each of its grounds.
    by_place: domains x places x months; each report counts once.
    """

    grounds: Sequence[str]
    domains: Sequence[str]
    places: Sequence[Place]
    months: Sequence[str]
    by_ground: NDArray[np.int64]
    by_place: NDArray[np.int64]

    def tables(self) -> Tables:
        """Every table of totals; those without grounds count each report once."""
        return Tables(
            cell=self.by_ground,
            ground_domain=self.by_ground.sum(axis=2),
            ground_district=self.by_ground.sum(axis=1),
            domain_district=self.by_place,
            ground=self.by_ground.sum(axis=(1, 2)),
            domain=self.by_place.sum(axis=1),
            district=self.by_place.sum(axis=0),
            total=self.by_place.sum(axis=(0, 1)),
        )

    def cell(self, ground: int | None, domain: int | None, place: int | None) -> Cell:
        """A series by its positions; None is all of them."""
        municipality, district = (None, None) if place is None else self.places[place]
        return Cell(
            ground=None if ground is None else self.grounds[ground],
            domain=None if domain is None else self.domains[domain],
            municipality=municipality,
            district=district,
        )

    def series(self, ground: int | None, domain: int | None, place: int | None) -> list[int]:
        """The counts of one series, month by month."""
        found: NDArray[np.int64] = self.by_place if ground is None else self.by_ground[ground]
        found = found.sum(axis=0) if domain is None else found[domain]
        found = found.sum(axis=0) if place is None else found[place]
        return [int(count) for count in found]


def count(reports: Sequence[CountedReport], *, first: str, last: str) -> Counts:
    """Counts from `first` to `last`, both "YYYY-MM"; reports of other months are left out.

    Places are what reports name: a municipality with or without a district. What names no place
    stands in a place of its own, without a name, so that everything adds up.
    """
    months = months_between(first, last)
    month_at = {month: position for position, month in enumerate(months)}
    meant = [report for report in reports if report.month in month_at]
    grounds = sorted({ground for report in meant for ground in report.grounds})
    domains = sorted({report.domain for report in meant})
    places: list[Place] = sorted(
        {(report.municipality, report.district) for report in meant},
        key=lambda place: (place[0] or "", place[1] or ""),
    )
    ground_at = {ground: position for position, ground in enumerate(grounds)}
    domain_at = {domain: position for position, domain in enumerate(domains)}
    place_at = {place: position for position, place in enumerate(places)}
    by_ground = np.zeros((len(grounds), len(domains), len(places), len(months)), dtype=np.int64)
    by_place = np.zeros(by_ground.shape[1:], dtype=np.int64)
    for report in meant:
        where = (
            domain_at[report.domain],
            place_at[report.municipality, report.district],
            month_at[report.month],
        )
        by_place[where] += 1
        for ground in set(report.grounds):
            by_ground[(ground_at[ground], *where)] += 1
    return Counts(grounds, domains, places, months, by_ground, by_place)


def pack(counts: Counts) -> str:
    """Counts as text: what is not zero, compressed."""
    held = {
        "grounds": counts.grounds,
        "domains": counts.domains,
        "places": counts.places,
        "months": counts.months,
        "by_ground": _sparse(counts.by_ground),
        "by_place": _sparse(counts.by_place),
    }
    plain = json.dumps(held, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode()


def unpack(text: str) -> Counts:
    held = json.loads(zlib.decompress(base64.b64decode(text)))
    sizes = [len(held[name]) for name in ("grounds", "domains", "places", "months")]
    return Counts(
        grounds=held["grounds"],
        domains=held["domains"],
        places=[(municipality, district) for municipality, district in held["places"]],
        months=held["months"],
        by_ground=_dense(held["by_ground"], sizes),
        by_place=_dense(held["by_place"], sizes[1:]),
    )


def _sparse(table: NDArray[np.int64]) -> list[list[int]]:
    flat = table.ravel()
    where = np.flatnonzero(flat)
    return [where.tolist(), flat[where].tolist()]


def _dense(sparse: list[list[int]], sizes: list[int]) -> NDArray[np.int64]:
    flat = np.zeros(int(np.prod(sizes)), dtype=np.int64)
    flat[np.array(sparse[0], dtype=np.int64)] = sparse[1]
    return flat.reshape(sizes)
