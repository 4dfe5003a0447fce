"""Suggestions as they are shown."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.api.fields import VersionedView, View
from app.core.access import Actor, Permission
from app.partners.network_schemas import ReasonView
from app.partners.scoring import Fit
from app.prevention import kept, queries
from app.prevention.catalogue import catalogue
from app.prevention.domain import (
    ActionStatus,
    Earlier,
    Evidence,
    EvidenceKind,
    SuggestionDecision,
    SuggestionState,
    Term,
    Verdict,
)
from app.prevention.models import PreventionSuggestion, PreventionSuggestionDecision
from app.prevention.suggestions import Found, FoundYear
from app.prevention.wording import evidence_sentence
from app.signals.views import CellView
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import Language, Vocabulary


class ActionKindView(View):
    """labels: by language. answers: kind of evidence -> how well it answers that, 1..10. domains,
    grounds: for which it fits best."""

    code: str
    labels: dict[str, str]
    answers: dict[EvidenceKind, int]
    domains: list[str]
    grounds: list[str]


class ActionKindsView(View):
    items: list[ActionKindView]


class PreventionEvidenceView(View):
    """sentences: by language. number: of incidents that were reported, or of commitments. severe,
    in_priority_places: how many of them. change: of a trend, factor a year. respondent: None also
    where the reader may not read reports. norm: code of the norm that was not met."""

    kind: EvidenceKind
    sentences: dict[str, str]
    cell: CellView
    number: int | None
    severe: int
    in_priority_places: int
    change: float | None
    signal_id: UUID | None
    signal_reference: str | None
    respondent: str | None
    norm: str | None


class TermView(View):
    """Points of the score, with what they are for."""

    term: Term
    points: int


class InvolvedPartnerView(View):
    """score: how well it fits, 0..1. reasons: with the codes or places for which."""

    partner_id: UUID
    name: str
    score: float
    reasons: list[ReasonView]


class EarlierActionView(View):
    """verdict: how reports after it compared with those before; None: not measured, or hidden."""

    id: UUID
    reference: str
    title: str
    kind: str
    status: ActionStatus
    began_on: date | None
    ended_on: date | None
    verdict: Verdict | None


class SuggestionSummary(View):
    """A kind of action for one piece of evidence. score: the sum of the terms. meeting: other
    evidence about the same. version: 0 while nothing was decided."""

    id: UUID
    rank: int
    based_on_year: int
    kind: str
    labels: dict[str, str]
    state: SuggestionState
    postponed_until: date | None
    score: int
    terms: list[TermView]
    evidence: PreventionEvidenceView
    meeting: list[EvidenceKind]
    partners: list[InvolvedPartnerView]
    before: list[EarlierActionView]
    version: int


class SuggestionsView(View):
    """total: of the year, by the filter; items: the best of them."""

    based_on_year: int
    total: int
    items: list[SuggestionSummary]


class SuggestionDecisionView(View):
    """evidence, score: as they were on that day; None where they count what the reader may not
    know of."""

    decision: SuggestionDecision
    reason: str | None
    until: date | None
    decided_on: date
    decided_by_id: UUID
    evidence: PreventionEvidenceView | None
    score: int | None


class RestingActionView(View):
    id: UUID
    reference: str
    title: str
    status: ActionStatus


class SuggestionView(VersionedView):
    """now: as the evidence calls for it today; None where it does no more. actions: those that rest
    on it."""

    id: UUID
    based_on_year: int
    kind: str
    labels: dict[str, str]
    state: SuggestionState
    postponed_until: date | None
    now: SuggestionSummary | None
    decisions: list[SuggestionDecisionView]
    actions: list[RestingActionView]


def action_kinds_view() -> ActionKindsView:
    return ActionKindsView(
        items=[
            ActionKindView(
                code=kind.code,
                labels=dict(kind.labels),
                answers=dict(kind.answers),
                domains=list(kind.domains),
                grounds=list(kind.grounds),
            )
            for kind in catalogue().kinds
        ]
    )


def labels_of(kind: str) -> dict[str, str]:
    found = catalogue().kind(kind)
    return dict(found.labels) if found else {language.value: kind for language in Language}


def suggestions_view(session: Session, actor: Actor, found: FoundYear) -> SuggestionsView:
    lists = vocabulary.current(session)
    return SuggestionsView(
        based_on_year=found.year,
        total=found.total,
        items=[suggestion_summary(lists, actor, one) for one in found.shown],
    )


def suggestion_summary(lists: Vocabulary, actor: Actor, found: Found) -> SuggestionSummary:
    suggestion, row = found.suggestion, found.row
    is_postponed = found.state is SuggestionState.POSTPONED
    return SuggestionSummary(
        id=suggestion.id,
        rank=found.rank,
        based_on_year=suggestion.evidence.year,
        kind=suggestion.kind,
        labels=labels_of(suggestion.kind),
        state=found.state,
        postponed_until=row.postponed_until if row and is_postponed else None,
        score=suggestion.score,
        terms=_terms(suggestion.terms),
        evidence=_evidence_view(lists, actor, suggestion.evidence),
        meeting=sorted({other.kind for other in suggestion.meeting}),
        partners=[_partner_view(fit) for fit in found.partners],
        before=[_earlier_view(action) for action in suggestion.before],
        version=row.version if row else 0,
    )


def suggestion_view(
    session: Session,
    actor: Actor,
    suggestion_id: UUID,
    found: Found | None,
    row: PreventionSuggestion | None,
) -> SuggestionView:
    """Of one that is found now, that was decided on, or both."""
    lists = vocabulary.current(session)
    now = suggestion_summary(lists, actor, found) if found else None
    decisions = queries.decisions_of(session, suggestion_id)
    hidden = queries.hidden_decisions(session, actor, suggestion_id)
    known = now or row
    assert known is not None  # noqa: S101  (what is neither is not found)
    state = now.state if now else known.state
    return SuggestionView(
        id=suggestion_id,
        version=row.version if row else 0,
        based_on_year=known.based_on_year,
        kind=known.kind,
        labels=labels_of(known.kind),
        state=state,
        postponed_until=known.postponed_until,
        now=now,
        decisions=[
            _decision_view(lists, actor, one, is_hidden=one.id in hidden) for one in decisions
        ],
        actions=[
            RestingActionView.model_validate(action)
            for action in queries.actions_resting_on(session, suggestion_id)
        ],
    )


def _decision_view(
    lists: Vocabulary, actor: Actor, row: PreventionSuggestionDecision, *, is_hidden: bool
) -> SuggestionDecisionView:
    evidence, score = None, None
    if not is_hidden:
        held = kept.evidence_of(row.evidence, respondent=row.respondent)
        evidence = _evidence_view(lists, actor, held)
        score = sum(kept.terms_of(row.evidence).values())
    return SuggestionDecisionView(
        decision=row.decision,
        reason=row.reason,
        until=row.until,
        decided_on=row.decided_on,
        decided_by_id=row.decided_by_id,
        evidence=evidence,
        score=score,
    )


def _evidence_view(lists: Vocabulary, actor: Actor, evidence: Evidence) -> PreventionEvidenceView:
    if not actor.may(Permission.REPORT_READ):
        evidence = evidence.without_name()
    signal = evidence.signal
    return PreventionEvidenceView(
        kind=evidence.kind,
        sentences={
            language.value: evidence_sentence(lists, language, evidence) for language in Language
        },
        cell=CellView.model_validate(evidence.cell),
        number=evidence.number,
        severe=evidence.weight.severe,
        in_priority_places=evidence.weight.in_priority_places,
        change=evidence.change,
        signal_id=signal.id if signal else None,
        signal_reference=signal.reference if signal else None,
        respondent=evidence.respondent,
        norm=evidence.norm.code if evidence.norm else None,
    )


def _terms(terms: Mapping[Term, int]) -> list[TermView]:
    return [TermView(term=term, points=points) for term, points in terms.items()]


def _partner_view(fit: Fit) -> InvolvedPartnerView:
    return InvolvedPartnerView(
        partner_id=fit.candidate.id,
        name=fit.candidate.name,
        score=fit.score,
        reasons=_reasons(fit),
    )


def _reasons(fit: Fit) -> Sequence[ReasonView]:
    return [ReasonView(reason=one, matched=matched) for one, matched in fit.reasons.items()]


def _earlier_view(action: Earlier) -> EarlierActionView:
    return EarlierActionView.model_validate(action)
