"""What partners are shown of a year: counted once, kept, and served as it was from then on.

Counted anew, a report that came in late or was corrected would be the difference of two answers. So
a year is counted when somebody first asks for it, and that count stands. Only what may be shown is
kept: no small count, nothing personal.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.activities.domain import require_settled
from app.activities.figure_sources import FigureSource
from app.annual_report import months
from app.annual_report.domain import MonthFigures, add, durations
from app.annual_report.models import KeptPartnerYear, KeptYear
from app.annual_report.small_counts import LEAST, protect, shown
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.database import Database
from app.core.rows import insert_new_row
from app.referrals import queries as referrals
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Language

NOT_COUNTED = ""
"""In the place of a domain: reports that are in the total and in no other table."""


def keep_year(database: Database, year: int, municipality: str, at: datetime) -> None:
    """Count a year unless that was done. Raises InvalidInputError while it can still change.

    Counted in one snapshot and written after it: of two that race, both serve what came first.
    """
    require_settled(year, "/query/year", today=local_date(at))
    with database.snapshot() as session:
        if session.get(KeptYear, year) is not None:
            return
        figures = _count(session, year, home=municipality.casefold())
    with database.transaction() as session:
        insert_new_row(session, KeptYear, {"year": year, "kept_at": at, "figures": figures})


def keep_partner_year(database: Database, actor: Actor, year: int, *, at: datetime) -> None:
    """The same for the part that is this partner's own. The year is kept before."""
    actor.require(Permission.BULLETIN_RECEIVE)
    with database.snapshot(partner_id=actor.partner_id) as session:
        if session.get(KeptPartnerYear, (year, actor.partner_id)) is not None:
            return
        days = referrals.answer_days_of_partner(
            session, actor, first=date(year, 1, 1), last=date(year, 12, 31)
        )
    row = {"year": year, "partner_id": actor.partner_id, "kept_at": at, "figures": _own(days)}
    with database.transaction(partner_id=actor.partner_id) as session:
        insert_new_row(session, KeptPartnerYear, row)


def _count(session: Session, year: int, *, home: str) -> dict[str, Any]:
    """With mass events included only, so that no two totals differ by one."""
    _, figures = months.load(session, first=f"{year}-01", last=f"{year}-12", home=home)
    found = MonthFigures()
    for part in figures.values():
        add(found, part)
    reports = found.alone
    add(reports, found.grouped)
    codes = vocabulary.current(session)

    def table(name: CodeList, counts: Mapping[str, int]) -> dict[str, int]:
        """With every code of the list, valid or not: a row must not be there for its count."""
        return {**dict.fromkeys(codes.entries(name), 0), **counts}

    domains = table(CodeList.DOMAINS, reports.domain)
    domains[NOT_COUNTED] = found.totals["total"] - reports.reports
    return {
        "by_domain": vars(protect(domains)),
        "by_ground": vars(protect(table(CodeList.GROUNDS, reports.ground))),
        "by_outcome": vars(protect(table(CodeList.OUTCOMES, found.cases.outcome))),
        "cases_opened": shown(found.cases.opened),
    }


def _own(days: Iterable[int | None]) -> dict[str, Any]:
    received = list(days)
    answered = Counter(str(found) for found in received if found is not None)
    unanswered = len(received) - answered.total()
    median_days = durations(answered).median_days if answered.total() >= LEAST else None
    return {
        "numbers": vars(protect({"answered": answered.total(), "unanswered": unanswered})),
        "median_days": None if median_days is None else str(median_days),
    }


def _reports_total(session: Session, year: int) -> int | None:
    kept = session.get(KeptYear, year)
    return kept.figures["by_domain"]["total"] if kept else None


def _cases_opened(session: Session, year: int) -> int | None:
    kept = session.get(KeptYear, year)
    return kept.figures["cases_opened"] if kept else None


REPORTS_TOTAL = FigureSource(
    {
        Language.NL: "Meldingen ontvangen",
        Language.FR: "Signalements reçus",
        Language.EN: "Reports received",
    },
    _reports_total,
)
CASES_OPENED = FigureSource(
    {
        Language.NL: "Dossiers geopend",
        Language.FR: "Dossiers ouverts",
        Language.EN: "Cases opened",
    },
    _cases_opened,
)
