"""Which figures of a year everybody may see. Whatever leaves the bureau is made from a release.

A release is a list of what is shown and a list of what is held back; what is in neither is not for
the public at all. It is frozen with the version that it belongs to.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from app.disclosure.choose import protect
from app.disclosure.rules import Rule
from app.disclosure.tables import Tables
from app.disclosure.versions import Told, told_by_both
from app.publications.crossings import Crossings
from app.publications.domain import Figure, Figures

ALL_REPORTS = "reports.counted"

PARTITIONS: tuple[tuple[str, str | None], ...] = (
    ("reports.by_month", ALL_REPORTS),
    ("reports.by_request", ALL_REPORTS),
    ("reports.by_channel", ALL_REPORTS),
    ("reports.by_multiplicity", ALL_REPORTS),
    ("reports.by_respondent_kind", ALL_REPORTS),
    ("reports.by_incident_district", ALL_REPORTS),
    ("reports.by_language", ALL_REPORTS),
    ("cases.by_outcome", "cases.closed"),
    ("cases.by_assessment", "cases.closed"),
    ("resolutions.agreements", "resolutions.agreements_reached"),
    ("resolutions.ended_without_agreement", None),
    ("resolutions.commitments_due", None),
)
"""Tables whose rows add up to a total: prefix of the rows, total. None: the total is not shown."""

RESIDENCE = "reports.by_residence_and_place"
RESIDENCE_ROWS = (
    "resident_in_town",
    "resident_elsewhere",
    "non_resident_in_town",
    "non_resident_elsewhere",
    "unknown",
)
RECEIVED = ("reports.duplicates", "reports.declined_statistics", ALL_REPORTS)

ALONE = (
    "cases.opened",
    "resolutions.negotiations_started",
    "network.referrals_out.total",
    "network.referrals_in.total",
    "accessibility.needs.interpreter",
    "accessibility.needs.sign_language",
    "accessibility.needs.reading_help",
)
"""Counts of people that no table adds up."""

OVERLAPPING = ("reports.by_conduct",)
"""A report can stand in several rows, and no sum of them is shown: each row is alone."""

OF_NOBODY = (
    "network.partners.in_force",
    "network.partners.new",
    "network.agreements.in_force",
    "network.meetings",
    "network.activities",
)
"""Counts of organisations and activities, which are public."""

EMPTY_ROWS = ("reports.by_ground.rows", "reports.by_domain")
RESOLVED = "resolutions.negotiated_resolutions"
SHARE = "resolutions.negotiated_resolution_share"
RESOLVED_OUTCOME = "cases.by_outcome.negotiated_resolution"
DURATIONS = (
    "reports.acknowledgement",
    "reports.answer",
    "cases.closure",
    "cases.closure_without_holds",
)


@dataclass(frozen=True)
class YearRelease:
    """figures: what is shown. hidden: what exists and is held back."""

    figures: Figures
    hidden: Set[str]

    def as_json(self) -> dict[str, Any]:
        return {"figures": dict(self.figures), "hidden": sorted(self.hidden)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "YearRelease":
        return cls(kept["figures"], frozenset(kept["hidden"]))


@dataclass(frozen=True)
class Before:
    """A version that was published: what it holds, and what of it everybody saw."""

    content: Mapping[str, Any]
    release: Mapping[str, Any]

    def of(self, year: int) -> YearRelease | None:
        kept = self.release["years"].get(str(year))
        return None if kept is None else YearRelease.from_json(kept)


@dataclass(frozen=True)
class Linked:
    """Figures that tell of each other. groups: what nobody publishes, by name, with its count.
    cells: figure -> the groups that it adds up. always: figures that are shown in any case."""

    name: str
    groups: Mapping[str, int]
    cells: Mapping[str, Iterable[str]]
    always: frozenset[str] = frozenset()

    def tables(self, groups: Iterable[str]) -> Tables:
        """groups: at least those of this, in some order."""
        places = {group: place for place, group in enumerate(groups)}
        cells = [(name, [places[group] for group in found]) for name, found in self.cells.items()]
        return Tables.from_cells(cells, [self.groups.get(group, 0) for group in places])


def release_of_year(
    figures: Figures, crossings: Crossings, rule: Rule, *, held: Set[str] = frozenset()
) -> YearRelease:
    """figures: of one year by their names, those of the crossings among them. held: what the
    version before held back, and stays so: else both together would tell it.

    Raises `disclosure.choose.RefusedError` where figures cannot be protected.
    """
    hidden: set[str] = set()
    names: set[str] = set()
    for linked in linked_figures(figures, crossings, rule):
        names |= set(linked.cells)
        tables = linked.tables(linked.groups)
        pattern = protect(
            tables,
            rule,
            shown=tables.mask(linked.always),
            held=tables.mask(held & linked.cells.keys()),
        )
        hidden |= set(tables.named(pattern))
    for name in _alone(figures):
        names.add(name)
        if _is_small(figures, name, rule) or name in held:
            hidden.add(name)
    names |= {name for prefix in OF_NOBODY for name in _below(figures, prefix)}
    names |= {n for p in EMPTY_ROWS for n in _below(figures, p) if n not in crossings.cells}
    for name, is_hidden in _derived(figures, hidden, rule):
        names.add(name)
        if is_hidden or name in held:
            hidden.add(name)
    shown = {name: figures[name] for name in sorted(names - hidden) if name in figures}
    return YearRelease(shown, hidden)


def revealed(
    before: tuple[Figures, Crossings, YearRelease],
    after: tuple[Figures, Crossings, YearRelease],
    rule: Rule,
) -> list[str]:
    """Names of figures that two releases of a year tell together. The crossings must be over the
    same groups."""
    found: list[str] = []
    first, second = (
        {one.name: one for one in linked_figures(figures, crossings, rule)}
        for figures, crossings, _ in (before, after)
    )
    for name in first.keys() & second.keys():
        groups = sorted({*first[name].groups, *second[name].groups})
        told = [
            _told(linked, groups, release)
            for linked, release in ((first[name], before[2]), (second[name], after[2]))
        ]
        if any(one.hidden.any() for one in told):
            found += told_by_both(told[0], told[1], rule)
    return sorted(found)


def _told(linked: Linked, groups: list[str], release: YearRelease) -> Told:
    tables = linked.tables(groups)
    return Told(tables, tables.mask(release.hidden & linked.cells.keys()))


def linked_figures(figures: Figures, crossings: Crossings, rule: Rule) -> list[Linked]:
    """Every group of figures that must be protected together."""
    found = [
        Linked(
            "received",
            {name: _count(figures, name) for name in RECEIVED},
            {name: [name] for name in RECEIVED} | {"reports.total": RECEIVED},
            _shown(figures, ALL_REPORTS, rule),
        ),
        Linked(
            "crossings",
            {str(place): number for place, number in enumerate(crossings.latent)},
            {name: [str(place) for place in found] for name, found in crossings.cells.items()},
            _shown(figures, ALL_REPORTS, rule) & crossings.cells.keys(),
        ),
        _partition(
            RESIDENCE, figures, [f"{RESIDENCE}.{row}" for row in RESIDENCE_ROWS], ALL_REPORTS, rule
        ),
    ]
    for prefix, total in PARTITIONS:
        found.append(_partition(prefix, figures, _below(figures, prefix), total, rule))
    return found


def _partition(
    name: str, figures: Figures, rows: list[str], total: str | None, rule: Rule
) -> Linked:
    """A total that is small is hidden, and then its rows are not tied to it."""
    cells: dict[str, list[str]] = {row: [row] for row in rows}
    always: frozenset[str] = frozenset()
    if total is not None and rows:
        always = _shown(figures, total, rule)
        if always:
            cells[total] = rows
        if f"{name}.single" in cells:
            # As many as name one ground, which another table shows.
            always |= _shown(figures, f"{name}.single", rule)
    return Linked(name, {row: _count(figures, row) for row in rows}, cells, always)


def _shown(figures: Figures, total: str, rule: Rule) -> frozenset[str]:
    return frozenset() if _is_small(figures, total, rule) else frozenset({total})


def _alone(figures: Figures) -> list[str]:
    totals = {total for _, total in PARTITIONS if total is not None}
    rows = [name for prefix in OVERLAPPING for name in _below(figures, prefix)]
    return [name for name in (*totals, *ALONE, *rows) if name in figures]


def _derived(figures: Figures, hidden: Set[str], rule: Rule) -> Iterable[tuple[str, bool]]:
    """What is computed of other figures tells as much as they do: (name, whether it is hidden)."""
    is_hidden = bool({RESOLVED_OUTCOME, "cases.closed"} & hidden)
    yield from ((name, is_hidden) for name in (RESOLVED, SHARE) if name in figures)
    for prefix in DURATIONS:
        number = _count(figures, f"{prefix}.count")
        is_few = 0 < number < rule.threshold
        for name in _below(figures, prefix):
            if name.endswith(".within_promise"):
                late = round(number * (1 - float(figures[name] or 0)))
                yield (
                    name,
                    is_few or any(0 < part < rule.threshold for part in (late, number - late)),
                )
            elif not name.endswith(".count"):
                yield name, is_few


def _below(figures: Figures, prefix: str) -> list[str]:
    return [name for name in figures if name == prefix or name.startswith(f"{prefix}.")]


def _is_small(figures: Figures, name: str, rule: Rule) -> bool:
    return 0 < _count(figures, name) < rule.threshold


def _count(figures: Mapping[str, Figure], name: str) -> int:
    return int(figures.get(name) or 0)
