"""Notes, tasks, links and the timeline of a case."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import Day
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.cases import handling, queries
from app.cases.schemas import (
    CaseView,
    LinkBody,
    NoteBody,
    NoteView,
    TaskBody,
    TaskView,
    TimelineView,
)
from app.cases.views import case_view
from app.core.access import Permission

router = APIRouter(tags=["cases"])

Reading = Annotated[Act, acting(Permission.CASE_READ)]
Contributing = Annotated[Act, acting(Permission.CASE_CONTRIBUTE, creates=True)]

READ_PROBLEMS = problems(401, 403, 404, 422, 503)
ADD_PROBLEMS = problems(401, 403, 404, 409, 413, 422, 503)


@router.post(
    "/cases/{case_id}/notes", status_code=201, response_model=NoteView, responses=ADD_PROBLEMS
)
def write_note(case_id: UUID, body: NoteBody, act: Contributing) -> Response:
    """Write an internal note; the reporter never sees it."""
    return act.commit(
        lambda session: NoteView.model_validate(
            handling.write_note(session, act.actor, case_id, body=body.body, at=act.at)
        )
    )


@router.get("/cases/{case_id}/notes", response_model=PageView[NoteView], responses=READ_PROBLEMS)
def list_notes(case_id: UUID, page: PageQuery, act: Reading) -> Response:
    """The notes, the oldest first."""

    def work(session: Session) -> PageView[NoteView]:
        case = queries.get_case(session, act.actor, case_id)
        audit.record(session, act.actor, Event.NOTES_READ, "case", case.id, at=act.at)
        return page_view(queries.list_notes(session, case.id, page), NoteView.model_validate)

    return act.commit(work)


@router.post(
    "/cases/{case_id}/tasks", status_code=201, response_model=TaskView, responses=ADD_PROBLEMS
)
def set_task(case_id: UUID, body: TaskBody, act: Contributing) -> Response:
    """Set something to do by a day."""
    return act.commit(
        lambda session: TaskView.model_validate(
            handling.set_task(session, act.actor, case_id, at=act.at, **body.model_dump())
        )
    )


@router.get("/cases/{case_id}/tasks", response_model=PageView[TaskView], responses=READ_PROBLEMS)
def list_case_tasks(case_id: UUID, page: PageQuery, act: Reading) -> Response:
    """The tasks of a case, by due date."""

    def work(session: Session) -> PageView[TaskView]:
        case = queries.get_case(session, act.actor, case_id)
        audit.record(session, act.actor, Event.TASKS_READ, "case", case.id, at=act.at)
        return page_view(
            queries.list_tasks(session, act.actor, page, case_id=case.id), TaskView.model_validate
        )

    return act.commit(work)


@router.get("/tasks", response_model=PageView[TaskView], responses=problems(401, 403, 422, 503))
def list_tasks(
    page: PageQuery,
    act: Reading,
    due_before: Annotated[Day | None, Query(description="due on this day or before")] = None,
    mine: Annotated[bool, Query(description="only those assigned to me")] = False,
    is_open: Annotated[bool | None, Query()] = None,
) -> Response:
    """Tasks of all cases I may see, by due date."""

    def work(session: Session) -> PageView[TaskView]:
        audit.record(session, act.actor, Event.TASKS_READ, None, None, at=act.at)
        return page_view(
            queries.list_tasks(
                session,
                act.actor,
                page,
                due_before=due_before,
                is_mine=mine,
                is_open=is_open,
            ),
            TaskView.model_validate,
        )

    return act.commit(work)


@router.post("/tasks/{task_id}/completion", response_model=TaskView, responses=ADD_PROBLEMS)
def complete_task(
    task_id: UUID, act: Annotated[Act, acting(Permission.CASE_CONTRIBUTE)]
) -> Response:
    """The task is done."""

    def work(session: Session) -> TaskView:
        task = handling.complete_task(session, act.actor, task_id, at=act.at)
        session.flush()  # the answer carries the new version
        return TaskView.model_validate(task)

    return act.commit(work)


@router.post(
    "/cases/{case_id}/links", status_code=201, response_model=CaseView, responses=ADD_PROBLEMS
)
def link_case(
    case_id: UUID,
    body: LinkBody,
    act: Annotated[Act, acting(Permission.CASE_HANDLE, creates=True)],
) -> Response:
    """Say that this case has to do with another."""

    def work(session: Session) -> CaseView:
        handling.link(session, act.actor, case_id, other_id=body.case_id, kind=body.kind, at=act.at)
        return case_view(session, act.actor, queries.get_case(session, act.actor, case_id))

    return act.commit(work)


@router.get(
    "/cases/{case_id}/timeline", response_model=PageView[TimelineView], responses=READ_PROBLEMS
)
def read_timeline(case_id: UUID, page: PageQuery, act: Reading) -> Response:
    """What happened in this case, in order."""

    def work(session: Session) -> PageView[TimelineView]:
        case = queries.get_case(session, act.actor, case_id)
        audit.record(session, act.actor, Event.TIMELINE_READ, "case", case.id, at=act.at)
        return page_view(
            queries.list_timeline(session, act.actor, case.id, page), TimelineView.model_validate
        )

    return act.commit(work)
