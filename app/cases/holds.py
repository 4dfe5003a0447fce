"""Periods in which a case waits."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases import queries
from app.cases.domain import TimelineKind, require_open
from app.cases.models import Case, CaseHold
from app.cases.timeline import note
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, invalid


def hold(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    reason: str,
    expected_until: date | None,
    expected_version: int | None,
    at: datetime,
) -> Case:
    """Let the case wait. It goes on with `resume`."""
    actor.require(Permission.CASE_HANDLE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    case.require_version(expected_version)
    require_open(case.status)
    require_not_on_hold(session, case.id)
    today = local_date(at)
    if expected_until is not None and expected_until < today:
        raise invalid("/expected_until", "lies in the past", "in_past")
    session.add(
        CaseHold(case_id=case.id, started_on=today, expected_until=expected_until, reason=reason)
    )
    session.flush()  # the answer shows the hold
    case.touch()
    note(session, actor, case.id, TimelineKind.HELD, at=at, remark=reason)
    audit.record(session, actor, Event.CASE_HELD, "case", case.id, at=at)
    return case


def resume(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int | None, at: datetime
) -> Case:
    actor.require(Permission.CASE_HANDLE)
    case = queries.get_case(session, actor, case_id, for_update=True)
    case.require_version(expected_version)
    standing = queries.open_hold(session, case.id)
    if standing is None:
        raise ConflictError("The case is not on hold.", code="case_not_on_hold")
    standing.ended_on = local_date(at)
    case.touch()
    note(session, actor, case.id, TimelineKind.RESUMED, at=at)
    audit.record(session, actor, Event.CASE_RESUMED, "case", case.id, at=at)
    return case


def require_not_on_hold(session: Session, case_id: UUID) -> None:
    if queries.open_hold(session, case_id) is not None:
        raise ConflictError("The case is on hold; resume it first.", code="case_on_hold")
