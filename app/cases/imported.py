"""Cases that another register held, each from one imported report."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.cases.domain import CaseStatus, TimelineKind, case_reference
from app.cases.models import Case, CaseReport, TimelineEntry
from app.cases.service import next_number
from app.core.rows import insert_row
from app.intake.models import Report


@dataclass(frozen=True)
class PastCase:
    report_id: UUID
    opened_on: date
    status: CaseStatus
    outcome: str | None
    assessment: str
    closed_on: date | None


def add_past_case(session: Session, past: PastCase, *, target_days: int, at: datetime) -> UUID:
    """A case with the number of the year it was opened in; its timeline says it was imported."""
    case_id = uuid4()
    year, number = past.opened_on.year, next_number(session, past.opened_on.year)
    reference = case_reference(year, number)
    insert_row(
        session,
        Case,
        _columns(past)
        | {
            "id": case_id,
            "year": year,
            "number": number,
            "reference": reference,
            "opened_at": datetime(*past.opened_on.timetuple()[:3], tzinfo=UTC),
            "target_on": past.opened_on + timedelta(days=target_days),
        },
    )
    session.execute(update(Report).where(Report.id == past.report_id).values(is_in_case=True))
    insert_row(
        session,
        CaseReport,
        {"report_id": past.report_id, "case_id": case_id, "added_on": past.opened_on},
    )
    insert_row(
        session,
        TimelineEntry,
        {
            "case_id": case_id,
            "position": 1,
            "kind": TimelineKind.OPENED,
            "at": at,
            "details": {"imported": True},
        },
    )
    return case_id


def change_past_case(session: Session, case_id: UUID, past: PastCase) -> None:
    """Put the case as the other register has it now."""
    version = session.scalars(select(Case.version).where(Case.id == case_id)).one()
    session.execute(
        update(Case).where(Case.id == case_id).values(version=version + 1, **_columns(past))
    )


def is_untouched(session: Session, case_id: UUID) -> bool:
    """Whether nobody has worked on it since it was imported."""
    entries = session.scalars(
        select(TimelineEntry.id).where(TimelineEntry.case_id == case_id).limit(2)
    ).all()
    return len(entries) == 1


def _columns(past: PastCase) -> dict[str, object]:
    return {
        "status": past.status,
        "opened_on": past.opened_on,
        "outcome": past.outcome,
        "assessment": past.assessment,
        "closed_on": past.closed_on,
    }
