"""Likely duplicates: few candidates by plain columns, then their texts compared in memory."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from rapidfuzz import fuzz
from sqlalchemy import or_
from sqlalchemy.orm import Session, selectinload

from app.core.access import Actor
from app.core.folding import fold
from app.intake import queries
from app.intake.models import Report

WINDOW = timedelta(days=60)
MOST_CANDIDATES = 300
LEAST_SCORE = 0.5
ALIKE = 80.0
"""rapidfuzz ratio, 0..100, from which two texts count as alike."""

WEIGHTS = {
    "same_respondent": 0.35,
    "similar_text": 0.35,
    "same_period": 0.15,
    "same_place": 0.1,
    "same_domain": 0.05,
}


@dataclass(frozen=True)
class Similar:
    """score: 0..1, the weights of its reasons added up."""

    report: Report
    score: float
    reasons: list[str]


@dataclass(frozen=True)
class SimilarReports:
    found: list[Similar]
    candidates: int


def similar_reports(session: Session, actor: Actor, report_id: UUID) -> SimilarReports:
    """Reports that may tell of the same, most alike first, with the reasons."""
    report = queries.get_report(session, actor, report_id)
    candidates = session.scalars(
        queries.visible_reports(actor)
        .where(
            Report.id != report.id,
            Report.received_on.between(report.received_on - WINDOW, report.received_on + WINDOW),
            or_(
                Report.domain == report.domain,
                Report.incident_municipality == report.incident_municipality,
                Report.respondent_organisation == report.respondent_organisation,
            ),
        )
        .order_by(Report.received_on.desc(), Report.id)
        .limit(MOST_CANDIDATES)
        .options(selectinload(Report.grounds))
    ).all()
    compared = [compare(report, candidate) for candidate in candidates]
    alike = [c for c in compared if c.score >= LEAST_SCORE]
    alike.sort(key=lambda c: (-c.score, c.report.reference))
    return SimilarReports(found=alike[:20], candidates=len(candidates))


def compare(report: Report, other: Report) -> Similar:
    reasons = []
    if _names_alike(report, other):
        reasons.append("same_respondent")
    if fuzz.token_set_ratio(report.narrative.casefold(), other.narrative.casefold()) >= ALIKE:
        reasons.append("similar_text")
    if _periods_meet(report, other):
        reasons.append("same_period")
    if _place(report) is not None and _place(report) == _place(other):
        reasons.append("same_place")
    if report.domain == other.domain:
        reasons.append("same_domain")
    return Similar(other, round(sum(WEIGHTS[r] for r in reasons), 2), reasons)


def _names_alike(report: Report, other: Report) -> bool:
    name = report.respondent_organisation or report.respondent_person
    other_name = other.respondent_organisation or other.respondent_person
    if name is None or other_name is None:
        return False
    return fuzz.token_set_ratio(fold(name), fold(other_name)) >= ALIKE


def _place(report: Report) -> tuple[str, str] | None:
    if report.incident_municipality is None:
        return None
    return (
        fold(report.incident_municipality),
        fold(report.incident_district or ""),
    )


def _periods_meet(report: Report, other: Report) -> bool:
    first, last = _period(report)
    other_first, other_last = _period(other)
    return first <= other_last and other_first <= last


def _period(report: Report) -> tuple[date, date]:
    first = report.occurred_from or report.received_on
    last = report.occurred_to or (report.received_on if report.is_ongoing else first)
    return first, last
