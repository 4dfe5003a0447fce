"""From one snapshot to the evidence of a year."""

from calendar import isleap
from datetime import date

from sqlalchemy.orm import Session

from app.core.access import Actor
from app.indicators import standings
from app.prevention import evidence_queries as rows
from app.prevention.catalogue import Catalogue
from app.prevention.domain import LEAST, Evidence, EvidenceKind, SignalFacts
from app.prevention.finding import (
    TREND_YEARS,
    ReportFacts,
    commitments,
    respondents,
    trends,
    weigh,
    whole_since,
)
from app.signals.detecting import figures_of
from app.signals.domain import Cell, Origin, SignalStatus
from app.signals.models import Signal


def gather(
    session: Session, actor: Actor, year: int, catalogue: Catalogue, *, today: date
) -> list[Evidence]:
    """All that calls for prevention in a year, as far as this reader may know of it."""
    reports = rows.reports_of_year(session, year)
    return [
        *_signals(session, actor, year, catalogue),
        *_trends(session, reports, year, catalogue, today=today),
        *respondents(reports, year, catalogue),
        *commitments(rows.breaches_of_year(session, year), year, catalogue),
        *_norms(session, actor, year, catalogue, today=today),
    ]


def _signals(session: Session, actor: Actor, year: int, catalogue: Catalogue) -> list[Evidence]:
    signals = rows.signals_of_year(session, actor, year)
    reports = rows.reports_of_signals(session, [signal.id for signal in signals])
    return [
        _of_signal(signal, year, reports[signal.id], catalogue)
        for signal in signals
        if signal.observed is None or signal.observed >= LEAST
    ]


def _of_signal(
    signal: Signal, year: int, reports: list[ReportFacts], catalogue: Catalogue
) -> Evidence:
    held = None if signal.evidence is None else figures_of(signal.evidence["leading"])
    is_observed = signal.origin is Origin.OBSERVED
    return Evidence(
        EvidenceKind.OBSERVATION if is_observed else EvidenceKind.SIGNAL,
        key=f"signal:{signal.id}",
        year=year,
        cell=Cell(signal.ground, signal.domain, signal.municipality, signal.district),
        number=signal.observed,
        signal=SignalFacts(
            id=signal.id,
            reference=signal.reference,
            is_confirmed=signal.status is SignalStatus.CONFIRMED,
            first_month=signal.first_month,
            last_month=signal.last_month,
            observed=signal.observed,
            lower=held.lower if held else None,
            upper=held.upper if held else None,
        ),
        report_ids=sorted(report.id for report in reports),
        weight=weigh(reports, catalogue),
    )


def _trends(
    session: Session, reports: list[ReportFacts], year: int, catalogue: Catalogue, *, today: date
) -> list[Evidence]:
    """Through the last years, as far as the bureau counted whole ones without a gap."""
    first = whole_since(rows.first_days(session, year - TREND_YEARS, year), year)
    if first is None:
        return []
    years = range(first, year + 1)
    by_year = rows.happenings_by_year(session, first, year)
    last_share = 1.0
    if year == today.year:
        last_share = today.timetuple().tm_yday / (366 if isleap(year) else 365)
    return trends(by_year, reports, years, last_share=last_share, catalogue=catalogue)


def _norms(
    session: Session, actor: Actor, year: int, catalogue: Catalogue, *, today: date
) -> list[Evidence]:
    """Those that a preventive action can help to meet."""
    helped = {norm for kind in catalogue.kinds for norm in kind.norms}
    return [
        Evidence(
            EvidenceKind.NORM, key=f"norm:{year}:{norm.plan}:{norm.code}", year=year, norm=norm
        )
        for norm in standings.unmet(session, actor, year, today=today)
        if norm.evidence in helped
    ]
