"""What was approved is carried out: one case or report in each transaction.

What stays of a case or report is what figures count: codes, days, places and who is who by number.
Everything personal is written over, what only tells the story is removed, the data keys are
destroyed, so that no copy of the data without the keys of that day can bring it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from app.api import idempotency
from app.attachments.domain import OwnerKind
from app.attachments.models import Attachment
from app.attachments.storage import Storage
from app.audit import service as audit
from app.audit.domain import Event
from app.cases.models import (
    Case,
    CaseHold,
    CaseLink,
    CaseNote,
    CaseReport,
    CaseTask,
    TimelineEntry,
)
from app.core.access import SYSTEM
from app.core.clock import day_only, local_date
from app.core.database import Database
from app.core.models import Base
from app.core.sealed_rows import sealed
from app.core.sealing import destroy_key, gone
from app.intake.models import (
    Receipt,
    ReceiptSession,
    Report,
    ReportBar,
    ReporterTraits,
    ReportMessage,
    ReportRectification,
    Triage,
)
from app.referrals.models import Referral, ReferralMessage
from app.resolutions.models import (
    Commitment,
    FollowUp,
    Negotiation,
    NegotiationSession,
    Party,
    SessionAttendance,
    Term,
)
from app.retention import due
from app.retention.domain import (
    Basis,
    DisposalStatus,
    ItemOutcome,
    KeptBecause,
    Schedule,
    SubjectKind,
)
from app.retention.models import Disposal, DisposalItem, RetentionHold

log = structlog.get_logger()

WRITTEN_OVER: Sequence[tuple[type[Base], InstrumentedAttribute[UUID]]] = (
    (Report, Report.id),
    (Referral, Referral.report_id),
    (Case, Case.id),
    (CaseHold, CaseHold.case_id),
    (Negotiation, Negotiation.case_id),
    (Party, Party.case_id),
    (Term, Term.case_id),
    (Commitment, Commitment.case_id),
    (RetentionHold, RetentionHold.subject_id),
)
"""Rows that figures count or that such rows name."""

REMOVED: Sequence[tuple[type[Base], InstrumentedAttribute[UUID]]] = (
    (ReporterTraits, ReporterTraits.report_id),
    (ReportRectification, ReportRectification.report_id),
    (Receipt, Receipt.report_id),
    (ReceiptSession, ReceiptSession.report_id),
    (ReportMessage, ReportMessage.report_id),
    (ReportBar, ReportBar.report_id),
    (Triage, Triage.report_id),
    (ReferralMessage, ReferralMessage.report_id),
    (CaseNote, CaseNote.case_id),
    (CaseTask, CaseTask.case_id),
    (TimelineEntry, TimelineEntry.case_id),
    (FollowUp, FollowUp.case_id),
    (NegotiationSession, NegotiationSession.case_id),
)
"""Rows that only tell the story."""

WITH_FILES = (OwnerKind.REPORT, OwnerKind.CASE, OwnerKind.NEGOTIATION)


@dataclass
class _Removed:
    counts: dict[str, int] = field(default_factory=dict)
    files: list[UUID] = field(default_factory=list)


def carry_out(
    database: Database, storage: Storage, schedule: Schedule, *, at: datetime
) -> dict[ItemOutcome, int]:
    """All that is approved. Stopped anywhere, the next turn goes on: a row says what is done."""
    counts = dict.fromkeys((ItemOutcome.DISPOSED, ItemOutcome.KEPT), 0)
    while (found := _next(database)) is not None:
        with database.transaction() as session:
            outcome, files = _carry_out_one(session, schedule, *found, at=at)
        for storage_id in files:
            storage.remove(storage_id)
        counts[outcome] += 1
        _close_finished(database, found[0], at)
    return counts


def _next(database: Database) -> tuple[UUID, UUID] | None:
    with database.snapshot() as session:
        row = session.execute(
            select(DisposalItem.disposal_id, DisposalItem.subject_id)
            .join(Disposal, Disposal.id == DisposalItem.disposal_id)
            .where(
                Disposal.status == DisposalStatus.APPROVED,
                DisposalItem.outcome == ItemOutcome.WAITING,
            )
            .limit(1)
        ).one_or_none()
    return None if row is None else (row.disposal_id, row.subject_id)


def _close_finished(database: Database, disposal_id: UUID, at: datetime) -> None:
    waiting = exists().where(
        DisposalItem.disposal_id == Disposal.id, DisposalItem.outcome == ItemOutcome.WAITING
    )
    with database.transaction() as session:
        session.execute(
            update(Disposal)
            .where(Disposal.id == disposal_id, Disposal.status == DisposalStatus.APPROVED, ~waiting)
            .values(
                status=DisposalStatus.DONE,
                done_on=local_date(at),
                version=Disposal.version + 1,
            )
        )


def _carry_out_one(
    session: Session, schedule: Schedule, disposal_id: UUID, subject_id: UUID, *, at: datetime
) -> tuple[ItemOutcome, list[UUID]]:
    disposal = session.get_one(Disposal, disposal_id)
    model = Case if disposal.kind is SubjectKind.CASE else Report
    session.execute(select(model.id).where(model.id == subject_id).with_for_update())
    item = session.get_one(DisposalItem, (disposal_id, subject_id), with_for_update=True)
    if item.outcome is not ItemOutcome.WAITING:
        return item.outcome, []  # two workers at once
    today = local_date(at)
    item.kept_because = _why_not(session, schedule, disposal, subject_id, today)
    if item.kept_because is not None:
        item.outcome = ItemOutcome.KEPT
        return item.outcome, []
    removed = _dispose(session, disposal.kind, subject_id, today)
    item.outcome, item.disposed_on, item.removed = ItemOutcome.DISPOSED, today, removed.counts
    audit.record(
        session,
        SYSTEM,
        Event.DISPOSED,
        disposal.kind.value,
        subject_id,
        at=day_only(at),
        disposal_id=str(disposal_id),
    )
    idempotency.withhold_answers(session)
    return item.outcome, removed.files


def _why_not(
    session: Session, schedule: Schedule, disposal: Disposal, subject_id: UUID, today: date
) -> KeptBecause | None:
    """Much can happen between proposal and turn: what holds then is asked again."""
    is_case = disposal.kind is SubjectKind.CASE
    key = Case.id if is_case else Report.id
    may_go = due.case_may_go() if is_case else due.report_may_go()
    if not _holds(session, key, subject_id, *may_go):
        held = due.case_is_held() if is_case else due.is_held(Report.id)
        is_held = _holds(session, key, subject_id, held)
        return KeptBecause.HELD if is_held else KeptBecause.IN_USE
    if disposal.basis is Basis.SCHEDULE:
        is_due = due.cases_due if is_case else due.reports_due
        if not _holds(session, key, subject_id, is_due(schedule, today)):
            return KeptBecause.NOT_DUE
    return None


def _holds(
    session: Session,
    key: InstrumentedAttribute[UUID],
    subject_id: UUID,
    *conditions: ColumnElement[bool],
) -> bool:
    return session.scalar(select(key).where(key == subject_id, *conditions)) is not None


def _dispose(session: Session, kind: SubjectKind, subject_id: UUID, today: date) -> _Removed:
    reports = [subject_id]
    if kind is SubjectKind.CASE:
        in_case = select(CaseReport.report_id).where(CaseReport.case_id == subject_id)
        reports = list(session.scalars(in_case))
    talks = list(session.scalars(select(Negotiation.id).where(Negotiation.case_id == subject_id)))
    owners = list({subject_id, *reports, *talks})
    removed = _Removed()
    _remove_files(session, owners, today, removed)
    held = select(NegotiationSession.id).where(NegotiationSession.case_id == subject_id)
    session.execute(delete(SessionAttendance).where(SessionAttendance.session_id.in_(held)))
    session.execute(
        delete(CaseLink).where(
            or_(CaseLink.first_id == subject_id, CaseLink.second_id == subject_id)
        )
    )
    for model, owner in REMOVED:
        count = len(
            session.execute(
                delete(model).where(owner.in_(owners)).returning(owner),
                execution_options={"synchronize_session": False},
            ).all()
        )
        if count:
            removed.counts[model.__tablename__] = count
    for model, owner in WRITTEN_OVER:
        _write_over(session, model, owner, owners)
    for report_id, received_at in session.execute(
        select(Report.id, Report.received_at).where(Report.id.in_(reports))
    ).all():
        session.execute(
            update(Report)
            .where(Report.id == report_id)
            .values(
                disposed_on=today,
                received_at=day_only(received_at),
                handler_id=None,
                restricted_to_id=None,
                respondent_organisation=None,
                search_text="",
                interpreter_language=None,
                needs_sign_language=False,
                needs_reading_help=False,
                version=Report.version + 1,
            )
            .execution_options(synchronize_session=False)
        )
    # What identifies nobody alone can do so together.
    session.execute(
        update(Referral)
        .where(Referral.report_id.in_(reports), Referral.preview.is_not(None))
        .values(preview={})
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Case)
        .where(Case.id == subject_id)
        .values(disposed_on=today, handler_id=None, version=Case.version + 1)
        .execution_options(synchronize_session=False)
    )
    for owner_id in owners:
        destroy_key(session, owner_id)
    return removed


def _write_over(
    session: Session, model: type[Base], owner: InstrumentedAttribute[UUID], owners: list[UUID]
) -> None:
    columns = [getattr(model, name) for name in sealed(model).names]
    session.execute(
        update(model)
        .where(owner.in_(owners))
        .values({column: case((column.is_not(None), gone()), else_=None) for column in columns})
        .execution_options(synchronize_session=False)
    )


def _remove_files(session: Session, owners: list[UUID], today: date, removed: _Removed) -> None:
    those = [Attachment.owner_kind.in_(WITH_FILES), Attachment.owner_id.in_(owners)]
    stored = select(Attachment.storage_id).where(*those, Attachment.storage_id.is_not(None))
    removed.files = [storage_id for storage_id in session.scalars(stored) if storage_id]
    count = session.scalar(select(func.count()).select_from(Attachment).where(*those)) or 0
    if count:
        removed.counts["attachments"] = count
    session.execute(
        update(Attachment)
        .where(*those)
        .values(
            file_name=None,
            storage_id=None,
            file_key=None,
            sha256=gone(),
            removed_on=func.coalesce(Attachment.removed_on, today),
        )
        .execution_options(synchronize_session=False)
    )
