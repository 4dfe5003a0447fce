"""Conflict of interest in a case: it is hidden from a colleague with all its reports."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import guards, queries
from app.cases.domain import CaseStatus
from app.cases.models import Case, CaseTask
from app.core.access import Actor, Permission
from app.intake import barring
from app.intake.models import ReportBar


def bar(
    session: Session, actor: Actor, case_id: UUID, *, account_id: UUID, reason: str, at: datetime
) -> ReportBar:
    """Hide a case from a colleague, who is not told. Their open tasks go to who handles the case;
    who handles it or mediates is refused: that is handed over first."""
    actor.require(Permission.CASE_BAR)
    case = queries.get_case(session, actor, case_id, for_update=True, even_restricted=True)
    work = work_of(session, case, account_id)
    if work:
        raise barring.has_work(work)
    report_ids = queries.report_ids_of(session, case.id)
    row = barring.bar_from(session, actor, report_ids, account_id=account_id, reason=reason, at=at)
    _release(session, case, account_id)
    return row


def lift(session: Session, actor: Actor, case_id: UUID, *, account_id: UUID, at: datetime) -> None:
    actor.require(Permission.CASE_BAR)
    case = queries.get_case(session, actor, case_id, for_update=True, even_restricted=True)
    report_ids = queries.report_ids_of(session, case.id)
    barring.lift_from(session, actor, report_ids, account_id=account_id, at=at)


def bar_named(
    session: Session, actor: Actor, case: Case, names: Collection[str], *, at: datetime
) -> None:
    """Bar the colleagues who are called so. What they handle stays theirs until a coordinator, who
    sees it in the list of the barred, hands it over: nobody is put in their place by a name."""
    report_ids = queries.report_ids_of(session, case.id)
    for account_id in barring.bar_named(session, actor, report_ids, names, at=at):
        _release(session, case, account_id)


def join(session: Session, case: Case, *, at: datetime) -> None:
    """Called when reports came to the case. Raises ConflictError when who handles the case or
    mediates in it is barred from one of them."""
    for account_id in barring.join(session, queries.report_ids_of(session, case.id), at=at):
        work = work_of(session, case, account_id)
        if work:
            raise barring.has_work(work)
        _release(session, case, account_id)


def work_of(session: Session, case: Case, account_id: UUID) -> list[str]:
    """What must be handed over by an act of its own; in a closed case nothing."""
    if case.status is CaseStatus.CLOSED:
        return []
    work = ["handler"] if case.handler_id == account_id else []
    return work + guards.work_of(session, case.id, account_id)


def _release(session: Session, case: Case, account_id: UUID) -> None:
    """Open tasks and reports go to who handles the case."""
    successor = case.handler_id if case.handler_id != account_id else None
    tasks = session.scalars(
        select(CaseTask)
        .where(
            CaseTask.case_id == case.id,
            CaseTask.assignee_id == account_id,
            CaseTask.done_on.is_(None),
        )
        .order_by(CaseTask.id)
        .with_for_update()
    ).all()
    for task in tasks:
        task.assignee_id = successor
        task.touch()
    for report in queries.reports_of(session, case.id):
        if report.handler_id == account_id:
            report.handler_id = successor
            report.touch()
