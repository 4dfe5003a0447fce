"""How every indicator of a plan stands: what the registers count and what was entered, judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.indicators import calculators, queries
from app.indicators.calculators import Asked, Counted
from app.indicators.domain import Reached, Source, Standing, State, UnmetNorm, judge
from app.indicators.models import IndicatorValue, Plan
from app.indicators.plan_file import (
    IndicatorBody,
    Placed,
    PlanFile,
    Scope,
    indicators_of,
    terms_of,
)


@dataclass(frozen=True)
class YearStanding:
    """One indicator in one year. counted, entry: what is known of this very year."""

    year: int
    standing: Standing
    source: Source
    counted: Counted | None
    entry: IndicatorValue | None

    @property
    def value(self) -> Decimal | None:
        if self.source is Source.COMPUTED:
            return _number(self.counted)
        return self.entry.number if self.entry else None


def document_of(plan: Plan) -> PlanFile:
    return PlanFile.model_validate(plan.document)


def source_of(indicator: IndicatorBody) -> Source:
    if calculators.find(indicator.code, indicator.evidence) is None:
        return Source.ENTERED
    return Source.COMPUTED if indicator.computed_scope is Scope.FULL else Source.PARTLY


def standings(
    session: Session,
    actor: Actor,
    plan: Plan,
    document: PlanFile,
    placed: Sequence[Placed],
    years: Sequence[int],
    *,
    today: date,
) -> dict[str, dict[int, YearStanding]]:
    """Indicator -> year -> how it stands, of these indicators of a plan in these of its years."""
    entries = queries.latest_entries(session, plan.code)
    past = [y for y in range(document.first_year, document.last_year + 1) if y <= today.year]
    found = {}
    for one in placed:
        indicator = one.indicator
        counted = _count(session, actor, indicator, past, today)
        source = source_of(indicator)
        reached = _reached(indicator.code, source, counted, entries, past)
        terms = terms_of(document, indicator)
        found[indicator.code] = {
            year: YearStanding(
                year=year,
                standing=judge(terms, year, reached, this_year=today.year),
                source=source,
                counted=counted.get(year),
                entry=entries.get((indicator.code, year)),
            )
            for year in years
        }
    return found


def _count(
    session: Session, actor: Actor, indicator: IndicatorBody, years: Sequence[int], today: date
) -> Mapping[int, Counted]:
    calculator = calculators.find(indicator.code, indicator.evidence)
    if calculator is None or not years:
        return {}
    return calculator(session, actor, Asked(indicator.code, indicator.evidence, years, today))


def _reached(
    code: str,
    source: Source,
    counted: Mapping[int, Counted],
    entries: Mapping[tuple[str, int], IndicatorValue],
    years: Sequence[int],
) -> dict[int, Reached]:
    """Year -> what counts: the registers where they hold all of it, else what was entered."""
    if source is Source.COMPUTED:
        return {year: Reached(_number(one), is_due=one.is_due) for year, one in counted.items()}
    known = {year: entries[code, year] for year in years if (code, year) in entries}
    return {year: Reached(entry.number, entry.fulfilled) for year, entry in known.items()}


def _number(counted: Counted | None) -> Decimal | None:
    return None if counted is None or counted.value is None else Decimal(counted.value)


def unmet(session: Session, actor: Actor, year: int, *, today: date) -> list[UnmetNorm]:
    """What was due in a year and is known not to be reached, of every plan that holds the year."""
    actor.require(Permission.INDICATOR_READ)
    found = []
    for plan in queries.current_plans(session, actor, year=year):
        document = document_of(plan)
        placed = indicators_of(document)
        by_code = standings(session, actor, plan, document, placed, [year], today=today)
        for one in placed:
            stands = by_code[one.indicator.code][year]
            if stands.standing.state is State.NOT_MET:
                norm = terms_of(document, one.indicator).norm
                found.append(
                    UnmetNorm(
                        plan=plan.code,
                        code=one.indicator.code,
                        evidence=one.indicator.evidence,
                        titles=one.indicator.title.by_language(),
                        year=year,
                        value=stands.standing.total,
                        norm=norm.value if norm else None,
                    )
                )
    return found
