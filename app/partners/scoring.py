"""How well a partner fits a report or case."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.partners.domain import Accessibility, is_within


class Filter(StrEnum):
    """Why a partner is not proposed; the first that applies, the last: no reason speaks for it."""

    NOT_ACTIVE = "not_active"
    NO_REFERRALS = "no_referrals"
    OUTSIDE_TERRITORY = "outside_territory"
    NOTHING_IN_COMMON = "nothing_in_common"


class Reason(StrEnum):
    """Why a partner is proposed."""

    GROUND = "ground"
    ANY_GROUND = "any_ground"
    DOMAIN = "domain"
    ANY_DOMAIN = "any_domain"
    PLACE = "place"
    ANY_PLACE = "any_place"
    LANGUAGE = "language"
    NEEDS = "needs"


WEIGHTS = {
    Reason.GROUND: 0.35,
    Reason.DOMAIN: 0.2,
    Reason.PLACE: 0.15,
    Reason.LANGUAGE: 0.1,
    Reason.NEEDS: 0.2,
}
GENERALIST_SHARE = 0.5
"""What a partner for all grounds, domains or places gets of the weight of one for just this."""


@dataclass(frozen=True)
class MatchFacts:
    """What a partner should fit. Empty: not known, not looked at.

    municipalities: folded. languages: ISO codes.
    """

    grounds: Collection[str] = ()
    domains: Collection[str] = ()
    municipalities: Collection[str] = ()
    languages: Collection[str] = ()
    needs: Collection[Accessibility] = ()


@dataclass(frozen=True)
class Candidate:
    """A partner as the register knows it; territory is folded."""

    id: UUID
    name: str
    folded_name: str
    kind: str
    active_from: date
    active_to: date | None
    accepts_referrals: bool
    territory: Sequence[str]
    grounds: Sequence[str]
    domains: Sequence[str]
    languages: Sequence[str]
    accessibility: Sequence[str]


@dataclass(frozen=True)
class Wanted:
    """MatchFacts ready to compare; of each ground its code and those above it."""

    grounds: Sequence[tuple[str, frozenset[str]]]
    domains: frozenset[str]
    municipalities: frozenset[str]
    languages: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True)
class Fit:
    """score: 0..1, two decimals. reasons: each with the codes or places that it is about."""

    candidate: Candidate
    score: float
    reasons: dict[Reason, list[str]] = field(default_factory=dict)
    unmet_needs: list[str] = field(default_factory=list)


def removed_by(candidate: Candidate, wanted: Wanted, *, on: date) -> Filter | None:
    """Why a partner cannot serve; None when it can."""
    if not is_within(on, candidate.active_from, candidate.active_to):
        return Filter.NOT_ACTIVE
    if not candidate.accepts_referrals:
        return Filter.NO_REFERRALS
    if (
        wanted.municipalities
        and candidate.territory
        and wanted.municipalities.isdisjoint(candidate.territory)
    ):
        return Filter.OUTSIDE_TERRITORY
    return None


def fit(candidate: Candidate, wanted: Wanted) -> Fit:
    """How well a partner that can serve fits; without any reason: not at all."""
    score = 0.0
    reasons: dict[Reason, list[str]] = {}
    if wanted.grounds:
        known = [c for c, lineage in wanted.grounds if not lineage.isdisjoint(candidate.grounds)]
        score += _score(
            reasons, Reason.GROUND, Reason.ANY_GROUND, candidate.grounds, known, len(wanted.grounds)
        )
    for wants, has, special, general in (
        (wanted.domains, candidate.domains, Reason.DOMAIN, Reason.ANY_DOMAIN),
        (wanted.municipalities, candidate.territory, Reason.PLACE, Reason.ANY_PLACE),
    ):
        if wants:
            known = sorted(wants.intersection(has))
            score += _score(reasons, special, general, has, known, len(wants))
    spoken = sorted(wanted.languages.intersection(candidate.languages))
    if spoken:
        reasons[Reason.LANGUAGE] = spoken
        score += WEIGHTS[Reason.LANGUAGE] * len(spoken) / len(wanted.languages)
    met = wanted.needs.intersection(candidate.accessibility)
    if spoken and Accessibility.INTERPRETER in wanted.needs:
        # Who speaks the language needs no interpreter.
        met |= {Accessibility.INTERPRETER}
    if met:
        reasons[Reason.NEEDS] = sorted(met)
        score += WEIGHTS[Reason.NEEDS] * len(met) / len(wanted.needs)
    return Fit(candidate, round(score, 2), reasons, sorted(wanted.needs - met))


def ranked(fits: Collection[Fit]) -> list[Fit]:
    """The best first; those alike by name."""
    return sorted(fits, key=lambda f: (-f.score, f.candidate.folded_name, f.candidate.id))


def _score(
    reasons: dict[Reason, list[str]],
    special: Reason,
    general: Reason,
    has: Sequence[str],
    known: list[str],
    wanted: int,
) -> float:
    """The share of the weight that a partner gets; notes the reason."""
    if not has:
        reasons[general] = []
        return WEIGHTS[special] * GENERALIST_SHARE
    if known:
        reasons[special] = known
    return WEIGHTS[special] * len(known) / wanted
