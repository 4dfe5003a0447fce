"""Reports, as bodies to send and as rows."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import SYSTEM
from app.intake import service
from app.intake.domain import Draft, GroundLink
from app.intake.models import Report
from app.intake.service import Periods

PERIODS = Periods(acknowledge_working_days=5, answer_working_days=30, receipt_valid_days=730)


def report_body(**changes: Any) -> dict[str, Any]:
    """A valid anonymous report; `changes` replace or extend top-level fields."""
    body: dict[str, Any] = {
        "request": "assistance",
        "language": "nl",
        "reporter": {"role": "victim", "is_anonymous": True, "municipality": "Genk"},
        "incident": {
            "narrative": "De verhuurder zei dat de woning al weg was toen hij mijn naam hoorde.",
            "occurred_from": "2026-01-05",
            "municipality": "Genk",
            "district": "Winterslag",
            "domain": "housing",
            "conducts": ["direct"],
            "respondent": {"kind": "company", "name": "Immo Voorbeeld"},
        },
        "grounds": [{"code": "national_ethnic_origin", "link": "own"}],
        "consents": {
            "contact": True,
            "approach_respondent": True,
            "share_with_partners": False,
            "statistics": True,
        },
    }
    return body | changes


def make_draft(**changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "request": "assistance",
        "language": "nl",
        "reporter_role": "victim",
        "is_anonymous": True,
        "narrative": "Made up for a test.",
        "domain": "housing",
        "grounds": [("national_ethnic_origin", GroundLink.OWN)],
        "consent_contact": True,
        "consent_approach_respondent": True,
        "consent_share_with_partners": False,
        "consent_statistics": True,
    }
    return Draft(**(fields | changes))


def make_report(
    session: Session,
    draft: Draft | None = None,
    *,
    channel: str = "phone",
    received_at: datetime | None = None,
    **columns: Any,
) -> Report:
    """A registered report; `columns` are set afterwards, as they are."""
    received = service.register_report(
        session,
        SYSTEM,
        draft or make_draft(),
        channel=channel,
        received_at=received_at,
        periods=PERIODS,
        at=clock.now(),
    )
    report = session.get_one(Report, received.report_id)
    for name, value in columns.items():
        setattr(report, name, value)
    session.flush()
    return report


def day(text: str) -> date:
    return date.fromisoformat(text)


def some_id() -> UUID:
    return uuid4()
