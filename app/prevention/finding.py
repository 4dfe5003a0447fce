"""What a year's reports call for: grounds and domains that rise over years, organisations that are
named again and again, commitments that were not kept. Pure: from rows to evidence."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from uuid import UUID

from app.core.folding import fold_line
from app.prevention.catalogue import Catalogue
from app.prevention.domain import LEAST, Evidence, EvidenceKind, Weight
from app.signals.domain import Cell
from app.signals.trends import Direction, trend

TREND_YEARS = 5
CONFIDENCE = 0.95
"""Of the interval of a trend. Of steady series at most three in a hundred are taken for a rise; of
those that grow by a third a year, fifteen in the first of five, nine in ten are."""


@dataclass(frozen=True)
class ReportFacts:
    """happening: the mass event a report belongs to, else itself. respondent: an organisation that
    the reporter agreed to have approached."""

    id: UUID
    happening: UUID
    domain: str
    grounds: Sequence[str]
    conducts: Sequence[str]
    municipality: str | None = None
    district: str | None = None
    respondent: str | None = None


@dataclass(frozen=True)
class BreachFacts:
    """A commitment that was not kept, with the reports of its case."""

    commitment_id: UUID
    case_id: UUID
    reports: Sequence[ReportFacts]


def weigh(reports: Sequence[ReportFacts], catalogue: Catalogue) -> Weight:
    severe = {r.happening for r in reports if catalogue.severe_conducts.intersection(r.conducts)}
    places = {
        r.happening
        for r in reports
        if catalogue.priority_places.intersection({r.district, r.municipality})
    }
    return Weight(severe=len(severe), in_priority_places=len(places))


def respondents(reports: Sequence[ReportFacts], year: int, catalogue: Catalogue) -> list[Evidence]:
    """Organisations that LEAST happenings or more name. A mass event is one happening."""
    by_name: dict[str, list[ReportFacts]] = defaultdict(list)
    for report in reports:
        if report.respondent is not None:
            by_name[fold_line(report.respondent)].append(report)
    found = []
    for name, named in sorted(by_name.items()):
        number = len({report.happening for report in named})
        if number < LEAST:
            continue
        mark = hashlib.sha256(name.encode()).hexdigest()
        spellings = Counter(report.respondent for report in named)
        found.append(
            Evidence(
                EvidenceKind.RESPONDENT,
                key=f"respondent:{year}:{mark}",
                year=year,
                cell=common_cell(named),
                number=number,
                respondent=min(spellings, key=lambda one: (-spellings[one], str(one))),
                report_ids=sorted(report.id for report in named),
                weight=weigh(named, catalogue),
            )
        )
    return found


def common_cell(reports: Sequence[ReportFacts]) -> Cell:
    """What all of them have in common."""
    grounds = sorted(set.intersection(*(set(report.grounds) for report in reports)))
    domains = {report.domain for report in reports}
    municipalities = {report.municipality for report in reports}
    return Cell(
        ground=grounds[0] if grounds else None,
        domain=domains.pop() if len(domains) == 1 else None,
        municipality=municipalities.pop() if len(municipalities) == 1 else None,
    )


def trends(
    by_year: Mapping[Cell, Mapping[int, int]],
    reports: Sequence[ReportFacts],
    years: Sequence[int],
    *,
    last_share: float,
    catalogue: Catalogue,
) -> list[Evidence]:
    """Cells that rise clearly through `years`, the last of which is the year of the list.

    by_year: happenings. last_share: of the last year that is over, 0..1.
    """
    year = years[-1]
    found = []
    for cell, counts in sorted(by_year.items(), key=lambda pair: _name(pair[0])):
        series = [counts.get(one, 0) for one in years]
        exposure = [1.0] * (len(years) - 1) + [last_share]
        before = sum(series[:-1]) / max(1, len(series) - 1)
        if series[-1] < LEAST or series[-1] / last_share <= before:
            continue  # no rise: the intervals take time
        seen = trend(series, exposure, confidence=CONFIDENCE)
        if seen.direction is not Direction.RISING:
            continue
        those = [report for report in reports if _is_in(report, cell)]
        found.append(
            Evidence(
                EvidenceKind.TREND,
                key=f"trend:{year}:{_name(cell)}",
                year=year,
                cell=cell,
                number=series[-1],
                change=_factor(seen.change),
                report_ids=sorted(report.id for report in those),
                weight=weigh(those, catalogue),
            )
        )
    return found


def whole_since(first_days: Mapping[int, date], year: int) -> int | None:
    """The first of at most TREND_YEARS years up to `year` that were counted whole, one after the
    other; None of fewer than two. A year that began in the middle, or of which nothing is known,
    would make the next one look like a rise.

    first_days: year -> day of its first report, of TREND_YEARS before `year` too.
    """
    first = year + 1
    while first - 1 > year - TREND_YEARS and first - 1 in first_days:
        first -= 1
    if first - 1 not in first_days and first in first_days and first_days[first].month > 1:
        first += 1
    return first if first < year else None


def _factor(change: float | None) -> float | None:
    """None where all reports are of the last year: the factor has no end."""
    return round(change, 2) if change is not None and isfinite(change) else None


def _name(cell: Cell) -> str:
    return f"ground:{cell.ground}" if cell.ground else f"domain:{cell.domain}"


def _is_in(report: ReportFacts, cell: Cell) -> bool:
    return cell.domain == report.domain if cell.domain else cell.ground in report.grounds


def commitments(breaches: Sequence[BreachFacts], year: int, catalogue: Catalogue) -> list[Evidence]:
    """Domains in which commitments of LEAST cases or more were not kept."""
    by_domain: dict[str, list[BreachFacts]] = defaultdict(list)
    for breach in breaches:
        for domain in {report.domain for report in breach.reports}:
            by_domain[domain].append(breach)
    found = []
    for domain, broken in sorted(by_domain.items()):
        if len({breach.case_id for breach in broken}) < LEAST:
            continue
        reports = {report.id: report for breach in broken for report in breach.reports}
        found.append(
            Evidence(
                EvidenceKind.COMMITMENTS,
                key=f"commitments:{year}:{domain}",
                year=year,
                cell=Cell(domain=domain),
                number=len({breach.commitment_id for breach in broken}),
                report_ids=sorted(reports),
                weight=weigh(list(reports.values()), catalogue),
            )
        )
    return found
