"""Reading holds and disposals."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from app.cases.models import Case
from app.cases.queries import is_visible_to as is_case_visible_to
from app.core.access import Actor, Permission
from app.core.due import DueItem
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.intake.models import Report
from app.intake.queries import is_visible_to as is_report_visible_to
from app.retention.domain import DisposalStatus, ItemOutcome
from app.retention.models import Disposal, DisposalItem, RetentionHold


def visible_holds(actor: Actor) -> Select[RetentionHold]:
    """Those that stand, of cases and reports that the actor may see."""
    actor.require(Permission.RETENTION_MANAGE)
    return (
        select(RetentionHold)
        .outerjoin(Case, Case.id == RetentionHold.subject_id)
        .outerjoin(Report, Report.id == RetentionHold.subject_id)
        .where(
            RetentionHold.lifted_on.is_(None),
            or_(
                and_(Case.id.is_not(None), is_case_visible_to(actor)),
                and_(Report.id.is_not(None), is_report_visible_to(actor)),
            ),
        )
    )


def list_holds(session: Session, actor: Actor, page: PageRequest) -> Page[RetentionHold]:
    """The oldest first."""
    order = (RetentionHold.placed_on, RetentionHold.id)
    return fetch_page(session, visible_holds(actor), page, order=order)


def due_holds(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Holds of which somebody must see whether they are still needed."""
    if not actor.may(Permission.RETENTION_MANAGE):
        return []
    rows = session.execute(
        visible_holds(actor)
        .where(RetentionHold.review_on <= until)
        .order_by(RetentionHold.review_on, RetentionHold.id)
        .limit(most)
        .with_only_columns(RetentionHold.review_on, RetentionHold.id, RetentionHold.reference)
    )
    return [
        DueItem("review_hold", review_on, "retention_hold", hold_id, reference, None)
        for review_on, hold_id, reference in rows
    ]


def due_disposals(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Disposals that wait for a second person, for all but who proposed them."""
    if not actor.may(Permission.DISPOSAL_DECIDE):
        return []
    rows = session.execute(
        select(Disposal.proposed_on, Disposal.id, Disposal.kind)
        .where(
            Disposal.status == DisposalStatus.PROPOSED,
            Disposal.proposed_by_id != actor.id,
            Disposal.proposed_on <= until,
        )
        .order_by(Disposal.proposed_on, Disposal.id)
        .limit(most)
    )
    return [
        DueItem("decide_on_disposal", proposed_on, "disposal", disposal_id, kind.value, None)
        for proposed_on, disposal_id, kind in rows
    ]


def locked_hold(session: Session, hold_id: UUID) -> RetentionHold:
    """Raises NotFoundError."""
    found = session.get(RetentionHold, hold_id, with_for_update=True)
    if found is None:
        raise NotFoundError
    return found


def list_disposals(
    session: Session, actor: Actor, page: PageRequest, *, status: DisposalStatus | None
) -> Page[Disposal]:
    """The newest first."""
    actor.require(Permission.DISPOSAL_DECIDE)
    query = select(Disposal)
    if status is not None:
        query = query.where(Disposal.status == status)
    order = (Disposal.proposed_on, Disposal.id)
    return fetch_page(session, query, page, order=order, descending=True)


def get_disposal(
    session: Session, actor: Actor, disposal_id: UUID, *, for_update: bool = False
) -> Disposal:
    actor.require(Permission.DISPOSAL_DECIDE)
    found = session.get(Disposal, disposal_id, with_for_update=for_update or None)
    if found is None:
        raise NotFoundError
    return found


def list_items(session: Session, disposal_id: UUID, page: PageRequest) -> Page[DisposalItem]:
    query = select(DisposalItem).where(DisposalItem.disposal_id == disposal_id)
    return fetch_page(session, query, page, order=(DisposalItem.reference, DisposalItem.subject_id))


def counts_of(
    session: Session, disposal_ids: Collection[UUID]
) -> dict[UUID, dict[ItemOutcome, int]]:
    counts = {one: dict.fromkeys(ItemOutcome, 0) for one in disposal_ids}
    rows = session.execute(
        select(DisposalItem.disposal_id, DisposalItem.outcome, func.count())
        .where(DisposalItem.disposal_id.in_(disposal_ids))
        .group_by(DisposalItem.disposal_id, DisposalItem.outcome)
    )
    for disposal_id, outcome, count in rows:
        counts[disposal_id][outcome] = count
    return counts


def is_proposed(subject: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Whether it waits in a disposal that is not yet decided or carried out."""
    return exists().where(
        DisposalItem.subject_id == subject,
        DisposalItem.outcome == ItemOutcome.WAITING,
        Disposal.id == DisposalItem.disposal_id,
        Disposal.status.in_([DisposalStatus.PROPOSED, DisposalStatus.APPROVED]),
    )
