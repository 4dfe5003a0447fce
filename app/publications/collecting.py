"""What a report tells beside the figures of a year: signals, indicators, what people needed."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.annual_report import queries as figure_queries
from app.core.access import Actor
from app.indicators import queries as plans
from app.indicators.calculators import Counted
from app.indicators.domain import Kind
from app.indicators.plan_file import indicators_of
from app.indicators.standings import document_of, standings
from app.prevention.catalogue import catalogue
from app.prevention.indicator_values import actions_based_on
from app.prevention.models import PreventionAction
from app.prevention.queries import began_in, visible_actions
from app.publications.crossings import EuView
from app.signals.domain import SignalStatus
from app.signals.models import Signal
from app.signals.queries import visible_signals
from app.vocabulary.domain import CodeList, Language, Vocabulary


def eu_view(vocabulary: Vocabulary) -> EuView:
    def codes(name: CodeList, attribute: str) -> dict[str, str]:
        found = vocabulary.entries(name).items()
        return {c: str(e.attributes[attribute]) for c, e in found if e.attributes.get(attribute)}

    return EuView(codes(CodeList.GROUNDS, "eu_ground"), codes(CodeList.DOMAINS, "eu_field"))


def needs_of(session: Session, year: int) -> dict[str, int]:
    return figure_queries.needs(session, first=date(year, 1, 1), last=date(year, 12, 31))


def signals_of(session: Session, actor: Actor, year: int, vocabulary: Vocabulary) -> dict[str, Any]:
    """Signals whose period ends in the year: how many stand how, and what the confirmed ones are
    about, without their counts."""
    query = visible_signals(actor).where(Signal.last_month.between(f"{year}-01", f"{year}-12"))
    rows = session.scalars(query.order_by(Signal.first_month, Signal.reference)).all()
    states = Counter(row.status for row in rows)
    return {
        "states": {state.value: states[state] for state in SignalStatus},
        "confirmed": [
            {
                "reference": row.reference,
                "origin": row.origin.value,
                "ground": row.ground,
                "domain": row.domain,
                "months": row.first_month
                if row.first_month == row.last_month
                else f"{row.first_month} - {row.last_month}",
                "labels": labels_of(row.ground, row.domain, vocabulary),
            }
            for row in rows
            if row.status is SignalStatus.CONFIRMED
        ],
    }


def actions_of(
    session: Session, actor: Actor, year: int, vocabulary: Vocabulary
) -> list[dict[str, Any]]:
    """Actions that began in the year, without what colleagues wrote of them. based_on_signal: on a
    confirmed signal of the year before."""
    query = visible_actions(actor).where(began_in(year)).order_by(PreventionAction.reference)
    based = set(actions_based_on(session, year))
    return [
        {
            "reference": row.reference,
            "kind": row.kind,
            "state": row.status.value,
            "based_on_signal": row.id in based,
            "labels": {
                language: labels | {"kind": _kind(row.kind, language)}
                for language, labels in labels_of(row.ground, row.domain, vocabulary).items()
            },
        }
        for row in session.scalars(query)
    ]


def _kind(code: str, language: str) -> str:
    found = catalogue().kind(code)
    return found.labels.get(language, code) if found else code


def labels_of(
    ground: str | None, domain: str | None, vocabulary: Vocabulary
) -> dict[str, dict[str, str | None]]:
    """By language."""
    return {
        language.value: {
            "ground": vocabulary.label(CodeList.GROUNDS, ground, language) if ground else None,
            "domain": vocabulary.label(CodeList.DOMAINS, domain, language) if domain else None,
        }
        for language in Language
    }


def indicators_of_year(
    session: Session, actor: Actor, year: int, *, today: date
) -> list[dict[str, Any]]:
    """Every indicator of every plan that holds the year. What was entered as evidence stays in the
    house; so do numbers of reports and cases, which stand in their own tables."""
    found = []
    for plan in plans.current_plans(session, actor, year=year):
        document = document_of(plan)
        placed = indicators_of(document)
        by_code = standings(session, actor, plan, document, placed, [year], today=today)
        for one in placed:
            stands = by_code[one.indicator.code][year]
            titles = one.indicator.title.by_language()
            norm = one.indicator.norm
            found.append(
                {
                    "plan": plan.code,
                    "version": plan.version,
                    "objective": one.operational.code,
                    "code": one.indicator.code,
                    "titles": {la.value: _in(titles, la) for la in Language},
                    "norm": f"{norm.op.value} {norm.value:g}" if norm else None,
                    "value": _value(one.indicator.kind, stands.value, stands.counted),
                    "state": stands.standing.state.value,
                }
            )
    return found


def _in(titles: Mapping[str, str], language: Language) -> str:
    return titles.get(language) or titles.get(Language.NL) or next(iter(titles.values()))


def _value(kind: Kind, value: Any, counted: Counted | None) -> float | None:
    if value is None or (kind is Kind.FIGURE and counted is not None):
        return None
    return float(value)
