"""Reading requests of people. A colleague barred from what one is about sees none of it."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from app.cases.models import CaseReport
from app.core.access import Actor, Permission
from app.core.due import DueItem
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.intake.queries import barred_ids
from app.retention.domain import SubjectKind
from app.rights.domain import RequestKind
from app.rights.models import PersonRequest, RequestSubject


def visible_requests(actor: Actor) -> Select[PersonRequest]:
    actor.require(Permission.PERSON_REQUEST_MANAGE)
    return select(PersonRequest).where(~_touches_barred(actor))


def _touches_barred(actor: Actor) -> ColumnElement[bool]:
    barred_cases = select(CaseReport.case_id).where(CaseReport.report_id.in_(barred_ids(actor)))
    return exists().where(
        RequestSubject.request_id == PersonRequest.id,
        or_(
            RequestSubject.subject_id.in_(barred_ids(actor)),
            RequestSubject.subject_id.in_(barred_cases.correlate(None)),
        ),
    )


def list_requests(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    kind: RequestKind | None,
    is_open: bool | None,
) -> Page[PersonRequest]:
    """The newest first."""
    query = visible_requests(actor)
    if kind is not None:
        query = query.where(PersonRequest.kind == kind)
    if is_open is not None:
        answered = PersonRequest.answered_on
        query = query.where(answered.is_(None) if is_open else answered.is_not(None))
    order = (PersonRequest.received_on, PersonRequest.id)
    return fetch_page(session, query, page, order=order, descending=True)


def get_request(
    session: Session, actor: Actor, request_id: UUID, *, for_update: bool = False
) -> PersonRequest:
    query = visible_requests(actor).where(PersonRequest.id == request_id)
    found = session.scalar(query.with_for_update() if for_update else query)
    if found is None:
        raise NotFoundError
    return found


def ids_of(request: PersonRequest, kind: SubjectKind) -> list[UUID]:
    """In the order in which they are locked."""
    return sorted(one.subject_id for one in request.subjects if one.kind is kind)


def restrictions_of(session: Session, report_ids: Collection[UUID]) -> list[RequestSubject]:
    """Those that stand, of all requests."""
    return list(
        session.scalars(
            select(RequestSubject).where(
                RequestSubject.subject_id.in_(report_ids), RequestSubject.hold_id.is_not(None)
            )
        )
    )


def due_requests(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    if not actor.may(Permission.PERSON_REQUEST_MANAGE):
        return []
    rows = session.execute(
        visible_requests(actor)
        .where(PersonRequest.answered_on.is_(None), PersonRequest.due_on <= until)
        .order_by(PersonRequest.due_on, PersonRequest.id)
        .limit(most)
        .with_only_columns(PersonRequest.due_on, PersonRequest.id, PersonRequest.kind)
    )
    return [
        DueItem("answer_person_request", due_on, "person_request", request_id, kind.value, None)
        for due_on, request_id, kind in rows
    ]
