"""The reporter's own door: receipt codes, messages, identity given later, withdrawal.

It stays open while the reporter has the processing restricted.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, ActorKind, Permission, Surface
from app.core.clock import day_only, local_date
from app.core.database import Database
from app.core.errors import ConflictError, NotAuthenticatedError
from app.intake import listeners, queries
from app.intake.domain import Direction, ReportStatus, new_receipt_code, receipt_hash
from app.intake.models import Receipt, ReceiptSession, Report, ReportMessage


@dataclass(frozen=True)
class ReceiptToken:
    access_token: str
    expires_in_seconds: int


def issue_receipt(
    session: Session, actor: Actor, report_id: UUID, *, valid_days: int, at: datetime
) -> str:
    """A code for somebody who reported by phone or lost theirs; an earlier code ends."""
    actor.require(Permission.REPORT_HANDLE)
    report = queries.get_report(session, actor, report_id, for_update=True, even_restricted=True)
    code = new_receipt_code()
    session.merge(
        Receipt(
            report_id=report.id,
            code_hash=receipt_hash(code),
            expires_on=local_date(at) + timedelta(days=valid_days),
        )
    )
    session.execute(delete(ReceiptSession).where(ReceiptSession.report_id == report.id))
    audit.record(session, actor, Event.RECEIPT_ISSUED, "report", report.id, at=at)
    return code


def open_with_receipt(
    session: Session, actor: Actor, code: str, *, lifetime: timedelta, at: datetime
) -> ReceiptToken:
    """A short-lived token for the one report of this code.

    Raises NotAuthenticatedError: the same for a wrong, an expired and a never-issued code.
    """
    receipt = queries.find_receipt(session, receipt_hash(code), local_date(at))
    if receipt is None:
        raise NotAuthenticatedError("This code opens no report.", code="wrong_receipt")
    token = secrets.token_urlsafe(32)
    session.add(
        ReceiptSession(
            token_hash=_hash(token), report_id=receipt.report_id, expires_at=at + lifetime
        )
    )
    report = session.get_one(Report, receipt.report_id)
    audit.record(session, actor, Event.RECEIPT_USED, "report", report.id, at=_noted_at(report, at))
    return ReceiptToken(token, int(lifetime.total_seconds()))


def authenticate(database: Database, token: str, at: datetime) -> Actor | None:
    """The receipt holder of this token; None when it is unknown or expired."""
    with database.snapshot() as session:
        found = queries.find_receipt_session(session, _hash(token))
    if found is None or found.expires_at <= at:
        return None
    return Actor(ActorKind.REPORTER, Surface.PUBLIC, found.report_id)


def forget_expired(session: Session, *, at: datetime) -> None:
    session.execute(delete(ReceiptSession).where(ReceiptSession.expires_at < at))


def write_as_reporter(session: Session, actor: Actor, body: str, *, at: datetime) -> Report:
    report = queries.own_report(session, actor, for_update=True)
    _require_standing(report)
    _append(
        session, report, Direction.FROM_REPORTER, body, author_id=None, at=_noted_at(report, at)
    )
    audit.record(session, actor, Event.MESSAGE_SENT, "report", report.id, at=_noted_at(report, at))
    return report


def write_as_bureau(
    session: Session, actor: Actor, report_id: UUID, body: str, *, at: datetime
) -> Report:
    """A message to the reporter; the first one acknowledges the report."""
    actor.require(Permission.REPORT_HANDLE)
    report = queries.get_report(session, actor, report_id, for_update=True, even_restricted=True)
    _require_standing(report)
    _append(session, report, Direction.FROM_BUREAU, body, author_id=actor.id, at=at)
    if report.acknowledged_on is None:
        report.acknowledged_on = local_date(at)
    if report.status is ReportStatus.RECEIVED:
        report.status = ReportStatus.REGISTERED
    report.touch()
    audit.record(session, actor, Event.MESSAGE_SENT, "report", report.id, at=at)
    return report


def identify(
    session: Session,
    actor: Actor,
    *,
    name: str,
    email: str | None,
    phone: str | None,
    postal: str | None,
    at: datetime,
) -> Report:
    """An anonymous reporter now wants to be known. What was kept to the day stays so."""
    report = queries.own_report(session, actor, for_update=True)
    _require_standing(report)
    if not report.is_anonymous:
        raise ConflictError("The bureau already knows who reported this.", code="already_known")
    noted_at = _noted_at(report, at)
    report.is_anonymous = False
    report.reporter_name = name
    report.reporter_email = email
    report.reporter_phone = phone
    report.reporter_postal = postal
    report.touch()
    audit.record(session, actor, Event.REPORTER_IDENTIFIED, "report", report.id, at=noted_at)
    return report


def withdraw(session: Session, actor: Actor, *, reason: str | None, at: datetime) -> Report:
    """The reporter takes the report back: nothing more is done with it, and nobody approached."""
    if actor.id is not None:
        listeners.before_withdrawal(session, actor.id)
    report = queries.own_report(session, actor, for_update=True)
    _require_standing(report)
    noted_at = _noted_at(report, at)
    if reason is not None:
        _append(session, report, Direction.FROM_REPORTER, reason, author_id=None, at=noted_at)
    if report.status is not ReportStatus.DUPLICATE:
        # One that repeats another goes on to stand for nothing: withdrawn, it would be counted.
        report.status = ReportStatus.WITHDRAWN
    report.consent_contact = False
    report.consent_approach_respondent = False
    report.consent_share_with_partners = False
    report.touch()
    audit.record(session, actor, Event.REPORT_WITHDRAWN, "report", report.id, at=noted_at)
    listeners.on_withdrawal(session, actor, report.id, noted_at)
    return report


def _append(
    session: Session,
    report: Report,
    direction: Direction,
    body: str,
    *,
    author_id: UUID | None,
    at: datetime,
) -> None:
    last = session.scalar(
        select(func.max(ReportMessage.position)).where(ReportMessage.report_id == report.id)
    )
    session.add(
        ReportMessage(
            report_id=report.id,
            position=(last or 0) + 1,
            direction=direction,
            body=body,
            sent_at=at,
            author_id=author_id,
        )
    )
    session.flush()  # whoever reads the dialogue next in this transaction sees it


def _require_standing(report: Report) -> None:
    if report.status is ReportStatus.WITHDRAWN:
        raise ConflictError("The report was withdrawn.", code="report_withdrawn")


def _noted_at(report: Report, at: datetime) -> datetime:
    return day_only(at) if report.is_anonymous else at


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
