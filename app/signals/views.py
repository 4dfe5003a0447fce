"""Signals as they are shown."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.api.fields import VersionedView, View
from app.core.access import Actor
from app.signals import queries
from app.signals.detecting import Figures, figures_of
from app.signals.domain import (
    Cell,
    CountedBy,
    Decision,
    EventCounting,
    Explanation,
    ObservationSource,
    Origin,
    SignalStatus,
)
from app.signals.models import DetectionRun, Signal
from app.signals.second_opinion import NoOpinion, Opinion
from app.signals.wording import opinion_sentence, sentence
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import Language, Vocabulary


class CellView(View):
    """What a series counts; None is all."""

    ground: str | None
    domain: str | None
    municipality: str | None
    district: str | None


class FiguresView(View):
    """window: months, the last one is the last month of the signal. lower, upper: where nine of ten
    such periods lie. bound: the count of the last month above which it is a signal, the months
    before as they are; -1: it is one without any. p: of as many by chance, by the model, for a
    window that was not chosen: no error rate."""

    cell: CellView
    window: int
    observed: int
    expected: float
    lower: int
    upper: int
    bound: int | None
    p: float


class ExplanationView(View):
    """What changed in how reports come in, and may be the whole of the rise."""

    kind: Explanation
    code: str | None = None
    reports: int | None = None


class OpinionView(View):
    """What a second method says of the last month alone (docs/signals.md). bound: more than that is
    unusual by it. reason: why it says nothing. sentences: by language."""

    observed: int
    expected: float | None
    bound: int | None
    is_above: bool | None
    reason: NoOpinion | None
    sentences: dict[str, str]


class MonthCountView(View):
    """completeness: the share of the month's reports that is expected to be in, 0..1."""

    month: str
    count: int
    completeness: float


class EvidenceView(View):
    """sentences: by language. under: other series in which the same rise shows. second_opinion:
    None where none was asked for when it was found."""

    sentences: dict[str, str]
    figures: FiguresView
    second_opinion: OpinionView | None
    under: list[FiguresView]
    series: list[MonthCountView]
    explanations: list[ExplanationView]
    false_alarms_per_month: float


class SignalSummary(View):
    id: UUID
    reference: str
    origin: Origin
    status: SignalStatus
    cell: CellView
    first_month: str
    last_month: str
    found_on: date
    observed: int | None
    expected: float | None
    sentences: dict[str, str] | None


class SignalDecisionView(View):
    """Without the count of that day: beside that of today it could tell of a report that is hidden
    since."""

    decision: Decision
    reason: str | None
    decided_on: date
    decided_by_id: UUID


class SignalView(VersionedView):
    id: UUID
    reference: str
    origin: Origin
    status: SignalStatus
    cell: CellView
    first_month: str
    last_month: str
    found_on: date
    counted_by: CountedBy | None
    event_counting: EventCounting | None
    run_id: UUID | None
    evidence: EvidenceView | None
    source: ObservationSource | None
    description: str | None
    partner_id: UUID | None
    recorded_by_id: UUID | None
    decisions: list[SignalDecisionView]


class DetectionRunView(View):
    """series: how many were looked at. threshold: the score from which one is an alarm; it was set
    by what the bureau's own past would have given at this budget; None: that past was too quiet.
    signals: those it found or renewed last, without any that the reader may not know of."""

    id: UUID
    through: str
    counted_by: CountedBy
    event_counting: EventCounting
    false_alarms_per_month: float
    code_version: str
    months: int
    series: int
    threshold: float | None
    signals: list[UUID]
    detected_at: datetime
    requested_by_id: UUID | None


class RepetitionView(View):
    """The same counts scanned again, by the code of today."""

    is_same: bool
    code_version: str


def run_view(session: Session, actor: Actor, run: DetectionRun) -> DetectionRunView:
    return DetectionRunView(
        id=run.id,
        through=run.month,
        counted_by=run.counted_by,
        event_counting=run.event_counting,
        false_alarms_per_month=run.settings["false_alarms_per_month"],
        code_version=run.code_version,
        months=run.months,
        series=run.series,
        threshold=run.settings["threshold"],
        signals=queries.ids_of_run(session, actor, run.id),
        detected_at=run.detected_at,
        requested_by_id=run.requested_by_id,
    )


def signal_summary(session: Session, signal: Signal) -> SignalSummary:
    figures = _leading(signal)
    return SignalSummary(
        id=signal.id,
        reference=signal.reference,
        origin=signal.origin,
        status=signal.status,
        cell=_cell_view(_cell(signal)),
        first_month=signal.first_month,
        last_month=signal.last_month,
        found_on=signal.found_on,
        observed=signal.observed,
        expected=None if figures is None else figures.expected,
        sentences=_sentences(vocabulary.current(session), signal, figures),
    )


def signal_view(session: Session, signal: Signal) -> SignalView:
    return SignalView(
        id=signal.id,
        version=signal.version,
        reference=signal.reference,
        origin=signal.origin,
        status=signal.status,
        cell=_cell_view(_cell(signal)),
        first_month=signal.first_month,
        last_month=signal.last_month,
        found_on=signal.found_on,
        counted_by=signal.counted_by,
        event_counting=signal.event_counting,
        run_id=signal.run_id,
        evidence=_evidence_view(session, signal),
        source=signal.source,
        description=signal.description,
        partner_id=signal.partner_id,
        recorded_by_id=signal.recorded_by_id,
        decisions=[
            SignalDecisionView.model_validate(decision)
            for decision in queries.decisions_of(session, signal.id)
        ],
    )


def _evidence_view(session: Session, signal: Signal) -> EvidenceView | None:
    figures, held = _leading(signal), signal.evidence
    if figures is None or held is None:
        return None
    series = zip(held["months"], figures.counts, held["completeness"], strict=True)
    return EvidenceView(
        sentences=_sentences(vocabulary.current(session), signal, figures) or {},
        figures=_figures_view(figures),
        second_opinion=_opinion_view(held.get("second_opinion"), signal.last_month),
        under=[_figures_view(figures_of(row)) for row in held["under"]],
        series=[
            MonthCountView(month=month, count=count, completeness=share)
            for month, count, share in series
        ],
        explanations=[ExplanationView.model_validate(row) for row in held["explanations"]],
        false_alarms_per_month=held["false_alarms_per_month"],
    )


def _opinion_view(held: dict[str, Any] | None, last: str) -> OpinionView | None:
    if held is None:
        return None
    reason = held["reason"]
    opinion = Opinion(**{**held, "reason": reason and NoOpinion(reason)})
    return OpinionView(
        **asdict(opinion),
        sentences={
            language.value: opinion_sentence(opinion, language, last) for language in Language
        },
    )


def _figures_view(figures: Figures) -> FiguresView:
    return FiguresView.model_validate(figures)


def _leading(signal: Signal) -> Figures | None:
    return None if signal.evidence is None else figures_of(signal.evidence["leading"])


def _sentences(lists: Vocabulary, signal: Signal, figures: Figures | None) -> dict[str, str] | None:
    if figures is None:
        return None
    return {
        language.value: sentence(
            lists,
            language,
            _cell(signal),
            first=signal.first_month,
            last=signal.last_month,
            observed=figures.observed,
            lower=figures.lower,
            upper=figures.upper,
        )
        for language in Language
    }


def _cell(signal: Signal) -> Cell:
    return Cell(signal.ground, signal.domain, signal.municipality, signal.district)


def _cell_view(cell: Cell) -> CellView:
    return CellView.model_validate(cell)
