"""What a partner may see of a year: totals in which no small count can be told.

Only of years that are over: who asks every day would see each report of a running year come in, as
the difference of two totals. And with mass events included only, for the same reason.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from app.annual_report import months
from app.annual_report.domain import MonthFigures, add, durations
from app.annual_report.small_counts import LEAST, ShownTable, protect
from app.core.access import Actor, Permission
from app.core.errors import invalid
from app.referrals import queries as referrals
from app.vocabulary.domain import CodeList, Vocabulary

NOT_COUNTED = ""
"""In the place of a domain: reports that are in the total and in no other table."""


@dataclass(frozen=True)
class OwnReferrals:
    """numbers: answered and unanswered. median_days: None when too few were answered."""

    numbers: ShownTable
    median_days: Decimal | None


@dataclass(frozen=True)
class PartnerFigures:
    year: int
    by_domain: ShownTable
    by_ground: ShownTable
    by_outcome: ShownTable
    own: OwnReferrals


def partner_figures(
    session: Session,
    actor: Actor,
    year: int,
    vocabulary: Vocabulary,
    *,
    municipality: str,
    today: date,
) -> PartnerFigures:
    """`session` must be one snapshot. Raises InvalidInputError while the year runs."""
    actor.require(Permission.BULLETIN_RECEIVE)
    require_over(year, today=today)
    _, figures = months.load(
        session, first=f"{year}-01", last=f"{year}-12", home=municipality.casefold()
    )
    found = MonthFigures()
    for part in figures.values():
        add(found, part)
    reports = found.alone
    add(reports, found.grouped)

    def table(name: CodeList, counts: Mapping[str, int]) -> dict[str, int]:
        """With every code of the list, valid or not: a row must not be there for its count."""
        return {**dict.fromkeys(vocabulary.entries(name), 0), **counts}

    domains = table(CodeList.DOMAINS, reports.domain)
    domains[NOT_COUNTED] = found.totals["total"] - reports.reports
    return PartnerFigures(
        year=year,
        by_domain=protect(domains),
        by_ground=protect(table(CodeList.GROUNDS, reports.ground)),
        by_outcome=protect(table(CodeList.OUTCOMES, found.cases.outcome)),
        own=_own(
            referrals.answer_days_of_partner(
                session, actor, first=date(year, 1, 1), last=date(year, 12, 31)
            )
        ),
    )


def require_over(year: int, *, today: date) -> None:
    if year >= today.year:
        raise invalid("/query/year", "the year is not over yet", "year_not_over")


def _own(days: Iterable[int | None]) -> OwnReferrals:
    received = list(days)
    answered = Counter(str(found) for found in received if found is not None)
    unanswered = len(received) - answered.total()
    return OwnReferrals(
        protect({"answered": answered.total(), "unanswered": unanswered}),
        durations(answered).median_days if answered.total() >= LEAST else None,
    )
