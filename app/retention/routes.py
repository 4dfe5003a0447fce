"""Retention: what is due, what is held, and disposals by two people."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.core.clock import local_date
from app.retention import due, queries, schedule, service
from app.retention.domain import DisposalStatus, SubjectKind
from app.retention.models import Disposal
from app.retention.schemas import (
    DisposalItemView,
    DisposalProposal,
    DisposalView,
    DueView,
    HoldBody,
    HoldView,
    RejectionBody,
    RuleView,
    ScheduleView,
)

router = APIRouter(tags=["retention"])

Managing = Annotated[Act, acting(Permission.RETENTION_MANAGE)]
Adding = Annotated[Act, acting(Permission.RETENTION_MANAGE, creates=True)]
Deciding = Annotated[Act, acting(Permission.DISPOSAL_DECIDE)]
Changing = Annotated[Act, acting(Permission.DISPOSAL_DECIDE, changes=True, step_up=True)]

LIST_PROBLEMS = problems(401, 403, 422, 503)
CHANGE_PROBLEMS = problems(401, 403, 404, 409, 412, 413, 422, 428, 503)


@router.get(
    "/retention/schedule", response_model=ScheduleView, responses=problems(401, 403, 422, 503)
)
def read_retention_schedule(act: Deciding) -> Response:
    """How long what is kept, and why, in the order in which rules apply."""

    def work(_session: Session) -> ScheduleView:
        texts = schedule.texts(act.settings.retention_schedule)
        return ScheduleView(
            rules=[
                RuleView(
                    code=text.code,
                    kind=text.kind,
                    codes=sorted(text.codes),
                    months=text.months,
                    why=dict(text.why),
                )
                for text in texts
            ]
        )

    return act.read(work)


@router.get("/retention/due", response_model=PageView[DueView], responses=LIST_PROBLEMS)
def list_due_for_disposal(kind: SubjectKind, page: PageQuery, act: Managing) -> Response:
    """Closed cases, or decided reports in no case, whose time is over and which nothing holds."""
    return act.read(
        lambda session: page_view(
            due.list_due(
                session,
                act.actor,
                schedule.load(act.settings.retention_schedule),
                kind,
                page,
                today=local_date(act.at),
            ),
            DueView.model_validate,
        )
    )


@router.post(
    "/retention/holds",
    status_code=201,
    response_model=HoldView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def place_retention_hold(body: HoldBody, act: Adding) -> Response:
    """Keep a case or report beyond its time, for instance while a court may ask for it."""
    return act.commit(
        lambda session: HoldView.model_validate(
            service.place_hold(session, act.actor, at=act.at, **body.model_dump())
        )
    )


@router.get("/retention/holds", response_model=PageView[HoldView], responses=LIST_PROBLEMS)
def list_retention_holds(page: PageQuery, act: Managing) -> Response:
    """The holds that stand, the oldest first."""

    def work(session: Session) -> PageView[HoldView]:
        audit.record(session, act.actor, Event.RETENTION_HOLDS_READ, None, None, at=act.at)
        return page_view(queries.list_holds(session, act.actor, page), HoldView.model_validate)

    return act.commit(work)


@router.post(
    "/retention/holds/{hold_id}/lifting",
    response_model=HoldView,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def lift_retention_hold(hold_id: UUID, act: Managing) -> Response:
    """The schedule applies again."""
    return act.commit(
        lambda session: HoldView.model_validate(
            service.lift_hold(session, act.actor, hold_id, at=act.at)
        )
    )


@router.post(
    "/disposals",
    status_code=201,
    response_model=DisposalView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def propose_disposal(body: DisposalProposal, act: Adding) -> Response:
    """Propose what goes. Nothing happens before a second colleague approves."""
    rules = schedule.load(act.settings.retention_schedule)

    def work(session: Session) -> DisposalView:
        disposal = service.propose(session, act.actor, rules, at=act.at, **body.model_dump())
        return _view(session, disposal)

    return act.commit(work)


@router.get("/disposals", response_model=PageView[DisposalView], responses=LIST_PROBLEMS)
def list_disposals(
    page: PageQuery, act: Deciding, status: DisposalStatus | None = None
) -> Response:
    """Disposals, the newest first."""

    def work(session: Session) -> PageView[DisposalView]:
        found = queries.list_disposals(session, act.actor, page, status=status)
        counts = queries.counts_of(session, [one.id for one in found.items])
        audit.record(session, act.actor, Event.DISPOSAL_READ, None, None, at=act.at)
        return page_view(found, lambda one: DisposalView.of(one, counts[one.id]))

    return act.commit(work)


@router.get(
    "/disposals/{disposal_id}",
    response_model=DisposalView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_disposal(disposal_id: UUID, act: Deciding) -> Response:
    """One disposal, and how far it is."""

    def work(session: Session) -> DisposalView:
        disposal = queries.get_disposal(session, act.actor, disposal_id)
        audit.record(session, act.actor, Event.DISPOSAL_READ, "disposal", disposal.id, at=act.at)
        return _view(session, disposal)

    return act.commit(work)


@router.get(
    "/disposals/{disposal_id}/items",
    response_model=PageView[DisposalItemView],
    responses=problems(401, 403, 404, 422, 503),
)
def list_disposal_items(disposal_id: UUID, page: PageQuery, act: Deciding) -> Response:
    """What it is about, by reference; after it was carried out, what stays as its record."""

    def work(session: Session) -> PageView[DisposalItemView]:
        disposal = queries.get_disposal(session, act.actor, disposal_id)
        return page_view(
            queries.list_items(session, disposal.id, page), DisposalItemView.model_validate
        )

    return act.read(work)


@router.post(
    "/disposals/{disposal_id}/approval", response_model=DisposalView, responses=CHANGE_PROBLEMS
)
def approve_disposal(disposal_id: UUID, act: Changing) -> Response:
    """Approve what another colleague proposed; it is carried out within the hour."""

    def work(session: Session) -> DisposalView:
        disposal = service.approve(
            session, act.actor, disposal_id, expected_version=act.expected_version, at=act.at
        )
        return _view(session, disposal)

    return act.commit(work)


@router.post(
    "/disposals/{disposal_id}/rejection", response_model=DisposalView, responses=CHANGE_PROBLEMS
)
def reject_disposal(disposal_id: UUID, body: RejectionBody, act: Changing) -> Response:
    """Reject it, or take back one's own proposal."""

    def work(session: Session) -> DisposalView:
        disposal = service.reject(
            session,
            act.actor,
            disposal_id,
            reason=body.reason,
            expected_version=act.expected_version,
            at=act.at,
        )
        return _view(session, disposal)

    return act.commit(work)


def _view(session: Session, disposal: Disposal) -> DisposalView:
    session.flush()  # the answer carries the new version
    return DisposalView.of(disposal, queries.counts_of(session, [disposal.id])[disposal.id])
