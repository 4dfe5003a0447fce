"""Conflict of interest: colleagues from whom reports are hidden, by a coordinator or by a name."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api import idempotency
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, NotFoundError, invalid
from app.identity import queries as identity_queries
from app.intake import queries
from app.intake.domain import BarKind
from app.intake.models import Report, ReportBar


def bar(
    session: Session, actor: Actor, report_id: UUID, *, account_id: UUID, reason: str, at: datetime
) -> ReportBar:
    """Hide a report from a colleague, who is not told. In a case, bar from the case."""
    actor.require(Permission.CASE_BAR)
    report = _locked(session, actor, report_id)
    if report.handler_id == account_id:
        raise has_work(["handler"])
    return bar_from(session, actor, [report.id], account_id=account_id, reason=reason, at=at)


def lift(
    session: Session, actor: Actor, report_id: UUID, *, account_id: UUID, at: datetime
) -> None:
    actor.require(Permission.CASE_BAR)
    report = _locked(session, actor, report_id)
    lift_from(session, actor, [report.id], account_id=account_id, at=at)


def bar_from(
    session: Session,
    actor: Actor,
    report_ids: Collection[UUID],
    *,
    account_id: UUID,
    reason: str,
    at: datetime,
) -> ReportBar:
    """The reports of one case, or one that is in none. Work there is the caller's to look after.

    Raises InvalidInputError, and ConflictError when no coordinator would be left who sees them.
    """
    if identity_queries.find_account(session, account_id) is None:
        raise invalid("/account_id", "no such colleague", "unknown_account")
    # Acts that wait for a report look again once they have it.
    session.scalars(
        select(Report.id).where(Report.id.in_(report_ids)).order_by(Report.id).with_for_update()
    ).all()
    if queries.is_barred(session, account_id, report_ids):
        raise ConflictError("This colleague is barred.", code="already_barred")
    rows = [
        _put(
            session,
            report_id,
            account_id,
            kind=BarKind.BARRED,
            reason=reason,
            barred_by_id=actor.id,
            at=at,
        )
        for report_id in sorted(report_ids)
    ]
    session.flush()  # the next query sees them
    barred = select(ReportBar.account_id).where(
        ReportBar.report_id == rows[0].report_id, ReportBar.lifted_on.is_(None)
    )
    if not identity_queries.has_active_with(session, Permission.CASE_BAR, without=barred):
        raise ConflictError("No coordinator would be left who sees it.", code="nobody_left")
    idempotency.withhold_answers(session)
    _record(session, actor, Event.COLLEAGUE_BARRED, account_id, rows[0].report_id, rows[0].kind, at)
    return rows[0]


def lift_from(
    session: Session,
    actor: Actor,
    report_ids: Collection[UUID],
    *,
    account_id: UUID,
    at: datetime,
) -> None:
    """Raises NotFoundError when this colleague is not barred."""
    rows = session.scalars(
        select(ReportBar)
        .where(
            ReportBar.account_id == account_id,
            ReportBar.report_id.in_(report_ids),
            ReportBar.lifted_on.is_(None),
        )
        .order_by(ReportBar.report_id)
        .with_for_update()
    ).all()
    if not rows:
        raise NotFoundError
    for row in rows:
        row.lifted_on = local_date(at)
    kind, report_id = rows[0].kind, rows[0].report_id
    _record(session, actor, Event.COLLEAGUE_READMITTED, account_id, report_id, kind, at)


def bar_named(
    session: Session,
    actor: Actor,
    report_ids: Collection[UUID],
    names: Collection[str],
    *,
    at: datetime,
) -> list[UUID]:
    """Bar the colleagues who are called so; answers who.

    Whoever writes the name may be the one who is named: this act is answered, the next is not. A
    bar that was lifted is not put back: a coordinator knew that it is somebody else.
    at: to the day when a report is anonymous.
    """
    barred = []
    for account_id in identity_queries.accounts_named(session, names):
        known = select(ReportBar.report_id).where(
            ReportBar.account_id == account_id, ReportBar.report_id.in_(report_ids)
        )
        if session.scalar(known.limit(1)) is not None:
            continue
        for report_id in sorted(report_ids):
            _put(
                session,
                report_id,
                account_id,
                kind=BarKind.NAMED,
                reason=None,
                barred_by_id=None,
                at=at,
            )
        first = min(report_ids)
        _record(session, actor, Event.COLLEAGUE_BARRED, account_id, first, BarKind.NAMED, at)
        barred.append(account_id)
    if barred:
        session.flush()  # the next query sees them
        idempotency.withhold_answers(session)
    return barred


def join(session: Session, report_ids: Collection[UUID], *, at: datetime) -> list[UUID]:
    """Called by `cases` when reports come together: who is barred from one is barred from all.

    Answers who is barred.
    """
    standing = session.scalars(
        select(ReportBar)
        .where(ReportBar.report_id.in_(report_ids), ReportBar.lifted_on.is_(None))
        .order_by(ReportBar.account_id, ReportBar.report_id)
    ).all()
    by_account = {row.account_id: row for row in reversed(standing)}
    complete = {(row.account_id, row.report_id) for row in standing}
    for account_id, row in by_account.items():
        for report_id in sorted(report_ids):
            if (account_id, report_id) not in complete:
                _put(
                    session,
                    report_id,
                    account_id,
                    kind=row.kind,
                    reason=row.reason,
                    barred_by_id=row.barred_by_id,
                    at=at,
                )
    if by_account:
        session.flush()  # the next query sees them
        idempotency.withhold_answers(session)
    return sorted(by_account)


def has_work(work: Collection[str]) -> ConflictError:
    return ConflictError(
        f"Work is in this colleague's hands, hand it over first: {', '.join(work)}.",
        code="has_work",
    )


def _put(
    session: Session,
    report_id: UUID,
    account_id: UUID,
    *,
    kind: BarKind,
    reason: str | None,
    barred_by_id: UUID | None,
    at: datetime,
) -> ReportBar:
    """A bar that stands, new or in the place of one that was lifted."""
    row = session.get(ReportBar, (account_id, report_id))
    if row is None:
        row = ReportBar(account_id=account_id, report_id=report_id)
        session.add(row)
    row.kind = kind
    row.reason = reason
    row.barred_by_id = barred_by_id
    row.barred_on = local_date(at)
    row.lifted_on = None
    return row


def _locked(session: Session, actor: Actor, report_id: UUID) -> Report:
    report = queries.get_report(session, actor, report_id, for_update=True, even_restricted=True)
    if report.is_in_case:
        raise ConflictError("The report is in a case: bar from the case.", code="report_in_case")
    return report


def _record(
    session: Session,
    actor: Actor,
    event: Event,
    account_id: UUID,
    report_id: UUID,
    kind: BarKind,
    at: datetime,
) -> None:
    audit.record(
        session,
        actor,
        event,
        "account",
        account_id,
        at=at,
        kind=kind.value,
        report_id=str(report_id),
    )
