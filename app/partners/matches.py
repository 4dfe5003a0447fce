"""Which partners can take a report or case, the best first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.core.access import Actor
from app.partners import load, queries
from app.partners.load import PartnerLoad
from app.partners.scoring import Filter, Fit, MatchFacts, Wanted, fit, ranked, removed_by
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Use, Vocabulary


@dataclass(frozen=True)
class Proposal:
    fit: Fit
    tier: str | None
    load: PartnerLoad


@dataclass(frozen=True)
class Matches:
    """proposed: the best of the `suitable`. removed: how many partners each filter took."""

    proposed: Sequence[Proposal]
    suitable: int
    removed: Mapping[Filter, int]


def propose(
    session: Session, actor: Actor, facts: MatchFacts, *, today: date, most: int
) -> Matches:
    """The partners that can serve, ranked, with their reasons and their load."""
    wanted = wanted_of(vocabulary.current(session), facts)
    removed = Counter(dict.fromkeys(Filter, 0))
    fits = []
    for candidate in queries.candidates(session, actor):
        reason = removed_by(candidate, wanted, on=today)
        if reason is not None:
            removed[reason] += 1
            continue
        found = fit(candidate, wanted)
        if found.reasons:
            fits.append(found)
        else:
            removed[Filter.NOTHING_IN_COMMON] += 1
    best = ranked(fits)[:most]
    ids = [found.candidate.id for found in best]
    tiers = queries.tiers_on(session, ids, today)
    loads = load.loads_of(session, ids)
    proposed = [Proposal(f, tiers.get(f.candidate.id), loads[f.candidate.id]) for f in best]
    return Matches(proposed, len(fits), removed)


def require_codes(session: Session, facts: MatchFacts, *, today: date) -> None:
    """Raises InvalidInputError for a ground or domain, sent as a query, that is no code."""
    uses = [
        *(Use(CodeList.GROUNDS, c, f"/query/ground/{i}") for i, c in enumerate(facts.grounds)),
        *(Use(CodeList.DOMAINS, code, "/query/domain") for code in facts.domains),
    ]
    vocabulary.current(session).require(uses, today)


def wanted_of(codes: Vocabulary, facts: MatchFacts) -> Wanted:
    """Facts ready to compare: with each ground go those above it."""
    grounds = dict.fromkeys(facts.grounds)
    return Wanted(
        grounds=[(code, frozenset(codes.lineage(CodeList.GROUNDS, code))) for code in grounds],
        domains=frozenset(facts.domains),
        municipalities=frozenset(facts.municipalities),
        languages=frozenset(facts.languages),
        needs=frozenset(facts.needs),
    )
