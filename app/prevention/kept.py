"""Evidence as it was on the day of a decision: into a JSON column, and out of it."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.indicators.domain import UnmetNorm
from app.prevention.domain import Evidence, EvidenceKind, SignalFacts, Suggestion, Term, Weight
from app.signals.domain import Cell


def as_row(suggestion: Suggestion) -> dict[str, Any]:
    """Without the reports and without the organisation: those stand beside it."""
    evidence = suggestion.evidence
    found = {
        name: value
        for name, value in asdict(evidence).items()
        if name not in ("respondent", "report_ids")
    }
    found["kind"] = evidence.kind.value
    if evidence.signal is not None:
        found["signal"]["id"] = str(evidence.signal.id)
    if evidence.norm is not None:
        found["norm"] = _norm_row(evidence.norm)
    return {
        "evidence": found,
        "terms": {term.value: points for term, points in suggestion.terms.items()},
        "meeting": sorted({other.kind.value for other in suggestion.meeting}),
    }


def _norm_row(norm: UnmetNorm) -> dict[str, Any]:
    return {
        "plan": norm.plan,
        "code": norm.code,
        "evidence": norm.evidence,
        "titles": dict(norm.titles),
        "year": norm.year,
        "value": None if norm.value is None else str(norm.value),
        "norm": None if norm.norm is None else str(norm.norm),
    }


def evidence_of(row: Mapping[str, Any], *, respondent: str | None) -> Evidence:
    held = dict(row["evidence"])
    signal, norm = held["signal"], held["norm"]
    held["kind"] = EvidenceKind(held["kind"])
    held["cell"] = Cell(**held["cell"])
    held["weight"] = Weight(**held["weight"])
    held["signal"] = signal and SignalFacts(**{**signal, "id": UUID(signal["id"])})
    held["norm"] = norm and UnmetNorm(
        **{
            **norm,
            "value": None if norm["value"] is None else Decimal(norm["value"]),
            "norm": None if norm["norm"] is None else Decimal(norm["norm"]),
        }
    )
    return Evidence(**held, respondent=respondent)


def terms_of(row: Mapping[str, Any]) -> dict[Term, int]:
    return {Term(term): points for term, points in row["terms"].items()}
