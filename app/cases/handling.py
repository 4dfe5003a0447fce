"""Notes, tasks and links of a case."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases import queries
from app.cases.domain import LinkKind, TimelineKind, require_open
from app.cases.models import Case, CaseLink, CaseNote, CaseTask
from app.cases.service import require_involvable
from app.cases.timeline import note
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, NotFoundError, invalid
from app.intake.queries import require_all_unrestricted


def write_note(
    session: Session, actor: Actor, case_id: UUID, *, body: str, at: datetime
) -> CaseNote:
    """An internal note; the reporter never sees it."""
    actor.require(Permission.CASE_CONTRIBUTE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    row = CaseNote(case_id=case.id, body=body, written_at=at, author_id=actor.id)
    session.add(row)
    session.flush()  # gives the id
    note(session, actor, case.id, TimelineKind.NOTE, at=at, object_id=row.id)
    audit.record(session, actor, Event.NOTE_WRITTEN, "case", case.id, at=at)
    return row


def set_task(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    title: str,
    due_on: date,
    assignee_id: UUID | None,
    at: datetime,
) -> CaseTask:
    """Something to do by a day; without an assignee it is the handler's."""
    actor.require(Permission.CASE_CONTRIBUTE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    require_open(case.status)
    if assignee_id is not None:
        require_involvable(session, case, assignee_id, "/assignee_id", Permission.CASE_CONTRIBUTE)
    task = CaseTask(
        case_id=case.id,
        title=title,
        due_on=due_on,
        assignee_id=assignee_id or case.handler_id,
        created_at=at,
    )
    session.add(task)
    session.flush()  # gives the id
    note(session, actor, case.id, TimelineKind.TASK_SET, at=at, object_id=task.id)
    audit.record(session, actor, Event.TASK_SET, "case", case.id, at=at)
    return task


def complete_task(session: Session, actor: Actor, task_id: UUID, *, at: datetime) -> CaseTask:
    actor.require(Permission.CASE_CONTRIBUTE)
    task = queries.locked_task(session, actor, task_id)
    if task.done_on is not None:
        raise ConflictError("The task is done.", code="task_done")
    task.done_on = local_date(at)
    task.touch()
    note(session, actor, task.case_id, TimelineKind.TASK_DONE, at=at, object_id=task.id)
    audit.record(session, actor, Event.TASK_CHANGED, "case", task.case_id, at=at)
    return task


def link(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    other_id: UUID,
    kind: LinkKind,
    at: datetime,
) -> None:
    """Say that two cases have to do with each other."""
    actor.require(Permission.CASE_HANDLE)
    if case_id == other_id:
        raise invalid("/case_id", "a case is not linked to itself", "same_case")
    first, second = sorted((case_id, other_id), key=lambda key: key.hex)
    # Both are locked in one order, so that linking A to B and B to A at once cannot deadlock.
    visible = session.scalars(
        queries.visible_cases(actor)
        .where(Case.id.in_((first, second)))
        .order_by(Case.id)
        .with_for_update()
    ).all()
    if case_id not in {case.id for case in visible}:
        raise NotFoundError
    if len(visible) < 2:
        raise invalid("/case_id", "no such case", "unknown_case")
    for one in (first, second):
        require_all_unrestricted(session, queries.report_ids_of(session, one))
    if session.get(CaseLink, (first, second)) is not None:
        raise ConflictError("These cases are linked.", code="already_linked")
    session.add(CaseLink(first_id=first, second_id=second, kind=kind, linked_on=local_date(at)))
    session.flush()  # the answer shows the link
    for one, other in ((case_id, other_id), (other_id, case_id)):
        note(session, actor, one, TimelineKind.LINKED, at=at, object_id=other)
        audit.record(session, actor, Event.CASE_LINKED, "case", one, at=at, kind=kind.value)
