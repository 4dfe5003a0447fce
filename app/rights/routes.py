"""Requests of people about their own data: one month to answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit.domain import Event
from app.core.access import Permission
from app.rights import queries, service
from app.rights.domain import RequestKind
from app.rights.schemas import (
    DecisionBody,
    ExtensionBody,
    IdentityBody,
    RequestBody,
    RequestSummary,
    RequestView,
    SubjectsBody,
)
from app.rights.views import request_view

router = APIRouter(prefix="/person-requests", tags=["rights of people"])

Reading = Annotated[Act, acting(Permission.PERSON_REQUEST_MANAGE)]
Adding = Annotated[Act, acting(Permission.PERSON_REQUEST_MANAGE, creates=True)]
Changing = Annotated[Act, acting(Permission.PERSON_REQUEST_MANAGE, changes=True)]

READ_PROBLEMS = problems(401, 403, 404, 422, 503)
CHANGE_PROBLEMS = problems(401, 403, 404, 409, 412, 413, 422, 428, 503)


@router.post(
    "",
    status_code=201,
    response_model=RequestView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def register_person_request(body: RequestBody, act: Adding) -> Response:
    """Somebody asks about their own data; one month to answer begins on the day of receipt."""
    return act.commit(
        lambda session: request_view(
            service.register(session, act.actor, at=act.at, **body.model_dump())
        )
    )


@router.get("", response_model=PageView[RequestSummary], responses=problems(401, 403, 422, 503))
def list_person_requests(
    page: PageQuery,
    act: Reading,
    kind: RequestKind | None = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
) -> Response:
    """Requests, the newest first, without names."""
    return act.read(
        lambda session: page_view(
            queries.list_requests(session, act.actor, page, kind=kind, is_open=is_open),
            RequestSummary.model_validate,
        )
    )


@router.get("/{request_id}", response_model=RequestView, responses=READ_PROBLEMS)
def read_person_request(request_id: UUID, act: Reading) -> Response:
    """One request, and how far it is."""

    def work(session: Session) -> RequestView:
        request = queries.get_request(session, act.actor, request_id)
        service.record(session, act.actor, Event.PERSON_REQUEST_READ, request, at=act.at)
        return request_view(request)

    return act.commit(work)


@router.post("/{request_id}/extension", response_model=RequestView, responses=CHANGE_PROBLEMS)
def extend_person_request(request_id: UUID, body: ExtensionBody, act: Changing) -> Response:
    """One or two months more, once, for what is complex; the person is told why."""
    return act.commit(
        lambda session: request_view(
            service.extend(
                session,
                act.actor,
                request_id,
                expected_version=act.expected_version,
                at=act.at,
                **body.model_dump(),
            )
        )
    )


@router.put("/{request_id}/subjects", response_model=RequestView, responses=CHANGE_PROBLEMS)
def link_person_request(request_id: UUID, body: SubjectsBody, act: Changing) -> Response:
    """Say which reports and cases it is about."""
    return act.commit(
        lambda session: request_view(
            service.link(
                session,
                act.actor,
                request_id,
                expected_version=act.expected_version,
                at=act.at,
                **body.model_dump(),
            )
        )
    )


@router.post("/{request_id}/identity", response_model=RequestView, responses=CHANGE_PROBLEMS)
def check_identity_of_person(request_id: UUID, body: IdentityBody, act: Changing) -> Response:
    """The person showed who they are; who reported anonymously shows the receipt code."""
    return act.commit(
        lambda session: request_view(
            service.check_identity(
                session,
                act.actor,
                request_id,
                how=body.how,
                expected_version=act.expected_version,
                at=act.at,
            )
        )
    )


@router.post("/{request_id}/decision", response_model=RequestView, responses=CHANGE_PROBLEMS)
def decide_person_request(request_id: UUID, body: DecisionBody, act: Changing) -> Response:
    """Grant it, in part, or refuse it with a ground; this is the answer to the person."""
    return act.commit(
        lambda session: request_view(
            service.decide(
                session,
                act.actor,
                request_id,
                expected_version=act.expected_version,
                at=act.at,
                **body.model_dump(),
            )
        )
    )
