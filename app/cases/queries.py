"""Reading cases. Every query starts from what the actor may see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.cases.domain import CaseStatus, TimelineKind
from app.cases.models import (
    Case,
    CaseHold,
    CaseLink,
    CaseNote,
    CaseReport,
    CaseTask,
    TimelineEntry,
)
from app.core.access import Actor, Permission
from app.core.due import DueItem
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.intake.domain import ReportStatus
from app.intake.models import Report
from app.intake.queries import (
    ReportFilter,
    barred_ids,
    is_barred,
    matches,
    report_conditions,
    require_all_unrestricted,
    require_codes,
    visible_reports,
)
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList

CASE_REFERENCE_FORM = re.compile(r"c-\d{1,4}(-\d*)?", re.IGNORECASE)


@dataclass(frozen=True)
class CaseFilter:
    """Each None does not filter. `reports`: what at least one report of the case must meet."""

    status: CaseStatus | None = None
    outcome: str | None = None
    assessment: str | None = None
    handler: UUID | None = None
    opened_from: date | None = None
    opened_to: date | None = None
    overdue: bool | None = None
    q: str | None = None
    reports: ReportFilter = field(default_factory=ReportFilter)


def is_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Restricted cases exist only for their handler and the coordinator, none for who is barred
    from its reports, and none that was disposed of for anybody."""
    is_open: ColumnElement[bool] = Case.disposed_on.is_(None)
    if not actor.may(Permission.CASE_READ_RESTRICTED):
        is_mine = or_(Case.is_restricted.is_(False), Case.handler_id == actor.id)
        is_open = and_(is_open, is_mine)
    barred = select(CaseReport.case_id).where(CaseReport.report_id.in_(barred_ids(actor)))
    return and_(is_open, Case.id.not_in(barred.correlate(None)))


def visible_cases(actor: Actor) -> Select[Case]:
    actor.require(Permission.CASE_READ)
    return select(Case).where(is_visible_to(actor))


def get_case(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    for_update: bool = False,
    even_restricted: bool = False,
) -> Case:
    """even_restricted: for the few acts that neither change nor share what is in it."""
    query = visible_cases(actor).where(Case.id == case_id)
    if for_update:
        query = query.with_for_update()
    case = session.scalar(query)
    if case is None:
        raise NotFoundError
    if for_update:
        report_ids = report_ids_of(session, case.id)
        if is_barred(session, actor.id, report_ids):
            raise NotFoundError  # barred while this waited for the lock
        if not even_restricted:
            require_all_unrestricted(session, report_ids)
    return case


def require_for_files(session: Session, actor: Actor, case_id: UUID, for_writing: bool) -> None:
    """Whether the actor may see, or add to, the files of a case."""
    if for_writing:
        actor.require(Permission.CASE_CONTRIBUTE)
    case = get_case(session, actor, case_id)
    if for_writing:
        require_all_unrestricted(session, report_ids_of(session, case.id))


def list_cases(
    session: Session, actor: Actor, wanted: CaseFilter, page: PageRequest, *, today: date
) -> Page[Case]:
    """The newest first."""
    require_codes(session, wanted.reports)
    vocabulary.current(session).require_known(
        outcome=(CodeList.OUTCOMES, wanted.outcome),
        assessment=(CodeList.ASSESSMENTS, wanted.assessment),
    )
    query = visible_cases(actor)
    for column, value in (
        (Case.status, wanted.status),
        (Case.outcome, wanted.outcome),
        (Case.assessment, wanted.assessment),
        (Case.handler_id, wanted.handler),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.opened_from is not None:
        query = query.where(Case.opened_on >= wanted.opened_from)
    if wanted.opened_to is not None:
        query = query.where(Case.opened_on <= wanted.opened_to)
    if wanted.overdue is not None:
        overdue = and_(Case.status != CaseStatus.CLOSED, Case.target_on < today)
        query = query.where(overdue if wanted.overdue else ~overdue)
    if wanted.q is not None and CASE_REFERENCE_FORM.fullmatch(wanted.q):
        query = query.where(Case.reference.between(wanted.q.upper(), wanted.q.upper() + "~"))
    elif wanted.q is not None:
        query = query.where(Case.id.in_(_cases_of(matches(wanted.q))))
    conditions = report_conditions(wanted.reports, today=today)
    if len(conditions) == 1 and wanted.reports.is_by_common_code:
        # Many cases meet it: look at each in the order of the list and stop when the page is full.
        query = query.where(_cases_of(*conditions, CaseReport.case_id == Case.id).exists())
    elif conditions:
        # Few do: find them first. Measured: each way is ten times slower in the other's place.
        query = query.where(Case.id.in_(_cases_of(*conditions)))
    return fetch_page(session, query, page, order=(Case.opened_on, Case.id), descending=True)


def _cases_of(*conditions: ColumnElement[bool]) -> Select[UUID]:
    """The cases of which at least one report meets the conditions."""
    return (
        select(CaseReport.case_id)
        .join(Report, Report.id == CaseReport.report_id)
        .where(*conditions)
    )


def reports_of(session: Session, case_id: UUID) -> list[Report]:
    return list(
        session.scalars(
            select(Report)
            .join(CaseReport, CaseReport.report_id == Report.id)
            .where(CaseReport.case_id == case_id)
            .order_by(Report.received_on, Report.id)
        )
    )


def report_ids_of(session: Session, case_id: UUID) -> list[UUID]:
    """In the order in which they are locked."""
    return list(
        session.scalars(
            select(CaseReport.report_id)
            .where(CaseReport.case_id == case_id)
            .order_by(CaseReport.report_id)
        )
    )


def siblings_of(session: Session, report_id: UUID) -> list[UUID]:
    """The reports of the case that a report is in, with itself."""
    found = case_of_report(session, report_id)
    return [] if found is None else report_ids_of(session, found.case_id)


def case_of_report(session: Session, report_id: UUID) -> CaseReport | None:
    return session.get(CaseReport, report_id)


def holds_of(session: Session, case_id: UUID) -> list[CaseHold]:
    return list(
        session.scalars(
            select(CaseHold)
            .where(CaseHold.case_id == case_id)
            .order_by(CaseHold.started_on, CaseHold.id)
        )
    )


def open_hold(session: Session, case_id: UUID) -> CaseHold | None:
    return session.scalar(
        select(CaseHold).where(CaseHold.case_id == case_id, CaseHold.ended_on.is_(None))
    )


def linked_cases(session: Session, actor: Actor, case_id: UUID) -> list[tuple[CaseLink, Case]]:
    """The other case of each link, if this actor may know of it."""
    rows = session.execute(
        select(CaseLink, Case)
        .join(
            Case,
            or_(
                and_(CaseLink.first_id == case_id, Case.id == CaseLink.second_id),
                and_(CaseLink.second_id == case_id, Case.id == CaseLink.first_id),
            ),
        )
        .where(is_visible_to(actor))
        .order_by(CaseLink.linked_on, Case.reference)
    )
    return [(link, case) for link, case in rows]


def list_notes(session: Session, case_id: UUID, page: PageRequest) -> Page[CaseNote]:
    query = select(CaseNote).where(CaseNote.case_id == case_id)
    return fetch_page(session, query, page, order=(CaseNote.written_at, CaseNote.id))


def list_timeline(
    session: Session, actor: Actor, case_id: UUID, page: PageRequest
) -> Page[TimelineEntry]:
    """Without the links to cases that this actor may not know of."""
    query = select(TimelineEntry).where(
        TimelineEntry.case_id == case_id,
        or_(
            TimelineEntry.kind != TimelineKind.LINKED,
            exists().where(Case.id == TimelineEntry.object_id, is_visible_to(actor)),
        ),
    )
    return fetch_page(session, query, page, order=(TimelineEntry.position,))


def visible_tasks(actor: Actor) -> Select[CaseTask]:
    actor.require(Permission.CASE_READ)
    return select(CaseTask).join(Case, Case.id == CaseTask.case_id).where(is_visible_to(actor))


def list_tasks(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    case_id: UUID | None = None,
    due_before: date | None = None,
    is_mine: bool = False,
    is_open: bool | None = None,
) -> Page[CaseTask]:
    """By due date, the earliest first. due_before: inclusive."""
    query = visible_tasks(actor)
    if case_id is not None:
        query = query.where(CaseTask.case_id == case_id)
    if due_before is not None:
        query = query.where(CaseTask.due_on <= due_before)
    if is_mine:
        query = query.where(CaseTask.assignee_id == actor.id)
    if is_open is not None:
        query = query.where(
            CaseTask.done_on.is_(None) if is_open else CaseTask.done_on.is_not(None)
        )
    return fetch_page(session, query, page, order=(CaseTask.due_on, CaseTask.id))


def locked_task(session: Session, actor: Actor, task_id: UUID) -> CaseTask:
    """The case first, then the task."""
    case_id = session.scalar(
        visible_tasks(actor).where(CaseTask.id == task_id).with_only_columns(CaseTask.case_id)
    )
    if case_id is None:
        raise NotFoundError
    get_case(session, actor, case_id, for_update=True)
    return session.get_one(CaseTask, task_id, with_for_update=True)


def due_tasks(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    rows = session.execute(
        select(CaseTask, Case.reference)
        .join(Case, Case.id == CaseTask.case_id)
        .where(is_visible_to(actor), CaseTask.done_on.is_(None), CaseTask.due_on <= until)
        .order_by(CaseTask.due_on, CaseTask.id)
        .limit(most)
    )
    return [
        DueItem("task", task.due_on, "case", task.case_id, reference, task.assignee_id)
        for task, reference in rows
    ]


def due_cases(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    rows = session.scalars(
        visible_cases(actor)
        .where(Case.closed_on.is_(None), Case.target_on <= until)
        .order_by(Case.target_on, Case.id)
        .limit(most)
    )
    return [
        DueItem("close_case", case.target_on, "case", case.id, case.reference, case.handler_id)
        for case in rows
    ]


def due_case_openings(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Reports that were triaged to become a case, for which nobody opened one yet."""
    rows = session.scalars(
        visible_reports(actor)
        .where(
            Report.status == ReportStatus.CASE_OPENED,
            Report.is_in_case.is_(False),
            Report.answered_on <= until,
        )
        .order_by(Report.answered_on, Report.id)
        .limit(most)
    )
    return [
        DueItem("open_case", r.answered_on, "report", r.id, r.reference, r.handler_id)
        for r in rows
        if r.answered_on is not None
    ]
