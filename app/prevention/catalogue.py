"""Kinds of preventive action, and the points of the score, carried by the project as data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.prevention.domain import EvidenceKind

CATALOGUE = Path(__file__).parent / "data" / "catalogue.json"


@dataclass(frozen=True)
class ActionKind:
    """answers: kind of evidence -> how well it answers that, 1..10. domains, grounds: for which it
    fits best; is_for_these_alone: for no others. norms: kinds of evidence that a plan names for
    the norms it helps to meet."""

    code: str
    labels: Mapping[str, str]
    answers: Mapping[EvidenceKind, int]
    domains: Sequence[str]
    grounds: Sequence[str]
    is_for_these_alone: bool
    norms: Sequence[str]


@dataclass(frozen=True)
class Points:
    """What counts how much. Each thing that is counted gives `each`, up to `most`."""

    evidence: Mapping[EvidenceKind, Mapping[str, int]]
    each_reported: int
    most_reported: int
    each_severe: int
    most_severe: int
    each_in_priority_places: int
    most_in_priority_places: int
    each_meeting: int
    most_meeting: int
    fits_domain: int
    fits_ground: int
    helped_before: int
    under_way: int


@dataclass(frozen=True)
class Catalogue:
    """priority_places: districts or municipalities. kinds_for_one_evidence: how many at most."""

    kinds: Sequence[ActionKind]
    points: Points
    kinds_for_one_evidence: int
    severe_conducts: frozenset[str]
    priority_places: frozenset[str]

    def kind(self, code: str) -> ActionKind | None:
        return next((kind for kind in self.kinds if kind.code == code), None)


@cache
def catalogue() -> Catalogue:
    shipped = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    points = shipped["points"]
    by_kind = {EvidenceKind(kind): found for kind, found in points.pop("evidence").items()}
    return Catalogue(
        kinds=[_kind(entry) for entry in shipped["kinds"]],
        points=Points(evidence=by_kind, **points),
        kinds_for_one_evidence=shipped["kinds_for_one_evidence"],
        severe_conducts=frozenset(shipped["severe_conducts"]),
        priority_places=frozenset(shipped["priority_places"]),
    )


def _kind(entry: dict[str, Any]) -> ActionKind:
    return ActionKind(
        code=entry["code"],
        labels=entry["label"],
        answers={EvidenceKind(kind): weight for kind, weight in entry["answers"].items()},
        domains=entry.get("domains", ()),
        grounds=entry.get("grounds", ()),
        is_for_these_alone=entry.get("is_for_these_alone", False),
        norms=entry.get("norms", ()),
    )
