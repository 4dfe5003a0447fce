"""Preventive actions as they are shown."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.api.fields import VersionedView, View
from app.core.access import Actor
from app.core.clock import local_date
from app.prevention import queries
from app.prevention.domain import MOVES, ActionStatus, EvidenceKind, Verdict
from app.prevention.models import (
    PreventionAction,
    PreventionLink,
    PreventionResult,
    PreventionSuggestion,
)
from app.prevention.results import of_row
from app.prevention.views import labels_of
from app.prevention.wording import effect_sentence
from app.signals.domain import CountedBy, EventCounting, SignalStatus
from app.signals.models import Signal
from app.signals.views import CellView
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import Language, Vocabulary


class ActionSummary(View):
    """A row of a list: nothing personal."""

    id: UUID
    reference: str
    kind: str
    labels: dict[str, str]
    title: str
    status: ActionStatus
    cell: CellView
    planned_from: date | None
    planned_to: date | None
    began_on: date | None
    ended_on: date | None
    responsible_id: UUID


class LinkedSignalView(View):
    """year: in which it ends."""

    id: UUID
    reference: str
    status: SignalStatus
    year: int


class LinkedSuggestionView(View):
    id: UUID
    kind: str
    evidence_kind: EvidenceKind
    based_on_year: int


class PreventionLinkView(View):
    """What it rests on: a suggestion with the signal behind it, if there is one, or a signal alone.
    is_hidden: the reader may not know of it."""

    id: UUID
    suggestion: LinkedSuggestionView | None
    signal: LinkedSignalView | None
    is_hidden: bool
    linked_on: date
    undone_on: date | None
    undone_reason: str | None


class PreventionPointView(View):
    id: UUID
    action_id: UUID
    text: str
    owner_id: UUID
    set_on: date
    due_on: date
    done_on: date | None


class MeasuredView(View):
    """Reports of one series in as many months before the action began as after it ended.

    ratio, low, high: after against before, with the interval of 95%; None with too few, high also
    where it has no end. sentences: by language, with what it cannot show.
    """

    cell: CellView
    counted_by: CountedBy
    event_counting: EventCounting
    before_months: list[str]
    after_months: list[str]
    before: int
    after: int
    is_complete: bool
    ratio: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    sentences: dict[str, str]


class ActionResultView(View):
    """measured: as it was known on that day; None where nothing was counted, and where it counts
    what the reader may not know of (is_hidden)."""

    id: UUID
    text: str
    participants: int | None
    recorded_on: date
    recorded_by_id: UUID | None
    measured: MeasuredView | None
    is_hidden: bool


class ActionView(VersionedView):
    id: UUID
    reference: str
    kind: str
    labels: dict[str, str]
    title: str
    status: ActionStatus
    allowed_moves: list[ActionStatus]
    goals: str
    cell: CellView
    target_groups: list[str]
    least_heard: str | None
    planned_from: date | None
    planned_to: date | None
    began_on: date | None
    ended_on: date | None
    cancelled_on: date | None
    cancel_reason: str | None
    planned_cents: int | None
    spent_cents: int | None
    responsible_id: UUID
    partner_ids: list[UUID]
    activity_ids: list[UUID]
    based_on: list[PreventionLinkView]
    action_points: list[PreventionPointView]
    results: list[ActionResultView]


def action_summary(action: PreventionAction) -> ActionSummary:
    return ActionSummary(
        id=action.id,
        reference=action.reference,
        kind=action.kind,
        labels=labels_of(action.kind),
        title=action.title,
        status=action.status,
        cell=CellView.model_validate(queries.cell_of(action)),
        planned_from=action.planned_from,
        planned_to=action.planned_to,
        began_on=action.began_on,
        ended_on=action.ended_on,
        responsible_id=action.responsible_id,
    )


def action_view(session: Session, actor: Actor, action: PreventionAction) -> ActionView:
    session.flush()  # the answer carries the new version and the ids
    hidden = queries.hidden_results(session, actor, action.id)
    lists = vocabulary.current(session)
    results = sorted(action.results, key=lambda row: row.position)
    points = sorted(action.action_points, key=lambda row: (row.due_on, row.id))
    return ActionView(
        id=action.id,
        version=action.version,
        reference=action.reference,
        kind=action.kind,
        labels=labels_of(action.kind),
        title=action.title,
        status=action.status,
        allowed_moves=sorted(MOVES[action.status]),
        goals=action.goals,
        cell=CellView.model_validate(queries.cell_of(action)),
        target_groups=list(action.target_groups),
        least_heard=action.least_heard,
        planned_from=action.planned_from,
        planned_to=action.planned_to,
        began_on=action.began_on,
        ended_on=action.ended_on,
        cancelled_on=action.cancelled_on,
        cancel_reason=action.cancel_reason,
        planned_cents=action.planned_cents,
        spent_cents=action.spent_cents,
        responsible_id=action.responsible_id,
        partner_ids=sorted(row.partner_id for row in action.partners),
        activity_ids=sorted(row.activity_id for row in action.activities),
        based_on=_links(session, actor, action.links),
        action_points=[PreventionPointView.model_validate(point) for point in points],
        results=[result_view(lists, row, is_hidden=row.id in hidden) for row in results],
    )


def _links(
    session: Session, actor: Actor, links: Collection[PreventionLink]
) -> list[PreventionLinkView]:
    suggestions = queries.suggestions_of(
        session, [link.suggestion_id for link in links if link.suggestion_id]
    )
    behind = [one.signal_id for one in suggestions.values() if one.signal_id]
    ids = [*behind, *(link.signal_id for link in links if link.signal_id)]
    seen = queries.seen_signals(session, actor, ids)
    ordered = sorted(links, key=lambda link: link.position)
    return [_link_view(link, suggestions, seen) for link in ordered]


def _link_view(
    link: PreventionLink,
    suggestions: Mapping[UUID, PreventionSuggestion],
    seen: Mapping[UUID, Signal],
) -> PreventionLinkView:
    suggestion = suggestions[link.suggestion_id] if link.suggestion_id else None
    signal_id = suggestion.signal_id if suggestion else link.signal_id
    signal = seen.get(signal_id) if signal_id else None
    is_hidden = signal_id is not None and signal is None
    return PreventionLinkView(
        id=link.id,
        suggestion=LinkedSuggestionView.model_validate(suggestion)
        if suggestion and not is_hidden
        else None,
        signal=LinkedSignalView(
            id=signal.id,
            reference=signal.reference,
            status=signal.status,
            year=int(signal.last_month[:4]),
        )
        if signal
        else None,
        is_hidden=is_hidden,
        linked_on=local_date(link.linked_at),
        undone_on=link.undone_on,
        undone_reason=link.undone_reason,
    )


def result_view(lists: Vocabulary, row: PreventionResult, *, is_hidden: bool) -> ActionResultView:
    measured = None
    if row.measured is not None and row.verdict is not None and not is_hidden:
        measured = _measured_view(lists, row.measured, row.verdict)
    return ActionResultView(
        id=row.id,
        text=row.text,
        participants=row.participants,
        recorded_on=row.recorded_on,
        recorded_by_id=row.recorded_by_id,
        measured=measured,
        is_hidden=is_hidden,
    )


def _measured_view(lists: Vocabulary, row: Mapping[str, Any], verdict: Verdict) -> MeasuredView:
    series, effect = of_row(row, verdict)
    return MeasuredView(
        cell=CellView.model_validate(series.cell),
        counted_by=series.counted_by,
        event_counting=series.event_counting,
        before_months=list(effect.spans.before),
        after_months=list(effect.spans.after),
        before=effect.before,
        after=effect.after,
        is_complete=effect.is_complete,
        ratio=effect.ratio,
        low=effect.low,
        high=effect.high,
        verdict=verdict,
        sentences={
            language.value: effect_sentence(
                lists, language, series.cell, effect, is_of_peak=series.is_of_peak
            )
            for language in Language
        },
    )
