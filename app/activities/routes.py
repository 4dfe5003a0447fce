"""Activities and their action points."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.activities import action_points, queries, service
from app.activities.models import Activity
from app.activities.queries import ActivityFilter
from app.activities.schemas import (
    ActionPointBody,
    ActionPointView,
    ActivityChange,
    ActivityRecording,
    ActivitySummary,
    ActivityView,
)
from app.activities.views import activity_summary, activity_view
from app.api.acts import Act, acting
from app.api.fields import CodeQuery, Day
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.core.clock import local_date

router = APIRouter(tags=["activities"])

Reading = Annotated[Act, acting(Permission.ACTIVITY_READ)]
Recording = Annotated[Act, acting(Permission.ACTIVITY_RECORD, creates=True)]
Changing = Annotated[Act, acting(Permission.ACTIVITY_RECORD, changes=True)]

ADD_PROBLEMS = problems(401, 403, 404, 409, 413, 422, 503)


def _filter(
    kind: CodeQuery = None,
    held_from: Annotated[Day | None, Query()] = None,
    held_to: Annotated[Day | None, Query()] = None,
    partner: Annotated[UUID | None, Query()] = None,
    planned: Annotated[bool | None, Query(description="still to come")] = None,
    cancelled: Annotated[bool | None, Query(description="called off")] = None,
) -> ActivityFilter:
    return ActivityFilter(**locals())


@router.post(
    "/activities",
    status_code=201,
    response_model=ActivityView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def record_activity(body: ActivityRecording, act: Recording) -> Response:
    """Record an activity that was held, or plan one."""

    def work(session: Session) -> ActivityView:
        activity = service.record_activity(session, act.actor, at=act.at, **body.arguments())
        return _shown(session, act, activity)

    return act.commit(work)


@router.get(
    "/activities",
    response_model=PageView[ActivitySummary],
    responses=problems(401, 403, 422, 503),
)
def list_activities(
    wanted: Annotated[ActivityFilter, Depends(_filter)], page: PageQuery, act: Reading
) -> Response:
    """Activities, the latest first; no personal data."""

    def work(session: Session) -> PageView[ActivitySummary]:
        found = queries.list_activities(session, act.actor, wanted, page, today=local_date(act.at))
        partners = queries.partners_by_activity(session, [row.id for row in found.items])
        return page_view(found, lambda row: activity_summary(row, partners))

    return act.read(work)


@router.get(
    "/activities/{activity_id}",
    response_model=ActivityView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_activity(activity_id: UUID, act: Reading) -> Response:
    """One activity with minutes and names. That it was read stands in the trail."""

    def work(session: Session) -> ActivityView:
        activity = queries.get_activity(session, act.actor, activity_id)
        audit.record(session, act.actor, Event.ACTIVITY_READ, "activity", activity.id, at=act.at)
        return activity_view(activity, today=local_date(act.at))

    return act.commit(work)


@router.patch(
    "/activities/{activity_id}",
    response_model=ActivityView,
    responses=problems(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_activity(activity_id: UUID, body: ActivityChange, act: Changing) -> Response:
    """Replace what is given, or call the activity off: then it does not count."""

    def work(session: Session) -> ActivityView:
        activity = service.change_activity(
            session,
            act.actor,
            activity_id,
            changes=body.arguments(),
            expected_version=act.expected_version,
            at=act.at,
        )
        return _shown(session, act, activity)

    return act.commit(work)


@router.post(
    "/activities/{activity_id}/action-points",
    status_code=201,
    response_model=ActionPointView,
    responses=ADD_PROBLEMS,
)
def set_action_point(activity_id: UUID, body: ActionPointBody, act: Recording) -> Response:
    """Note what a colleague promised to do by a day; it appears in the worklist."""
    return act.commit(
        lambda session: ActionPointView.model_validate(
            action_points.set_action_point(
                session, act.actor, activity_id, at=act.at, **body.model_dump()
            )
        )
    )


@router.post(
    "/action-points/{action_point_id}/completion",
    response_model=ActionPointView,
    responses=ADD_PROBLEMS,
)
def complete_action_point(
    action_point_id: UUID, act: Annotated[Act, acting(Permission.ACTIVITY_RECORD)]
) -> Response:
    """The action point is done."""
    return act.commit(
        lambda session: ActionPointView.model_validate(
            action_points.complete_action_point(session, act.actor, action_point_id, at=act.at)
        )
    )


def _shown(session: Session, act: Act, activity: Activity) -> ActivityView:
    session.flush()  # the answer carries the new version and the ids
    return activity_view(activity, today=local_date(act.at))
