"""Plans and indicators as they are shown."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from app.api.fields import View
from app.indicators.domain import (
    Frequency,
    Kind,
    Operator,
    Per,
    Source,
    State,
)
from app.indicators.models import IndicatorValue, Plan
from app.indicators.plan_file import (
    NormBody,
    OperationalBody,
    Placed,
    PlanFile,
    ResultBody,
    StrategicBody,
    TacticalBody,
    Title,
    in_language,
    indicators_of,
)
from app.indicators.standings import YearStanding
from app.vocabulary.domain import Language

Standings = Mapping[str, Mapping[int, YearStanding]]
"""Indicator -> year -> how it stands."""


class PlanSummary(View):
    """version: of the plan; is_current: the one that counts. title: by language."""

    id: UUID
    code: str
    version: int
    is_current: bool
    title: dict[str, str]
    first_year: int
    last_year: int
    indicators: int
    loaded_at: datetime
    loaded_by: UUID | None


class PlanView(PlanSummary):
    """document: the file as it was loaded."""

    document: PlanFile


class NormView(View):
    operator: Operator
    value: float
    per: Per
    unit: str | None
    measure: str


class EntryView(View):
    """Neither value nor fulfilled: what stood was taken back, and `evidence` says why."""

    year: int
    value: float | None
    fulfilled: bool | None
    evidence: str
    link: str | None
    entered_at: datetime
    entered_by: UUID


class DueView(View):
    """The years that count together. is_open: the plan names none."""

    first: int
    last: int
    is_open: bool


class YearView(View):
    """value: of the year; total: of all years that count together. figures: what the registers
    hold, by name; link: to the rows behind it. entry: what was entered of the year."""

    year: int
    state: State
    value: float | None
    total: float | None
    source: Source
    due: DueView | None
    figures: dict[str, int]
    link: str | None
    entry: EntryView | None


class IndicatorView(YearView):
    code: str
    title: str
    kind: Kind
    frequency: Frequency
    due_years: list[int]
    norm: NormView | None
    condition: str | None
    note: str | None


class ResultView(View):
    code: str
    title: str
    parent: str | None
    indicators: list[IndicatorView]


class OperationalView(View):
    code: str
    title: str
    states: dict[State, int]
    results: list[ResultView]


class TacticalView(View):
    code: str
    title: str
    states: dict[State, int]
    operational: list[OperationalView]


class StrategicView(View):
    code: str
    title: str
    states: dict[State, int]
    tactical: list[TacticalView]


class TreeView(View):
    """states: how many indicators stand how, here and below."""

    plan: str
    plan_version: int
    title: str
    year: int
    as_of: datetime
    states: dict[State, int]
    strategic: list[StrategicView]


class HistoryView(View):
    """One indicator over all years of its plan. entries: all that was entered, taken back too, by
    year, the latest first."""

    plan: str
    plan_version: int
    code: str
    title: str
    kind: Kind
    frequency: Frequency
    due_years: list[int]
    norm: NormView | None
    condition: str | None
    note: str | None
    years: list[YearView]
    entries: list[EntryView]


def plan_summary(plan: Plan, document: PlanFile, *, is_current: bool) -> PlanSummary:
    return PlanSummary(**_summary(plan, document, is_current=is_current))


def plan_view(plan: Plan, document: PlanFile, *, is_current: bool) -> PlanView:
    return PlanView(**_summary(plan, document, is_current=is_current), document=document)


def _summary(plan: Plan, document: PlanFile, *, is_current: bool) -> dict[str, object]:
    return {
        "id": plan.id,
        "code": plan.code,
        "version": plan.version,
        "is_current": is_current,
        "title": document.plan.title.by_language(),
        "first_year": plan.first_year,
        "last_year": plan.last_year,
        "indicators": len(indicators_of(document)),
        "loaded_at": plan.loaded_at,
        "loaded_by": plan.loaded_by_id,
    }


def title_of(title: Title, language: Language) -> str:
    return in_language(title.by_language(), language)


def measure_of(norm: NormBody, language: Language) -> str:
    return norm.measure_nl if language is Language.NL and norm.measure_nl else norm.measure


def _norm(norm: NormBody | None, language: Language) -> NormView | None:
    if norm is None:
        return None
    measure = measure_of(norm, language)
    return NormView(
        operator=norm.op, value=norm.value, per=norm.per, unit=norm.unit, measure=measure
    )


def entry_view(entry: IndicatorValue) -> EntryView:
    return EntryView(
        year=entry.year,
        value=None if entry.number is None else float(entry.number),
        fulfilled=entry.fulfilled,
        evidence=entry.evidence,
        link=entry.link,
        entered_at=entry.entered_at,
        entered_by=entry.entered_by_id,
    )


def year_view(stands: YearStanding) -> YearView:
    total, window = stands.standing.total, stands.standing.window
    return YearView(
        year=stands.year,
        state=stands.standing.state,
        value=None if stands.value is None else float(stands.value),
        total=None if total is None else float(total),
        source=stands.source,
        due=DueView(first=window.due_from, last=window.last, is_open=window.is_open)
        if window
        else None,
        figures=dict(stands.counted.figures) if stands.counted else {},
        link=stands.counted.link if stands.counted else None,
        entry=entry_view(stands.entry) if stands.entry else None,
    )


def _terms(placed: Placed, language: Language) -> dict[str, object]:
    indicator = placed.indicator
    return {
        "code": indicator.code,
        "title": title_of(indicator.title, language),
        "kind": indicator.kind,
        "frequency": indicator.frequency,
        "due_years": indicator.due_years,
        "norm": _norm(indicator.norm, language),
        "condition": indicator.condition,
        "note": indicator.note,
    }


def indicator_view(placed: Placed, stands: YearStanding, language: Language) -> IndicatorView:
    return IndicatorView(**vars(year_view(stands)), **_terms(placed, language))


def history_view(
    plan: Plan,
    placed: Placed,
    years: Iterable[YearStanding],
    entries: Iterable[IndicatorValue],
    language: Language,
) -> HistoryView:
    return HistoryView(
        plan=plan.code,
        plan_version=plan.version,
        years=[year_view(stands) for stands in years],
        entries=[entry_view(entry) for entry in entries],
        **_terms(placed, language),
    )


class _Tree:
    """Of one year in one language."""

    def __init__(self, document: PlanFile, found: Standings, year: int, language: Language) -> None:
        self.language = language
        self.views = {
            one.indicator.code: indicator_view(one, found[one.indicator.code][year], language)
            for one in indicators_of(document)
        }

    def title(self, title: Title) -> str:
        return title_of(title, self.language)

    def result(self, result: ResultBody) -> ResultView:
        return ResultView(
            code=result.code,
            title=self.title(result.title),
            parent=result.parent,
            indicators=[self.views[one.code] for one in result.indicators],
        )

    def operational(self, goal: OperationalBody) -> OperationalView:
        results = [self.result(result) for result in goal.results]
        states = Counter(one.state for result in results for one in result.indicators)
        return OperationalView(
            code=goal.code, title=self.title(goal.title), states=states, results=results
        )

    def tactical(self, goal: TacticalBody) -> TacticalView:
        parts = [self.operational(part) for part in goal.operational]
        return TacticalView(
            code=goal.code,
            title=self.title(goal.title),
            states=_sum(part.states for part in parts),
            operational=parts,
        )

    def strategic(self, goal: StrategicBody) -> StrategicView:
        parts = [self.tactical(part) for part in goal.tactical]
        return StrategicView(
            code=goal.code,
            title=self.title(goal.title),
            states=_sum(part.states for part in parts),
            tactical=parts,
        )


def _sum(parts: Iterable[Mapping[State, int]]) -> dict[State, int]:
    total: Counter[State] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def tree_view(
    plan: Plan,
    document: PlanFile,
    found: Standings,
    year: int,
    language: Language,
    *,
    as_of: datetime,
) -> TreeView:
    tree = _Tree(document, found, year, language)
    strategic = [tree.strategic(goal) for goal in document.strategic]
    return TreeView(
        plan=plan.code,
        plan_version=plan.version,
        title=title_of(document.plan.title, language),
        year=year,
        as_of=as_of,
        states=_sum(goal.states for goal in strategic),
        strategic=strategic,
    )
