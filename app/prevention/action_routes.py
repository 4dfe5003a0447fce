"""Preventive actions, what they rest on, and their results."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import CodeQuery
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.prevention import points, queries, results, service
from app.prevention.action_views import (
    ActionResultView,
    ActionSummary,
    ActionView,
    PreventionPointView,
    action_summary,
    action_view,
    result_view,
)
from app.prevention.domain import FIRST_YEAR, LAST_YEAR, ActionStatus
from app.prevention.queries import ActionFilter
from app.prevention.schemas import (
    ActionChange,
    ActionLinkBody,
    ActionMove,
    ActionPlanning,
    ActionResultBody,
    LinkUndoing,
    PreventionPointBody,
)
from app.vocabulary import queries as vocabulary

router = APIRouter(tags=["prevention"])

Reading = Annotated[Act, acting(Permission.PREVENTION_READ)]
Adding = Annotated[Act, acting(Permission.PREVENTION_CARRY_OUT, creates=True)]
Changing = Annotated[Act, acting(Permission.PREVENTION_CARRY_OUT, changes=True)]
YearQuery = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)]

ADD_PROBLEMS = problems(401, 403, 404, 409, 413, 422, 503)
CHANGE_PROBLEMS = problems(401, 403, 404, 409, 412, 413, 422, 428, 503)


def _filter(
    status: Annotated[ActionStatus | None, Query()] = None,
    kind: CodeQuery = None,
    year: YearQuery = None,
    signal_year: YearQuery = None,
    ground: CodeQuery = None,
    domain: CodeQuery = None,
    partner: Annotated[UUID | None, Query()] = None,
) -> ActionFilter:
    return ActionFilter(**locals())


@router.post(
    "/prevention/actions",
    status_code=201,
    response_model=ActionView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def plan_prevention_action(body: ActionPlanning, act: Adding) -> Response:
    """Plan an action, on accepted suggestions, on signals, or on neither."""
    return act.commit(
        lambda session: action_view(
            session,
            act.actor,
            service.plan_action(session, act.actor, at=act.at, **body.arguments()),
        )
    )


@router.get(
    "/prevention/actions",
    response_model=PageView[ActionSummary],
    responses=problems(401, 403, 422, 503),
)
def list_prevention_actions(
    wanted: Annotated[ActionFilter, Depends(_filter)], page: PageQuery, act: Reading
) -> Response:
    """The last planned first. year: those that began in it and were not called off. signal_year:
    those that rest on a confirmed signal of that year."""
    return act.read(
        lambda session: page_view(
            queries.list_actions(session, act.actor, wanted, page), action_summary
        )
    )


@router.get(
    "/prevention/actions/{action_id}",
    response_model=ActionView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_prevention_action(action_id: UUID, act: Reading) -> Response:
    """One action. That it was read stands in the trail."""

    def work(session: Session) -> ActionView:
        action = queries.get_action(session, act.actor, action_id)
        audit.record(
            session,
            act.actor,
            Event.PREVENTION_ACTION_READ,
            "prevention_action",
            action.id,
            at=act.at,
        )
        return action_view(session, act.actor, action)

    return act.commit(work)


@router.patch(
    "/prevention/actions/{action_id}", response_model=ActionView, responses=CHANGE_PROBLEMS
)
def change_prevention_action(action_id: UUID, body: ActionChange, act: Changing) -> Response:
    """Replace what is given."""
    return act.commit(
        lambda session: action_view(
            session,
            act.actor,
            service.change_action(
                session,
                act.actor,
                action_id,
                changes=body.changes(),
                expected_version=act.expected_version,
                at=act.at,
            ),
        )
    )


@router.post(
    "/prevention/actions/{action_id}/moves", response_model=ActionView, responses=CHANGE_PROBLEMS
)
def move_prevention_action(action_id: UUID, body: ActionMove, act: Changing) -> Response:
    """Begin it, complete it, or call it off with a reason."""
    return act.commit(
        lambda session: action_view(
            session,
            act.actor,
            service.move_action(
                session,
                act.actor,
                action_id,
                to=body.to,
                on=body.on,
                reason=body.reason,
                expected_version=act.expected_version,
                at=act.at,
            ),
        )
    )


@router.post(
    "/prevention/actions/{action_id}/links",
    status_code=201,
    response_model=ActionView,
    responses=CHANGE_PROBLEMS,
)
def link_prevention_action(action_id: UUID, body: ActionLinkBody, act: Changing) -> Response:
    """Note that it rests on an accepted suggestion or a signal, too."""
    return act.commit(
        lambda session: action_view(
            session,
            act.actor,
            service.link_action(
                session,
                act.actor,
                action_id,
                suggestion_id=body.suggestion_id,
                signal_id=body.signal_id,
                expected_version=act.expected_version,
                at=act.at,
            ),
        )
    )


@router.post(
    "/prevention/actions/{action_id}/links/{link_id}/undoing",
    response_model=ActionView,
    responses=CHANGE_PROBLEMS,
)
def undo_prevention_link(
    action_id: UUID, link_id: UUID, body: LinkUndoing, act: Changing
) -> Response:
    """It never rested on it: the link stays to be seen, with the reason, and counts no more."""
    return act.commit(
        lambda session: action_view(
            session,
            act.actor,
            service.undo_link(
                session,
                act.actor,
                action_id,
                link_id,
                reason=body.reason,
                expected_version=act.expected_version,
                at=act.at,
            ),
        )
    )


@router.post(
    "/prevention/actions/{action_id}/action-points",
    status_code=201,
    response_model=PreventionPointView,
    responses=ADD_PROBLEMS,
)
def set_prevention_point(action_id: UUID, body: PreventionPointBody, act: Adding) -> Response:
    """Note what a colleague promised to do by a day; it appears in the worklist."""
    return act.commit(
        lambda session: PreventionPointView.model_validate(
            points.set_point(session, act.actor, action_id, at=act.at, **body.model_dump())
        )
    )


@router.post(
    "/prevention/action-points/{point_id}/completion",
    response_model=PreventionPointView,
    responses=ADD_PROBLEMS,
)
def complete_prevention_point(point_id: UUID, act: Reading) -> Response:
    """It is done: said by its owner, or by who may carry actions out."""
    return act.commit(
        lambda session: PreventionPointView.model_validate(
            points.complete_point(session, act.actor, point_id, at=act.at)
        )
    )


@router.post(
    "/prevention/actions/{action_id}/results",
    status_code=201,
    response_model=ActionResultView,
    responses=ADD_PROBLEMS,
)
def record_action_result(action_id: UUID, body: ActionResultBody, act: Adding) -> Response:
    """What came of it. Once it is completed, reports before and after are counted and kept with it,
    and a sentence says what they can show."""

    def work(session: Session) -> ActionResultView:
        result = results.record_result(
            session,
            act.actor,
            action_id,
            text=body.text,
            participants=body.participants,
            at=act.at,
        )
        hidden = queries.hidden_results(session, act.actor, action_id)
        lists = vocabulary.current(session)
        return result_view(lists, result, is_hidden=result.id in hidden)

    return act.commit(work)
