"""Reading reports. Every query starts from what the actor may see."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from app.core.access import Actor, ActorKind, Permission
from app.core.due import DueItem
from app.core.errors import ConflictError, NotFoundError
from app.core.folding import fold
from app.core.paging import Page, PageRequest, fetch_page
from app.intake.domain import AWAITING_TRIAGE, ReportStatus
from app.intake.models import (
    MassEvent,
    Receipt,
    ReceiptSession,
    Report,
    ReportBar,
    ReporterTraits,
    ReportGround,
    ReportMessage,
    Triage,
)
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList

REFERENCE_FORM = re.compile(r"r-\d{1,4}(-\d*)?", re.IGNORECASE)
"""The beginning of a reference, as people type it."""


@dataclass(frozen=True)
class ReportFilter:
    """Each None does not filter. Periods are inclusive."""

    status: ReportStatus | None = None
    request: str | None = None
    channel: str | None = None
    ground: str | None = None
    domain: str | None = None
    municipality: str | None = None
    district: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    handler: UUID | None = None
    overdue: bool | None = None
    q: str | None = None

    @property
    def is_by_common_code(self) -> bool:
        """Filters by a code that many reports share, not by a place or a period."""
        return any((self.request, self.channel, self.ground, self.domain))


def is_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The reports this actor may know of: those of restricted cases only for who handles them, and
    none that the actor is barred from or that was disposed of."""
    is_open: ColumnElement[bool] = Report.disposed_on.is_(None)
    if not actor.may(Permission.CASE_READ_RESTRICTED):
        is_mine = or_(Report.is_restricted.is_(False), Report.restricted_to_id == actor.id)
        is_open = and_(is_open, is_mine)
    return and_(is_open, Report.id.not_in(barred_ids(actor)))


def barred_ids(actor: Actor) -> Select[UUID]:
    """The reports that this colleague is barred from: few, so a list looks them up once."""
    return (
        select(ReportBar.report_id)
        .where(ReportBar.account_id == actor.id, ReportBar.lifted_on.is_(None))
        .correlate(None)
    )


def is_barred(session: Session, account_id: UUID | None, report_ids: Collection[UUID]) -> bool:
    """Whether this colleague is barred from one of these reports."""
    found = select(ReportBar.report_id).where(
        ReportBar.account_id == account_id,
        ReportBar.report_id.in_(report_ids),
        ReportBar.lifted_on.is_(None),
    )
    return session.scalar(found.limit(1)) is not None


def visible_reports(actor: Actor) -> Select[Report]:
    actor.require(Permission.REPORT_READ)
    return select(Report).where(is_visible_to(actor))


def get_report(
    session: Session,
    actor: Actor,
    report_id: UUID,
    *,
    for_update: bool = False,
    even_restricted: bool = False,
) -> Report:
    """even_restricted: for the few acts that neither change nor share what is in it."""
    query = visible_reports(actor).where(Report.id == report_id)
    if for_update:
        query = query.with_for_update()
    report = session.scalar(query)
    if report is None:
        raise NotFoundError
    if for_update and is_barred(session, actor.id, [report.id]):
        raise NotFoundError  # barred while this waited for the lock
    if for_update and not even_restricted:
        require_unrestricted(report)
    return report


def require_unrestricted(*reports: Report) -> None:
    """Raises ConflictError when the person had the processing of one restricted."""
    if any(report.processing_restricted_on is not None for report in reports):
        raise ConflictError(
            "The person had the processing restricted: it can be read, not changed or shared.",
            code="processing_restricted",
        )


def require_all_unrestricted(session: Session, report_ids: Collection[UUID]) -> None:
    """As `require_unrestricted`, of reports that are not loaded: what is locked by the caller."""
    restricted = select(Report).where(
        Report.id.in_(report_ids), Report.processing_restricted_on.is_not(None)
    )
    require_unrestricted(*session.scalars(restricted.limit(1)))


def list_reports(
    session: Session, actor: Actor, wanted: ReportFilter, page: PageRequest, *, today: date
) -> Page[Report]:
    """The newest day first."""
    require_codes(session, wanted)
    query = visible_reports(actor).where(*report_conditions(wanted, today=today))
    return fetch_page(session, query, page, order=(Report.received_on, Report.id), descending=True)


def require_codes(session: Session, wanted: ReportFilter, within: str = "/query") -> None:
    """Raises InvalidInputError naming every filter whose code is none."""
    vocabulary.current(session).require_known(
        within,
        request=(CodeList.REQUESTS, wanted.request),
        channel=(CodeList.CHANNELS, wanted.channel),
        ground=(CodeList.GROUNDS, wanted.ground),
        domain=(CodeList.DOMAINS, wanted.domain),
    )


def report_conditions(wanted: ReportFilter, *, today: date) -> list[ColumnElement[bool]]:
    """The filter as conditions on Report."""
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (Report.status, wanted.status),
        (Report.request, wanted.request),
        (Report.channel, wanted.channel),
        (Report.domain, wanted.domain),
        (Report.incident_municipality, wanted.municipality),
        (Report.incident_district, wanted.district),
        (Report.handler_id, wanted.handler),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.ground is not None:
        found.append(
            exists().where(ReportGround.report_id == Report.id, ReportGround.code == wanted.ground)
        )
    if wanted.received_from is not None:
        found.append(Report.received_on >= wanted.received_from)
    if wanted.received_to is not None:
        found.append(Report.received_on <= wanted.received_to)
    if wanted.overdue is not None:
        overdue = is_overdue(today)
        found.append(overdue if wanted.overdue else ~overdue)
    if wanted.q is not None:
        found.append(matches(wanted.q))
    return found


def matches(q: str) -> ColumnElement[bool]:
    """Reports whose reference begins with `q`, or whose organisation or place holds it.

    The inner query reads only the index on search_text, not the reports themselves.
    """
    if REFERENCE_FORM.fullmatch(q):
        return Report.reference.between(q.upper(), q.upper() + "~")
    inner = aliased(Report)
    found = select(inner.id).where(inner.search_text.contains(fold(q), autoescape=True))
    return Report.id.in_(found)


def is_overdue(today: date) -> ColumnElement[bool]:
    """Nobody decided yet, and a promised day has passed."""
    return and_(
        Report.status.in_(AWAITING_TRIAGE),
        or_(
            and_(Report.acknowledged_on.is_(None), Report.acknowledge_by < today),
            and_(Report.answered_on.is_(None), Report.answer_by < today),
        ),
    )


def visible_among(session: Session, actor: Actor, ids: Collection[UUID | None]) -> set[UUID]:
    """Which of these reports this actor may know of."""
    if not ids:
        return set()
    found = visible_reports(actor).where(Report.id.in_(ids)).with_only_columns(Report.id)
    return set(session.scalars(found))


def list_bars(session: Session, report_id: UUID, page: PageRequest) -> Page[ReportBar]:
    """Those that stand, the oldest first."""
    query = select(ReportBar).where(ReportBar.report_id == report_id, ReportBar.lifted_on.is_(None))
    return fetch_page(session, query, page, order=(ReportBar.barred_on, ReportBar.account_id))


def traits_of(session: Session, report_id: UUID) -> ReporterTraits | None:
    return session.get(ReporterTraits, report_id)


def messages_of(session: Session, report_id: UUID) -> list[ReportMessage]:
    return list(
        session.scalars(
            select(ReportMessage)
            .where(ReportMessage.report_id == report_id)
            .order_by(ReportMessage.position)
        )
    )


def triages_of(session: Session, report_id: UUID) -> list[Triage]:
    return list(
        session.scalars(
            select(Triage)
            .where(Triage.report_id == report_id)
            .order_by(Triage.decided_at, Triage.id)
        )
    )


_REFERENCE = select(Report.id).where(Report.reference == bindparam("reference"))


def has_reference(session: Session, reference: str) -> bool:
    found = session.connection().execute(_REFERENCE, {"reference": reference})
    return found.scalar() is not None


def find_receipt(session: Session, code_hash: str, today: date) -> Receipt | None:
    return session.scalar(
        select(Receipt).where(Receipt.code_hash == code_hash, Receipt.expires_on >= today)
    )


def find_receipt_session(session: Session, token_hash: str) -> ReceiptSession | None:
    return session.get(ReceiptSession, token_hash)


def own_report(session: Session, actor: Actor, *, for_update: bool = False) -> Report:
    """The one report of a receipt holder."""
    actor.require(Permission.OWN_REPORT)
    query = select(Report).where(Report.id == actor.id, Report.disposed_on.is_(None))
    if for_update:
        query = query.with_for_update()
    report = session.scalar(query)
    if report is None:
        raise NotFoundError
    return report


def require_for_files(session: Session, actor: Actor, report_id: UUID, for_writing: bool) -> None:
    """Whether the actor may see, or add to, the files of a report.

    Raises NotFoundError when hidden; ConflictError when a reporter who took it back would add.
    """
    if actor.kind is ActorKind.REPORTER:
        report = own_report(session, actor)
        if report.id != report_id:
            raise NotFoundError
        if for_writing and report.status is ReportStatus.WITHDRAWN:
            raise ConflictError("The report was withdrawn.", code="report_withdrawn")
        return
    if for_writing:
        actor.require(Permission.REPORT_HANDLE)
    report = get_report(session, actor, report_id)
    if for_writing:
        require_unrestricted(report)


def visible_events(actor: Actor) -> Select[MassEvent]:
    """An event all of whose reports are hidden would tell of them."""
    actor.require(Permission.REPORT_READ)
    return select(MassEvent).where(
        exists().where(Report.event_id == MassEvent.id, is_visible_to(actor))
    )


def list_events(session: Session, actor: Actor, page: PageRequest) -> Page[MassEvent]:
    return fetch_page(
        session,
        visible_events(actor),
        page,
        order=(MassEvent.created_on, MassEvent.id),
        descending=True,
    )


def get_event(session: Session, actor: Actor, event_id: UUID) -> MassEvent:
    event = session.scalar(visible_events(actor).where(MassEvent.id == event_id))
    if event is None:
        raise NotFoundError
    return event


def event_report_ids(session: Session, actor: Actor, event_id: UUID) -> list[UUID]:
    """Only the reports that this actor may know of."""
    return list(
        session.scalars(
            select(Report.id)
            .where(Report.event_id == event_id, is_visible_to(actor))
            .order_by(Report.received_on, Report.id)
        )
    )


def due_acknowledgements(
    session: Session, actor: Actor, until: date, most: int
) -> Sequence[DueItem]:
    rows = session.scalars(
        visible_reports(actor)
        .where(
            Report.status.in_(AWAITING_TRIAGE),
            Report.acknowledged_on.is_(None),
            Report.acknowledge_by <= until,
        )
        .order_by(Report.acknowledge_by, Report.id)
        .limit(most)
    )
    return [
        DueItem("acknowledge_report", r.acknowledge_by, "report", r.id, r.reference, r.handler_id)
        for r in rows
    ]


def due_answers(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    rows = session.scalars(
        visible_reports(actor)
        .where(
            Report.status.in_(AWAITING_TRIAGE),
            Report.answered_on.is_(None),
            Report.answer_by <= until,
        )
        .order_by(Report.answer_by, Report.id)
        .limit(most)
    )
    return [
        DueItem("answer_report", r.answer_by, "report", r.id, r.reference, r.handler_id)
        for r in rows
    ]
