"""Reports that another register held: written many at a time, dated as they were there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.errors import FieldError
from app.core.rows import insert_rows
from app.intake.domain import Draft, ReportStatus, draft_errors
from app.intake.models import Report, ReportConduct, ReportGround
from app.intake.service import Periods, code_uses, free_reference, promised_days, report_row
from app.vocabulary.domain import Vocabulary

CHANNEL = "import"


@dataclass(frozen=True)
class PastReport:
    """A report with what is known of how it was handled."""

    draft: Draft
    received_on: date
    status: ReportStatus
    answered_on: date | None


def past_report_errors(vocabulary: Vocabulary, past: PastReport) -> list[FieldError]:
    """What is wrong with it; codes must have been valid on the day it was received."""
    errors = vocabulary.errors(code_uses(past.draft, CHANNEL), past.received_on)
    return errors + draft_errors(past.draft, received_on=past.received_on)


def add_past_reports(
    session: Session, pasts: Sequence[PastReport], *, periods: Periods
) -> list[UUID]:
    """The new reports' ids, in order. They must be without errors."""
    rows = []
    taken: set[str] = set()
    for past in pasts:
        reference = free_reference(session, past.received_on.year)
        while reference in taken:
            reference = free_reference(session, past.received_on.year)
        taken.add(reference)
        rows.append(_row(past, uuid4(), reference, periods))
    insert_rows(session, Report, rows)
    _add_children(session, rows, pasts)
    return [row["id"] for row in rows]


def change_past_report(
    session: Session, report_id: UUID, past: PastReport, *, periods: Periods
) -> int:
    """Put the report as the other register has it now; answers the new version."""
    report = session.scalars(select(Report).where(Report.id == report_id).with_for_update()).one()
    row = _row(past, report.id, report.reference, periods)
    for name, value in row.items():
        setattr(report, name, value)
    report.touch()
    session.execute(delete(ReportGround).where(ReportGround.report_id == report.id))
    session.execute(delete(ReportConduct).where(ReportConduct.report_id == report.id))
    session.flush()
    _add_children(session, [row], [past])
    session.expire(report)
    return report.version


def _row(past: PastReport, report_id: UUID, reference: str, periods: Periods) -> dict[str, Any]:
    acknowledge_by, answer_by = promised_days(past.received_on, periods)
    day = past.received_on
    return report_row(past.draft, reference) | {
        "id": report_id,
        "channel": CHANNEL,
        "received_at": datetime(day.year, day.month, day.day, tzinfo=UTC),
        "received_on": day,
        "status": past.status,
        "acknowledge_by": acknowledge_by,
        "answer_by": answer_by,
        "acknowledged_on": past.answered_on,
        "answered_on": past.answered_on,
    }


def _add_children(
    session: Session, rows: Sequence[dict[str, Any]], pasts: Sequence[PastReport]
) -> None:
    insert_rows(
        session,
        ReportGround,
        [
            {"report_id": row["id"], "code": code, "link": link, "position": position}
            for row, past in zip(rows, pasts, strict=True)
            for position, (code, link) in enumerate(past.draft.grounds)
        ],
    )
    insert_rows(
        session,
        ReportConduct,
        [
            {"report_id": row["id"], "code": code}
            for row, past in zip(rows, pasts, strict=True)
            for code in past.draft.conducts
        ],
    )
