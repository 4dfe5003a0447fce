"""The yearly report as a text around figures: its sections, its way to publication, its marks.

A text names its figures, `{{ reports.total }}`, and never writes them: so it cannot contradict the
table beside it. A figure of an earlier year has that year behind it, `{{ reports.total@2025 }}`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

Figure = int | float | None
"""None: there is no such figure, which is not zero."""

Figures = Mapping[str, Figure]

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_STRAY = re.compile(r"\{\{|\}\}")

ROW_KEYS = (
    "code",
    "place",
    "month",
    "grounds",
    "ground",
    "domain",
    "outcome",
    "language",
    "reason",
    "kind",
    "partner_id",
    "agreement_id",
)
"""Fields that say which row of a table it is, in the order in which they stand in its name."""

NOT_SAID = "not_said"
NO_FIGURES = frozenset({"year", "on", "first_day", "last_day"})
SHARES = ("share", "within_promise")
"""How the names of shares end; they are 0..1 and written as percentages."""


class Section(StrEnum):
    """In the order in which they stand in the report."""

    FOREWORD = "foreword"
    METHOD = "method"
    REPORTS = "reports"
    CASES = "cases"
    RESOLUTIONS = "resolutions"
    NETWORK = "network"
    SIGNALS = "signals"
    PREVENTION = "prevention"
    INDICATORS = "indicators"
    ACCESSIBILITY = "accessibility"
    RESOURCES = "resources"
    RECOMMENDATIONS = "recommendations"


class ReviewDecision(StrEnum):
    APPROVE = "approve"
    RETURN = "return"


class DraftState(StrEnum):
    """draft: it has to be reviewed. reviewed: it may be published. published: as it stands."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Review:
    """after: how many versions of the year had been published. draft: the mark of what was read."""

    decision: ReviewDecision
    draft: str
    after: int
    reviewed_by_id: UUID


@dataclass(frozen=True)
class Change:
    """A figure that is not what was published. None: none then, or none now."""

    name: str
    published: Figure
    today: Figure


def state_of(draft: str, reviews: Sequence[Review], published: Sequence[str]) -> DraftState:
    """draft: the mark of the texts as they stand. reviews, published (marks): the oldest first."""
    if approving(draft, reviews, published) is not None:
        return DraftState.REVIEWED
    return DraftState.PUBLISHED if published and published[-1] == draft else DraftState.DRAFT


def approving(draft: str, reviews: Sequence[Review], published: Sequence[str]) -> Review | None:
    """The review that lets this draft be published: the last one, of these texts, and not used for
    the version before."""
    last = reviews[-1] if reviews else None
    if last is None or last.decision is not ReviewDecision.APPROVE:
        return None
    return last if last.draft == draft and last.after == len(published) else None


def canonical(content: Mapping[str, Any]) -> str:
    """The one text of some content: what is stored, and what the mark is of."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def mark(text: str) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def named_figures(years: Iterable[Mapping[str, Any]]) -> dict[str, Figure]:
    """Every number of some years' figures by its name; years: the year itself first, then earlier
    ones, each as its view is written (`annual_report.schemas.YearView`)."""
    found: dict[str, Figure] = {}
    for number, year in enumerate(years):
        suffix = f"@{year['year']}" if number else ""
        for name, value in _numbers(year, ()):
            found[name + suffix] = value
    return found


def _numbers(value: object, path: tuple[str, ...]) -> Iterable[tuple[str, Figure]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in NO_FIGURES:
                yield from _numbers(inner, (*path, key))
    elif isinstance(value, list):
        for row in value:
            if isinstance(row, Mapping):
                yield from _row(row, path)
    elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield ".".join(path), value


def _row(row: Mapping[str, Any], path: tuple[str, ...]) -> Iterable[tuple[str, Figure]]:
    numbers = {k: v for k, v in row.items() if k not in ROW_KEYS and isinstance(v, int | float)}
    name = row_name(path, row)
    for key, value in numbers.items():
        yield name if len(numbers) == 1 else f"{name}.{key}", value


def row_name(path: Sequence[str], row: Mapping[str, Any]) -> str:
    """The name of the one figure of a row of a table."""
    return ".".join([*path, *(_part(row[key]) for key in ROW_KEYS if key in row)])


def _part(key: object) -> str:
    if isinstance(key, list):
        return ".".join(map(str, key))
    return NOT_SAID if key is None else str(key)


def names_in(text: str) -> list[str]:
    """The figures that a text names, each once."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def wrong_names(text: str, known: Figures) -> list[str]:
    """What a text names and is no figure; braces that name nothing stand as they are."""
    wrong = [name for name in names_in(text) if name not in known]
    return wrong + _STRAY.findall(_PLACEHOLDER.sub("", text))


def inserted(text: str, written: Mapping[str, str]) -> str:
    """The text with its figures. written: name -> the figure as the language writes it."""
    return _PLACEHOLDER.sub(lambda found: written[found[1]], text)


def differences(published: Figures, today: Figures) -> list[Change]:
    """Sorted by name."""
    return [
        Change(name, published.get(name), today.get(name))
        for name in sorted(published.keys() | today.keys())
        if published.get(name) != today.get(name)
    ]
