"""Making the release of a version, beside all that was released before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.errors import ConflictError
from app.disclosure.choose import RefusedError
from app.disclosure.rules import Rule
from app.publications import queries
from app.publications.composing import Asked, Composed, compose, crossings_of_year, figures_by_year
from app.publications.crossings import EuView, crossings_of
from app.publications.domain import Figures, names_in
from app.publications.release import Before, YearRelease, release_of_year, revealed

MOST_NAMED = 10


@dataclass(frozen=True)
class Prepared:
    """A version before it is published. versions: how many of all years stood when it was made."""

    composed: Composed
    release: Mapping[str, Any]
    versions: int


def prepare(session: Session, actor: Actor, asked: Asked, threshold: int) -> Prepared:
    """From one snapshot, apart from the act that publishes it: protecting figures takes its time.
    Raises what `compose` and `release_of` raise."""
    composed = compose(session, actor, asked)
    before = queries.released(session, actor)
    release = release_of(composed.content, threshold, before)
    _require_public(composed.content, release)
    return Prepared(composed, release, queries.count_versions(session, actor))


def _require_public(content: Mapping[str, Any], release: Mapping[str, Any]) -> None:
    """A text may name what is held back, and says so then, but not what is not for the public."""
    figures, hidden = released_names(release, int(content["year"]))
    wrong = sorted(
        {
            name
            for text in content["texts"]
            for name in names_in(text["source"])
            if name not in figures and name not in hidden
        }
    )
    if wrong:
        raise ConflictError(
            f"Texts name figures that do not leave the bureau: {_listed(wrong)}.",
            code="figure_not_public",
        )


def released_names(release: Mapping[str, Any], year: int) -> tuple[Figures, frozenset[str]]:
    """(what is shown, what is held back); `name@2025` of earlier years."""
    figures: dict[str, Any] = {"year": year}
    hidden: set[str] = set()
    for number, kept in release["years"].items():
        suffix = "" if int(number) == year else f"@{number}"
        figures |= {f"{name}{suffix}": value for name, value in kept["figures"].items()}
        hidden |= {f"{name}{suffix}" for name in kept["hidden"]}
    return figures, frozenset(hidden)


def release_of(
    content: Mapping[str, Any], threshold: int, before: Sequence[Before]
) -> dict[str, Any]:
    """What everybody may see of a content. before: every version that was published of any year,
    the oldest first.

    A figure of an earlier year is shown as that year's own report gave it, else as it was shown
    first: another count of the same year beside it would tell what lies between. Raises
    ConflictError naming the figures that could be told.
    """
    rule = Rule(threshold=threshold)
    years = {}
    for year, figures in figures_by_year(content).items():
        seen = [one for one in before if one.of(year) is not None]
        own = [one for one in seen if one.content["year"] == year]
        if year != content["year"] and seen:
            kept = (own or seen[:1])[-1].of(year)
            assert kept is not None  # noqa: S101  (seen are those that have it)
        else:
            kept = _made(content, year, figures, rule, seen)
        years[str(year)] = kept.as_json()
    return {"threshold": threshold, "years": years}


def _made(
    content: Mapping[str, Any],
    year: int,
    figures: Mapping[str, Any],
    rule: Rule,
    seen: Sequence[Before],
) -> YearRelease:
    held = {name for one in seen for name in (one.of(year) or YearRelease({}, set())).hidden}
    try:
        made = release_of_year(figures, crossings_of_year(content, year), rule, held=held)
    except RefusedError as refused:
        raise _told(year, refused.names) from refused
    eu = EuView(**content["eu"])
    groups = content["groups"][str(year)]
    told: set[str] = set()
    for one in seen:
        earlier = one.of(year)
        assert earlier is not None  # noqa: S101  (seen are those that have it)
        theirs = one.content["groups"][str(year)]
        told |= set(
            revealed(
                (
                    figures_by_year(one.content)[year],
                    crossings_of(theirs, eu, beside=groups),
                    earlier,
                ),
                (figures, crossings_of(groups, eu, beside=theirs), made),
                rule,
            )
        )
    if told:
        raise _told(year, sorted(told))
    return made


def _told(year: int, names: Sequence[str]) -> ConflictError:
    return ConflictError(
        f"Of {year} these figures could be told from what is or was published: {_listed(names)}.",
        code="would_reveal",
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
