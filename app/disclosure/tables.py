"""Published figures as sums of latent counts, which nobody publishes.

Everything else follows from this one form: totals, hierarchies, tables that share margins, reports
that count for several grounds, and releases of different days. An attacker knows which latent
counts each figure adds up, and that none is negative.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def rows_of(indices: Sequence[Sequence[int]], width: int) -> csr_array:
    """0/1 matrix, a row for each list of columns. A column twice in a row is refused."""
    for row in indices:
        if len(set(row)) != len(row):
            raise ValueError("indices: a latent count stands twice in a cell")
        if row and not 0 <= min(row) <= max(row) < width:
            raise ValueError(f"indices: must be 0 to {width - 1}")
    columns = np.array([column for row in indices for column in row], dtype=np.int64)
    ends = np.cumsum([0] + [len(row) for row in indices])
    return csr_array((np.ones(len(columns)), columns, ends), shape=(len(indices), width))


@dataclass(frozen=True, eq=False)
class Tables:
    """Cells of one or more linked tables.

    names: of the cells, each once; the same figure in two tables is one cell.
    members: cells x latents, 0 or 1. latent: the true latent counts, 0 or more.
    links: rows of sums that everybody knows to be 0, such as the margin of one group of latents
    less the same margin of another; empty for tables over one space of latents.
    persons: distinct people behind each cell where one may have made several reports, else None.
    """

    names: tuple[str, ...]
    members: csr_array
    latent: Floats
    links: csr_array = field(default_factory=lambda: csr_array((0, 0)))
    persons: Floats | None = None

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            raise ValueError("names: a cell stands twice")
        if self.members.shape != (len(self.names), len(self.latent)):
            raise ValueError("members: needs a row for each cell, a column for each latent count")
        if len(self.latent) and not (np.isfinite(self.latent).all() and self.latent.min() >= 0):
            raise ValueError("latent: counts must be 0 or more")
        if self.links.shape[0] == 0:
            object.__setattr__(self, "links", csr_array((0, len(self.latent))))
        if self.links.shape[1] != len(self.latent) or np.any(self.links @ self.latent):
            raise ValueError("links: must be sums over the latent counts that are 0")
        if self.persons is not None and len(self.persons) != len(self.names):
            raise ValueError("persons: needs a number for each cell")

    @classmethod
    def from_cells(
        cls, cells: Iterable[tuple[str, Sequence[int]]], latent: Sequence[float]
    ) -> "Tables":
        """cells: name and the latent counts it adds up, by position."""
        named = list(cells)
        members = rows_of([indices for _, indices in named], len(latent))
        return cls(tuple(name for name, _ in named), members, np.asarray(latent, dtype=float))

    @cached_property
    def counts(self) -> Floats:
        """What each cell adds up to."""
        return np.asarray(self.members @ self.latent, dtype=float)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def mask(self, names: Iterable[str]) -> Mask:
        """True for the named cells. KeyError for a name that is none."""
        chosen = np.zeros(len(self.names), dtype=bool)
        for name in names:
            chosen[self.positions[name]] = True
        return chosen

    def named(self, chosen: Mask) -> list[str]:
        return [name for name, is_chosen in zip(self.names, chosen, strict=True) if is_chosen]

    def only(self, chosen: Mask) -> "Tables":
        """The same latents with fewer cells."""
        persons = None if self.persons is None else self.persons[chosen]
        return replace(
            self,
            names=tuple(self.named(chosen)),
            members=csr_array(self.members[np.flatnonzero(chosen)]),
            persons=persons,
        )


def merged_columns(blocks: Sequence[csr_array]) -> NDArray[np.intp]:
    """For each latent the number of its group: latents in exactly the same rows are one to
    everybody who sees only sums, and one variable does for them."""
    stacked = vstack([*blocks], format="csc")
    stacked.sort_indices()
    seen: dict[bytes, int] = {}
    groups = np.empty(stacked.shape[1], dtype=np.intp)
    for column in range(stacked.shape[1]):
        part = slice(stacked.indptr[column], stacked.indptr[column + 1])
        key = stacked.indices[part].tobytes() + stacked.data[part].tobytes()
        groups[column] = seen.setdefault(key, len(seen))
    return groups
