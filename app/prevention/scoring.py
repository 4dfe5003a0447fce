"""From evidence to ranked suggestions. The same evidence gives the same list, in whatever order it
comes; more of it never scores less."""

from collections.abc import Sequence
from datetime import date

from app.prevention.catalogue import ActionKind, Catalogue
from app.prevention.domain import (
    ActionStatus,
    Earlier,
    Evidence,
    Suggestion,
    Term,
    Verdict,
    meet,
    suggestion_id,
)

MOST_BEFORE = 5
"""Earlier actions that are shown."""


def suggest(
    evidence: Sequence[Evidence], earlier: Sequence[Earlier], catalogue: Catalogue
) -> list[Suggestion]:
    """For each piece of evidence the kinds of action that fit it best, the highest score first;
    those alike in the order of the catalogue, then of the evidence."""
    place = {kind.code: number for number, kind in enumerate(catalogue.kinds)}
    everything = sorted(evidence, key=lambda one: one.key)
    found = [
        _suggestion(one, kind, everything, earlier, catalogue)
        for one in everything
        for kind in _kinds_for(one, catalogue)
    ]
    return sorted(found, key=lambda s: (-s.score, place[s.kind], s.evidence.key))


def _kinds_for(evidence: Evidence, catalogue: Catalogue) -> list[ActionKind]:
    """By their fit alone: what was done or decided before must not bring another kind up."""
    place = {kind.code: number for number, kind in enumerate(catalogue.kinds)}
    fits = [
        (fit, kind) for kind in catalogue.kinds if (fit := fit_of(kind, evidence, catalogue)) > 0
    ]
    fits.sort(key=lambda pair: (-pair[0], place[pair[1].code]))
    return [kind for _, kind in fits[: catalogue.kinds_for_one_evidence]]


def fit_of(kind: ActionKind, evidence: Evidence, catalogue: Catalogue) -> int:
    """How well a kind of action answers a piece of evidence; 0: not at all."""
    weight = kind.answers.get(evidence.kind, 0)
    fits_domain = evidence.cell.domain in kind.domains
    fits_ground = evidence.cell.ground in kind.grounds
    if weight == 0 or (kind.is_for_these_alone and not (fits_domain or fits_ground)):
        return 0
    if evidence.norm is not None and evidence.norm.evidence not in kind.norms:
        return 0
    points = catalogue.points
    return weight + fits_domain * points.fits_domain + fits_ground * points.fits_ground


def _suggestion(
    evidence: Evidence,
    kind: ActionKind,
    everything: Sequence[Evidence],
    earlier: Sequence[Earlier],
    catalogue: Catalogue,
) -> Suggestion:
    points = catalogue.points
    meeting = [
        other
        for other in everything
        if other.kind is not evidence.kind and meet(evidence.cell, other.cell)
    ]
    before = [action for action in earlier if meet(evidence.cell, action.cell)]
    same = [action for action in before if action.kind == kind.code]
    is_confirmed = evidence.signal is None or evidence.signal.is_confirmed
    kinds_met = len({other.kind for other in meeting})
    terms = {
        Term.EVIDENCE: points.evidence[evidence.kind]["confirmed" if is_confirmed else "watched"],
        Term.NUMBER: min((evidence.number or 0) * points.each_reported, points.most_reported),
        Term.SEVERITY: min(evidence.weight.severe * points.each_severe, points.most_severe),
        Term.PRIORITY_PLACE: min(
            evidence.weight.in_priority_places * points.each_in_priority_places,
            points.most_in_priority_places,
        ),
        Term.MEETING: min(kinds_met * points.each_meeting, points.most_meeting),
        Term.FIT: fit_of(kind, evidence, catalogue),
        Term.HELPED_BEFORE: points.helped_before * _helped(same),
        Term.UNDER_WAY: points.under_way * _is_under_way(same),
    }
    return Suggestion(
        id=suggestion_id(kind.code, evidence),
        kind=kind.code,
        evidence=evidence,
        terms={term: number for term, number in terms.items() if number},
        meeting=meeting,
        before=_latest(before),
    )


def _helped(actions: Sequence[Earlier]) -> bool:
    """Fewer reports after it: all that counts can say, see `effects`."""
    return any(action.verdict is Verdict.FEWER for action in actions)


def _is_under_way(actions: Sequence[Earlier]) -> bool:
    waiting = (ActionStatus.PLANNED, ActionStatus.RUNNING)
    return any(action.status in waiting for action in actions)


def _latest(actions: Sequence[Earlier]) -> list[Earlier]:
    """The last that began first; those that did not begin before all others."""
    ordered = sorted(actions, key=lambda action: action.reference, reverse=True)
    ordered.sort(key=lambda action: action.began_on or date.max, reverse=True)
    return ordered[:MOST_BEFORE]
