"""Years of reports to look for rises in."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.access import SYSTEM
from app.intake.domain import GroundLink, ReportStatus
from app.intake.imported import PastReport, add_past_reports
from app.intake.models import Report
from app.signals import detection
from app.signals.detecting import Asked
from app.signals.domain import CountedBy, EventCounting, months_between
from app.signals.models import DetectionRun
from tests.makers.intake import PERIODS, make_draft

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
RISE = ("2026-08", "2026-09", "2026-10")


def make_years(
    session: Session, *, first: str = "2023-11", last: str = "2026-10", rise: int = 4
) -> None:
    """Three reports a month of everyday kinds, and in the last three months `rise` more each about
    education and disability in Hasselt, Runkst."""
    pasts = []
    for number, month in enumerate(months_between(first, last)):
        day = date.fromisoformat(f"{month}-12")
        domain = ("housing", "goods_services")[number % 2]
        pasts += [
            _past(day, "housing", "national_ethnic_origin", "Genk", "Winterslag"),
            _past(day, "employment", "age", "Genk", None),
            _past(day, domain, "disability", "Hasselt", "Runkst"),
        ]
        if number % 2:
            pasts.append(_past(day, "education", "age", "Genk", None))
        if month in RISE:
            pasts += [_past(day, "education", "disability", "Hasselt", "Runkst")] * rise
    ids = add_past_reports(session, pasts, periods=PERIODS)
    session.execute(update(Report).where(Report.id.in_(ids)).values(channel="phone"))


def make_rise(session: Session, *, month: str = "2026-10", number: int = 9) -> None:
    """So many reports about age and employment in Genk, of which there is one each month."""
    day = date.fromisoformat(f"{month}-12")
    more = [_past(day, "employment", "age", "Genk", None)] * number
    ids = add_past_reports(session, more, periods=PERIODS)
    session.execute(update(Report).where(Report.id.in_(ids)).values(channel="phone"))


def add_reports(
    session: Session,
    number: int,
    *,
    on: date,
    domain: str = "housing",
    grounds: Sequence[str] = ("age",),
    municipality: str = "Genk",
    district: str | None = None,
    **columns: Any,
) -> list[UUID]:
    """So many alike, received on one day by phone; `columns` are set afterwards, as they are."""
    past = _past(on, domain, grounds, municipality, district)
    ids = add_past_reports(session, [past] * number, periods=PERIODS)
    values = {"channel": "phone"} | columns
    session.execute(update(Report).where(Report.id.in_(ids)).values(values))
    return ids


def _past(
    day: date,
    domain: str,
    grounds: str | Sequence[str],
    municipality: str,
    district: str | None,
) -> PastReport:
    codes = (grounds,) if isinstance(grounds, str) else grounds
    draft = make_draft(
        domain=domain,
        grounds=[(code, GroundLink.OWN) for code in codes],
        incident_municipality=municipality,
        incident_district=district,
        occurred_from=day,
    )
    return PastReport(draft, day, ReportStatus.REGISTERED_ONLY, day)


def look(application: FastAPI, month: str = "2026-10", **asked: Any) -> DetectionRun:
    """A run of the detection, as the command makes it."""
    database = application.state.runtime.database
    usual: dict[str, Any] = {
        "through": month,
        "counted_by": CountedBy.RECEIVED,
        "event_counting": EventCounting.EACH,
        "false_alarms_per_month": 3.0,
    }
    wanted = Asked(**(usual | asked))
    found = detection.look(database, SYSTEM, wanted, at=NOW)
    with database.transaction() as session:
        return detection.keep(session, SYSTEM, found, at=NOW)
