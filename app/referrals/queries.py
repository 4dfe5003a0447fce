"""Reading referrals: for the bureau as visible as their report, for a partner only its own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from app.cases.models import Case, CaseReport
from app.core.access import Actor, Permission
from app.core.clock import day_only
from app.core.due import DueItem
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.core.partner_rows import house_rows
from app.intake.domain import ReportStatus
from app.intake.models import Report, ReportBar
from app.intake.queries import is_barred, is_visible_to, require_all_unrestricted
from app.partners.load import PartnerLoad
from app.partners.models import Partner
from app.referrals.domain import (
    CLOSED_TO_PARTNER,
    RUNNING,
    ReferralDirection,
    ReferralPurpose,
    ReferralStatus,
    Refusal,
)
from app.referrals.models import Referral, ReferralMessage


@dataclass(frozen=True)
class ReferralFilter:
    """Each None does not filter."""

    partner: UUID | None = None
    status: ReferralStatus | None = None
    direction: ReferralDirection | None = None
    overdue: bool | None = None
    report_id: UUID | None = None
    case_id: UUID | None = None


def visible_referrals(actor: Actor) -> Select[Referral]:
    """A report of a restricted case hides its referrals too."""
    actor.require(Permission.REFERRAL_READ)
    return (
        select(Referral).join(Report, Report.id == Referral.report_id).where(is_visible_to(actor))
    )


def get_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    found = session.scalar(visible_referrals(actor).where(Referral.id == referral_id))
    if found is None:
        raise NotFoundError
    return found


def locked_referral(
    session: Session, actor: Actor, referral_id: UUID, *, even_restricted: bool = False
) -> Referral:
    """The case first, if there is one, then the referral.

    even_restricted: for what ends the sharing.
    """
    report_id = session.scalar(
        visible_referrals(actor)
        .where(Referral.id == referral_id)
        .with_only_columns(Referral.report_id)
    )
    if report_id is None:
        raise NotFoundError
    lock_case_of(session, report_id)
    if is_barred(session, actor.id, [report_id]):
        raise NotFoundError  # barred while this waited for the lock
    found = session.get_one(Referral, referral_id, with_for_update=True)
    if not even_restricted:
        require_all_unrestricted(session, [report_id])
    return found


def list_referrals(
    session: Session, actor: Actor, wanted: ReferralFilter, page: PageRequest, *, today: date
) -> Page[Referral]:
    """The newest day first."""
    query = visible_referrals(actor)
    for column, value in (
        (Referral.partner_id, wanted.partner),
        (Referral.status, wanted.status),
        (Referral.direction, wanted.direction),
        (Referral.report_id, wanted.report_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.case_id is not None:
        reports = select(CaseReport.report_id).where(CaseReport.case_id == wanted.case_id)
        query = query.where(Referral.report_id.in_(reports))
    if wanted.overdue is not None:
        # A case of its own for the dates: compared with an empty one, NOT would be unknown.
        overdue = func.coalesce(_is_overdue(today), False)
        query = query.where(overdue if wanted.overdue else ~overdue)
    return fetch_page(session, query, page, order=(Referral.made_on, Referral.id), descending=True)


def partner_referrals(actor: Actor) -> Select[Referral]:
    """What this partner may know of: withdrawn referrals, and those of a report that was disposed
    of, are not there any more."""
    actor.require(Permission.REFERRAL_ANSWER)
    return select(Referral).where(
        Referral.partner_id == actor.partner_id,
        Referral.status.not_in(CLOSED_TO_PARTNER),
        Referral.refused_on.is_(None),
        ~exists().where(Report.id == Referral.report_id, Report.disposed_on.is_not(None)),
    )


def list_partner_referrals(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    direction: ReferralDirection | None,
    status: ReferralStatus | None,
) -> Page[Referral]:
    """The newest day first."""
    query = partner_referrals(actor)
    if direction is not None:
        query = query.where(Referral.direction == direction)
    if status is not None:
        query = query.where(Referral.status == status)
    return fetch_page(session, query, page, order=(Referral.made_on, Referral.id), descending=True)


def partner_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """Held until the trail has it: consent taken back meanwhile waits, and counts from then on."""
    found = session.scalar(
        partner_referrals(actor).where(Referral.id == referral_id).with_for_update(read=True)
    )
    if found is None:
        raise NotFoundError
    return found


def locked_partner_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """The case first, if there is one, then the referral as it is once it is locked."""
    own = partner_referrals(actor).where(Referral.id == referral_id)
    report_id = session.scalar(own.with_only_columns(Referral.report_id))
    found = None
    if report_id is not None:
        lock_case_of(session, report_id)
        found = session.scalar(own.with_for_update())
    if found is None:
        raise NotFoundError
    require_all_unrestricted(session, [found.report_id])
    return found


def lock_case_of(session: Session, report_id: UUID) -> None:
    with house_rows(session):
        case_id = session.scalar(
            select(CaseReport.case_id).where(CaseReport.report_id == report_id)
        )
        if case_id is not None:
            session.get_one(Case, case_id, with_for_update=True)


def locked_running_of(session: Session, report_id: UUID) -> list[Referral]:
    """The referrals out of a report that still run."""
    return list(
        session.scalars(
            select(Referral)
            .where(Referral.report_id == report_id, Referral.status.in_(RUNNING))
            .order_by(Referral.id)
            .with_for_update()
        )
    )


def running_to(
    session: Session, report_id: UUID, partner_id: UUID, purpose: ReferralPurpose
) -> UUID | None:
    """A referral of this report to this partner for this purpose that still runs."""
    return session.scalar(
        select(Referral.id).where(
            Referral.report_id == report_id,
            Referral.partner_id == partner_id,
            Referral.purpose == purpose,
            Referral.status.in_(RUNNING),
        )
    )


def refusals_of(
    session: Session, report_id: UUID, partner_id: UUID, purpose: ReferralPurpose | None = None
) -> list[Refusal]:
    """Each time the reporter took consent for this partner back; purpose: None is any."""
    query = select(Referral.refused_on, Referral.refused_at).where(
        Referral.report_id == report_id,
        Referral.partner_id == partner_id,
        Referral.refused_on.is_not(None),
    )
    if purpose is not None:
        # A referral in may have no purpose: what was refused then is the partner.
        query = query.where(or_(Referral.purpose == purpose, Referral.purpose.is_(None)))
    return [Refusal(on, at) for on, at in session.execute(query) if on is not None]


def first_received_on(session: Session, report: Report) -> date:
    """Of the report and those that are in one case with it, the first."""
    together = select(CaseReport.case_id).where(CaseReport.report_id == report.id)
    first = session.scalar(
        select(func.min(Report.received_on))
        .join(CaseReport, CaseReport.report_id == Report.id)
        .where(CaseReport.case_id.in_(together))
    )
    return min(first or report.received_on, report.received_on)


def standing_report_ids(session: Session, case_id: UUID) -> list[UUID]:
    """The reports of a case that were not withdrawn."""
    return list(
        session.scalars(
            select(Report.id)
            .join(CaseReport, CaseReport.report_id == Report.id)
            .where(CaseReport.case_id == case_id, Report.status != ReportStatus.WITHDRAWN)
        )
    )


def report_of(session: Session, referral: Referral) -> Report:
    return session.get_one(Report, referral.report_id)


def case_of(session: Session, report_id: UUID) -> Case | None:
    with house_rows(session):
        return session.scalar(
            select(Case)
            .join(CaseReport, CaseReport.case_id == Case.id)
            .where(CaseReport.report_id == report_id)
        )


def messages_of(session: Session, referral_id: UUID) -> list[ReferralMessage]:
    return list(
        session.scalars(
            select(ReferralMessage)
            .where(ReferralMessage.referral_id == referral_id)
            .order_by(ReferralMessage.position)
        )
    )


def noted_at(session: Session, referral: Referral, at: datetime) -> datetime:
    """What may be kept of a time: of an anonymous client's referral in, the day."""
    if referral.direction is ReferralDirection.IN and report_of(session, referral).is_anonymous:
        return day_only(at)
    return at


def next_message_position(session: Session, referral_id: UUID) -> int:
    """From 1. The referral is locked by the caller."""
    last = select(func.max(ReferralMessage.position)).where(
        ReferralMessage.referral_id == referral_id
    )
    return (session.scalar(last) or 0) + 1


def due_answers(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Offers that a partner should have answered."""
    return _due(
        session, actor, "referral_answer", ReferralStatus.OFFERED, Referral.answer_by, until, most
    )


def due_results(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Accepted referrals that a partner should have completed."""
    return _due(
        session, actor, "referral_result", ReferralStatus.ACCEPTED, Referral.result_by, until, most
    )


def due_endings(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Running referrals of partners that stop: to withdraw, or to refer elsewhere."""
    rows = session.execute(
        visible_referrals(actor)
        .join(Partner, Partner.id == Referral.partner_id)
        .outerjoin(CaseReport, CaseReport.report_id == Report.id)
        .outerjoin(Case, Case.id == CaseReport.case_id)
        .where(Referral.status.in_(RUNNING), Partner.active_to <= until)
        .order_by(Partner.active_to, Referral.id)
        .limit(most)
        .with_only_columns(
            Partner.active_to,
            Referral.id,
            func.coalesce(Case.reference, Report.reference),
            func.coalesce(Case.handler_id, Report.handler_id, Referral.made_by_id),
        )
    )
    return [
        DueItem("referral_partner_ends", day, "referral", referral_id, reference, assignee_id)
        for day, referral_id, reference, assignee_id in rows
        if day is not None
    ]


def load_of(session: Session, partner_ids: Collection[UUID]) -> Mapping[UUID, PartnerLoad]:
    """For each partner: referrals out that run, and the median days until it answered.

    Without those of restricted cases, and of reports that somebody is barred from, for everybody:
    whoever lists the referrals of a partner subtracts, and the rest would tell of them.
    """
    barred = select(ReportBar.report_id).where(ReportBar.lifted_on.is_(None))
    rows = session.execute(
        select(Referral.partner_id, Referral.status, Referral.made_on, Referral.answered_on)
        .join(Report, Report.id == Referral.report_id)
        .where(
            Referral.partner_id.in_(partner_ids),
            Referral.direction == ReferralDirection.OUT,
            Report.is_restricted.is_(False),
            Report.id.not_in(barred),
            or_(Referral.status.in_(RUNNING), Referral.answered_on.is_not(None)),
        )
    ).all()
    running = dict.fromkeys(partner_ids, 0)
    days: dict[UUID, list[int]] = {partner_id: [] for partner_id in partner_ids}
    for partner_id, status, made_on, answered_on in rows:
        running[partner_id] += status in RUNNING
        if answered_on is not None:
            days[partner_id].append((answered_on - made_on).days)
    return {
        p: PartnerLoad(running[p], float(median(days[p])) if days[p] else None) for p in running
    }


def answer_days_of_partner(
    session: Session, actor: Actor, *, first: date, last: date
) -> list[int | None]:
    """Of each referral that this partner was offered in a period and may know of: days until it
    answered, None when it did not."""
    rows = session.execute(
        partner_referrals(actor)
        .where(Referral.direction == ReferralDirection.OUT, Referral.made_on.between(first, last))
        .with_only_columns(Referral.made_on, Referral.answered_on)
    )
    return [None if answered is None else (answered - made).days for made, answered in rows]


def _due(
    session: Session,
    actor: Actor,
    kind: str,
    status: ReferralStatus,
    due_on: InstrumentedAttribute[date | None],
    until: date,
    most: int,
) -> list[DueItem]:
    rows = session.execute(
        visible_referrals(actor)
        .outerjoin(CaseReport, CaseReport.report_id == Report.id)
        .outerjoin(Case, Case.id == CaseReport.case_id)
        .where(Referral.status == status, due_on <= until)
        .order_by(due_on, Referral.id)
        .limit(most)
        .with_only_columns(
            due_on,
            Referral.id,
            func.coalesce(Case.reference, Report.reference),
            func.coalesce(Case.handler_id, Report.handler_id, Referral.made_by_id),
        )
    )
    return [
        DueItem(kind, day, "referral", referral_id, reference, assignee_id)
        for day, referral_id, reference, assignee_id in rows
        if day is not None
    ]


def _is_overdue(today: date) -> ColumnElement[bool]:
    return or_(
        and_(Referral.status == ReferralStatus.OFFERED, Referral.answer_by < today),
        and_(Referral.status == ReferralStatus.ACCEPTED, Referral.result_by < today),
    )
