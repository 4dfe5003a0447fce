"""A year of a plan as rows: one for each indicator, with what stands above it."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from app.core.cells import harmless_cell
from app.indicators.plan_file import (
    OperationalBody,
    Placed,
    ResultBody,
    StrategicBody,
    TacticalBody,
)
from app.indicators.standings import YearStanding
from app.indicators.views import IndicatorView, indicator_view, title_of
from app.vocabulary.domain import Language


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


MEDIA_TYPES: Mapping[Format, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSON: "application/json",
}

COLUMNS = (
    "plan", "plan_version", "year", "strategic", "strategic_title", "tactical", "tactical_title",
    "operational", "operational_title", "result", "result_title", "indicator", "indicator_title",
    "kind", "frequency", "due_years", "norm_operator", "norm_value", "norm_per", "norm_unit",
    "norm_measure", "state", "value", "total", "fulfilled", "source", "figures", "rows", "evidence",
    "evidence_link",
)  # fmt: skip


def export_rows(
    rows: Sequence[tuple[Placed, YearStanding]], *, plan: str, version: int, language: Language
) -> list[dict[str, Any]]:
    """In the order of the plan; every row has every column."""
    found = []
    for placed, stands in rows:
        view = indicator_view(placed, stands, language)
        above: dict[str, StrategicBody | TacticalBody | OperationalBody | ResultBody] = {
            "strategic": placed.strategic,
            "tactical": placed.tactical,
            "operational": placed.operational,
            "result": placed.result,
        }
        row: dict[str, Any] = {"plan": plan, "plan_version": version, "year": view.year}
        for name, item in above.items():
            row |= {name: item.code, f"{name}_title": title_of(item.title, language)}
        found.append(row | _of_indicator(view))
    return found


def _of_indicator(view: IndicatorView) -> dict[str, Any]:
    norm, entry = view.norm, view.entry
    return {
        "indicator": view.code,
        "indicator_title": view.title,
        "kind": view.kind.value,
        "frequency": view.frequency.value,
        "due_years": view.due_years,
        "norm_operator": norm.operator.value if norm else None,
        "norm_value": norm.value if norm else None,
        "norm_per": norm.per.value if norm else None,
        "norm_unit": norm.unit if norm else None,
        "norm_measure": norm.measure if norm else None,
        "state": view.state.value,
        "value": view.value,
        "total": view.total,
        "fulfilled": entry.fulfilled if entry else None,
        "source": view.source.value,
        "figures": view.figures,
        "rows": view.link,
        "evidence": entry.evidence if entry else None,
        "evidence_link": entry.link if entry else None,
    }


def as_text(rows: Sequence[Mapping[str, Any]], form: Format) -> str:
    if form is Format.JSON:
        return json.dumps(rows, ensure_ascii=False)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}" if value < 100_000 else f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if isinstance(value, dict):
        value = " ".join(f"{name}={count}" for name, count in value.items())
    return harmless_cell(" ".join(str("" if value is None else value).split()))
