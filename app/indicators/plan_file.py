"""The form of a plan, as it is loaded and kept: objectives, results, indicators."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.api.fields import Body, Code, Line, Remark
from app.core.errors import FieldError
from app.indicators.domain import (
    FREQUENCIES_OF,
    Frequency,
    Kind,
    Norm,
    Operator,
    Per,
    Terms,
)

T = TypeVar("T")

FIRST_YEAR, LAST_YEAR = 1990, 2199
MOST_YEARS = 15
RESERVED_CODES = frozenset({"export"})
LANGUAGES = ("nl", "en", "fr")
"""The order in which a title is looked for, after the language that was asked."""

PlanYear = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
PlanCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
ItemCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
Number = Annotated[float, Field(ge=0, le=1_000_000_000, allow_inf_nan=False)]
SourceLine = Annotated[int, Field(ge=1, le=1_000_000)]


class Scope(StrEnum):
    """What the registers give. figures_only: a person writes the text. bureau_share: the norm is
    of more than the bureau."""

    FULL = "full"
    FIGURES_ONLY = "figures_only"
    BUREAU_SHARE = "bureau_share"


class Timing(StrEnum):
    """Whether the plan states the years, or they were read into it."""

    STATED = "stated"
    INFERRED = "inferred"
    YEARS_INFERRED = "years_inferred"


class Basis(StrEnum):
    """Whether the plan says "at least", or gives a bare number."""

    MINIMUM = "minimum"
    PLAIN = "plain"


class Title(Body):
    """In at least one language."""

    nl: Line | None = None
    fr: Line | None = None
    en: Line | None = None

    @model_validator(mode="after")
    def _is_there(self) -> "Title":
        if not self.by_language():
            raise PydanticCustomError("missing", "a title in at least one language")
        return self

    def by_language(self) -> dict[str, str]:
        return {name: text for name in LANGUAGES if (text := getattr(self, name)) is not None}


class NormBody(Body):
    measure: Line
    measure_nl: Line | None = None
    op: Operator
    value: Number
    per: Per
    basis: Basis = Basis.MINIMUM
    unit: Code | None = None


class IndicatorBody(Body):
    """due_years: empty when the plan leaves the year open. computed_scope: with computed only."""

    code: ItemCode
    title: Title
    kind: Kind
    frequency: Frequency
    due_years: list[PlanYear] = Field([], max_length=MOST_YEARS)
    norm: NormBody | None = None
    evidence: Code = "other"
    computed: bool = False
    computed_scope: Scope | None = None
    computed_from: Remark | None = None
    timing: Timing = Timing.STATED
    condition: Line | None = None
    split_from: ItemCode | None = None
    note: Remark | None = None
    note_detail: Remark | None = None
    line: SourceLine | None = None


class ResultBody(Body):
    """parent: the result of the same objective that this one is a part of."""

    code: ItemCode
    title: Title
    parent: ItemCode | None = None
    see: ItemCode | None = None
    note: Remark | None = None
    line: SourceLine | None = None
    indicators: list[IndicatorBody] = Field([], max_length=100)


class OperationalBody(Body):
    code: ItemCode
    title: Title
    placeholder: bool = False
    note: Remark | None = None
    line: SourceLine | None = None
    results: list[ResultBody] = Field([], max_length=100)


class TacticalBody(Body):
    code: ItemCode
    title: Title
    note: Remark | None = None
    line: SourceLine | None = None
    operational: list[OperationalBody] = Field([], max_length=100)


class StrategicBody(Body):
    code: ItemCode
    title: Title
    note: Remark | None = None
    line: SourceLine | None = None
    tactical: list[TacticalBody] = Field([], max_length=100)


class PlanHead(Body):
    """code: the same for every version of a plan; without one, `plan-` and its years.
    period: first and last year."""

    code: PlanCode | None = None
    title: Title
    period: Annotated[list[PlanYear], Field(min_length=2, max_length=2)]
    source: Remark | None = None


class PlanFile(Body):
    """A plan. A version of a plan that is loaded later replaces it; values stay by their code."""

    plan: PlanHead
    strategic: list[StrategicBody] = Field(min_length=1, max_length=50)

    @property
    def code(self) -> str:
        return self.plan.code or f"plan-{self.first_year}-{self.last_year}"

    @property
    def first_year(self) -> int:
        return self.plan.period[0]

    @property
    def last_year(self) -> int:
        return self.plan.period[1]


@dataclass(frozen=True)
class Placed:
    """An indicator with the objectives and the result above it, and where it stands in the file."""

    strategic: StrategicBody
    tactical: TacticalBody
    operational: OperationalBody
    result: ResultBody
    indicator: IndicatorBody
    pointer: str


Item = StrategicBody | TacticalBody | OperationalBody | ResultBody | IndicatorBody


def indicators_of(plan: PlanFile) -> list[Placed]:
    """In the order of the plan."""
    found = []
    for strategic, at in _each(plan.strategic, "/strategic"):
        for tactical, at_tactical in _each(strategic.tactical, f"{at}/tactical"):
            for operational, at_goal in _each(tactical.operational, f"{at_tactical}/operational"):
                for result, at_result in _each(operational.results, f"{at_goal}/results"):
                    for one, pointer in _each(result.indicators, f"{at_result}/indicators"):
                        placed = Placed(strategic, tactical, operational, result, one, pointer)
                        found.append(placed)
    return found


def find_indicator(plan: PlanFile, code: str) -> Placed | None:
    return next((one for one in indicators_of(plan) if one.indicator.code == code), None)


def _each(items: Sequence[T], pointer: str) -> Iterator[tuple[T, str]]:
    return ((item, f"{pointer}/{place}") for place, item in enumerate(items))


def terms_of(plan: PlanFile, indicator: IndicatorBody) -> Terms:
    norm = indicator.norm
    return Terms(
        kind=indicator.kind,
        frequency=indicator.frequency,
        first=plan.first_year,
        last=plan.last_year,
        due_years=indicator.due_years,
        norm=Norm(norm.op, decimal(norm.value), norm.per) if norm else None,
    )


def decimal(value: float) -> Decimal:
    """As it was written: not the binary fraction beside it."""
    return Decimal(str(value))


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in the first that is there."""
    return next(texts[name] for name in (language, *LANGUAGES) if name in texts)


def plan_errors(plan: PlanFile) -> list[FieldError]:
    """What does not fit within a plan, each with its place in the file."""
    first, last = plan.first_year, plan.last_year
    if last < first:
        return [FieldError("/plan/period/1", "before the first year", "date_order")]
    if last - first >= MOST_YEARS:
        return [FieldError("/plan/period/1", f"more than {MOST_YEARS} years", "too_long")]
    errors = _code_errors(plan)
    placed = indicators_of(plan)
    for one in placed:
        errors += _indicator_errors(one.indicator, one.pointer, first, last)
    codes = {one.indicator.code for one in placed}
    errors += [
        FieldError(f"{one.pointer}/split_from", "no indicator of this plan", "unknown_code")
        for one in placed
        if one.indicator.split_from is not None and one.indicator.split_from not in codes
    ]
    return errors


def _code_errors(plan: PlanFile) -> list[FieldError]:
    errors = []
    seen: set[str] = set()
    for item, pointer in _items(plan):
        if item.code in RESERVED_CODES:
            errors.append(FieldError(f"{pointer}/code", "means something else here", "reserved"))
        if item.code in seen:
            errors.append(FieldError(f"{pointer}/code", "stands here twice", "duplicate"))
        seen.add(item.code)
    for item, pointer in _items(plan):
        if isinstance(item, ResultBody) and item.see is not None and item.see not in seen:
            errors.append(FieldError(f"{pointer}/see", "no code of this plan", "unknown_code"))
        if isinstance(item, OperationalBody):
            errors += _parent_errors(item, pointer)
    return errors


def _items(plan: PlanFile) -> Iterator[tuple[Item, str]]:
    for strategic, at in _each(plan.strategic, "/strategic"):
        yield strategic, at
        for tactical, at_tactical in _each(strategic.tactical, f"{at}/tactical"):
            yield tactical, at_tactical
            for operational, at_goal in _each(tactical.operational, f"{at_tactical}/operational"):
                yield operational, at_goal
                for result, at_result in _each(operational.results, f"{at_goal}/results"):
                    yield result, at_result
                    yield from _each(result.indicators, f"{at_result}/indicators")


def _parent_errors(operational: OperationalBody, pointer: str) -> list[FieldError]:
    """A parent stands before its parts, so no result can be a part of itself."""
    errors = []
    before: set[str] = set()
    for result, at in _each(operational.results, f"{pointer}/results"):
        if result.parent is not None and result.parent not in before:
            message = "no result before this one, of the same objective"
            errors.append(FieldError(f"{at}/parent", message, "unknown_code"))
        before.add(result.code)
    return errors


def _indicator_errors(
    indicator: IndicatorBody, pointer: str, first: int, last: int
) -> list[FieldError]:
    errors = []
    years = indicator.due_years
    for place, year in enumerate(years):
        if not first <= year <= last:
            message = "outside the years of the plan"
            errors.append(FieldError(f"{pointer}/due_years/{place}", message, "not_in_period"))
        if place and year <= years[place - 1]:
            message = "years stand in their order, each once"
            errors.append(FieldError(f"{pointer}/due_years/{place}", message, "date_order"))
    if not years and indicator.frequency in (Frequency.YEARLY, Frequency.EVERY_TWO_YEARS):
        errors.append(FieldError(f"{pointer}/due_years", "name the years", "missing"))
    if indicator.computed != (indicator.computed_scope is not None):
        message = "says what is computed, if it is"
        errors.append(FieldError(f"{pointer}/computed_scope", message, "computed_scope"))
    return errors + _norm_errors(indicator, pointer)


def _norm_errors(indicator: IndicatorBody, pointer: str) -> list[FieldError]:
    norm = indicator.norm
    if norm is None:
        return []
    errors = []
    if indicator.frequency not in FREQUENCIES_OF[norm.per]:
        message = "does not fit the frequency"
        errors.append(FieldError(f"{pointer}/norm/per", message, "frequency"))
    elif norm.per is not Per.PLAN and not indicator.due_years:
        errors.append(FieldError(f"{pointer}/due_years", "a norm for a time has years", "missing"))
    return errors
