"""The acts on retention: holding, proposing a disposal, deciding on it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases.models import Case
from app.cases.queries import get_case
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError, invalid
from app.core.rows import insert_rows
from app.intake.models import Report
from app.intake.queries import get_report
from app.retention import due, queries
from app.retention.domain import Basis, DisposalStatus, ItemOutcome, Schedule, SubjectKind
from app.retention.models import Disposal, DisposalItem, RetentionHold

MOST_ITEMS = 1000


def place_hold(
    session: Session,
    actor: Actor,
    *,
    kind: SubjectKind,
    subject_id: UUID,
    reason: str,
    review_on: date,
    at: datetime,
) -> RetentionHold:
    """Keep a case or report whatever its schedule says, until the hold is lifted."""
    actor.require(Permission.RETENTION_MANAGE)
    today = local_date(at)
    if not today < review_on <= date(today.year + 5, today.month, 28):
        raise invalid("/review_on", "a day to come, within five years", "not_in_range")
    get = get_case if kind is SubjectKind.CASE else get_report
    try:
        subject = get(session, actor, subject_id, for_update=True, even_restricted=True)
    except NotFoundError:
        raise invalid("/subject_id", f"no {kind} that you may see", "unknown") from None
    hold = RetentionHold(
        id=uuid4(),
        kind=kind,
        subject_id=subject.id,
        reference=subject.reference,
        reason=reason,
        placed_on=today,
        placed_by_id=actor.account_id,
        review_on=review_on,
        lifted_on=None,
        lifted_by_id=None,
    )
    session.add(hold)
    audit.record(session, actor, Event.RETENTION_HELD, kind.value, subject.id, at=at)
    return hold


def lift_hold(session: Session, actor: Actor, hold_id: UUID, *, at: datetime) -> RetentionHold:
    actor.require(Permission.RETENTION_MANAGE)
    hold = queries.locked_hold(session, hold_id)
    get = get_case if hold.kind is SubjectKind.CASE else get_report
    get(session, actor, hold.subject_id)
    if hold.lifted_on is not None:
        raise ConflictError("The hold was lifted before.", code="hold_lifted")
    hold.lifted_on, hold.lifted_by_id = local_date(at), actor.id
    audit.record(session, actor, Event.RETENTION_RELEASED, hold.kind, hold.subject_id, at=at)
    return hold


def propose(
    session: Session,
    actor: Actor,
    schedule: Schedule,
    *,
    kind: SubjectKind,
    basis: Basis,
    subject_ids: Sequence[UUID] | None,
    reason: str | None,
    at: datetime,
) -> Disposal:
    """Propose that cases or reports go; another colleague decides.

    subject_ids: None is all that is due, the oldest first, at most 1,000. With the basis `erasure`
    they need not be due, and the reason says whose request was granted and why.
    Raises InvalidInputError naming each that cannot go, ConflictError when nothing is due.
    """
    actor.require(Permission.RETENTION_MANAGE)
    today = local_date(at)
    if basis is Basis.ERASURE and (reason is None or subject_ids is None):
        missing = "/reason" if reason is None else "/subject_ids"
        raise invalid(missing, "an erasure names what goes, and why", "missing")
    found = _subjects(session, actor, schedule, kind, basis, subject_ids, today)
    if subject_ids is not None:
        _require_all(subject_ids, {one.id for one in found})
    elif not found:
        raise ConflictError("Nothing is due that is not proposed already.", code="nothing_due")
    disposal = Disposal(
        id=uuid4(),
        kind=kind,
        basis=basis,
        status=DisposalStatus.PROPOSED,
        reason=reason,
        proposed_on=today,
        proposed_by_id=actor.account_id,
    )
    session.add(disposal)
    session.flush()
    is_scheduled = basis is Basis.SCHEDULE
    insert_rows(
        session,
        DisposalItem,
        [
            {
                "disposal_id": disposal.id,
                "subject_id": one.id,
                "reference": one.reference,
                "rule": one.rule if is_scheduled else None,
                "due_on": one.due_on if is_scheduled else None,
                "is_anonymous": one.is_anonymous,
                "outcome": ItemOutcome.WAITING,
            }
            for one in found
        ],
    )
    audit.record(
        session, actor, Event.DISPOSAL_PROPOSED, "disposal", disposal.id, at=at, items=len(found)
    )
    return disposal


def _subjects(
    session: Session,
    actor: Actor,
    schedule: Schedule,
    kind: SubjectKind,
    basis: Basis,
    subject_ids: Sequence[UUID] | None,
    today: date,
) -> list[due.Due]:
    """Which of these may go and are not proposed yet; all that is due when none are named."""
    asked = schedule if basis is Basis.SCHEDULE else None
    if kind is SubjectKind.CASE:
        cases = due.cases_that_may_go(actor, asked, today).where(~queries.is_proposed(Case.id))
        if subject_ids is not None:
            cases = cases.where(Case.id.in_(subject_ids))
        cases = cases.order_by(Case.closed_on, Case.id).limit(MOST_ITEMS)
        return due.due_cases(session, schedule, session.scalars(cases).all())
    reports = due.reports_that_may_go(actor, asked, today).where(~queries.is_proposed(Report.id))
    if subject_ids is not None:
        reports = reports.where(Report.id.in_(subject_ids))
    reports = reports.order_by(Report.received_on, Report.id).limit(MOST_ITEMS)
    return [due.due_report(schedule, one) for one in session.scalars(reports)]


def _require_all(subject_ids: Sequence[UUID], may_go: set[UUID]) -> None:
    wrong = [
        FieldError(
            f"/subject_ids/{place}",
            "is not due, held, under way, proposed already, or nothing that you may see",
            "may_not_go",
        )
        for place, one in enumerate(subject_ids)
        if one not in may_go
    ]
    if wrong:
        raise InvalidInputError(*wrong)


def approve(
    session: Session,
    actor: Actor,
    disposal_id: UUID,
    *,
    expected_version: int | None,
    at: datetime,
) -> Disposal:
    """The second of two people. It is carried out within the hour; until then nothing is gone."""
    disposal = _undecided(session, actor, disposal_id, expected_version)
    if disposal.proposed_by_id == actor.id:
        raise ConflictError(
            "Another colleague than the one who proposed it approves.", code="two_people_needed"
        )
    return _decide(session, actor, disposal, DisposalStatus.APPROVED, None, at)


def reject(
    session: Session,
    actor: Actor,
    disposal_id: UUID,
    *,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> Disposal:
    """Nothing of it goes. Who proposed it may take it back this way."""
    disposal = _undecided(session, actor, disposal_id, expected_version)
    return _decide(session, actor, disposal, DisposalStatus.REJECTED, reason, at)


def _undecided(
    session: Session, actor: Actor, disposal_id: UUID, expected_version: int | None
) -> Disposal:
    disposal = queries.get_disposal(session, actor, disposal_id, for_update=True)
    disposal.require_version(expected_version)
    if disposal.status is not DisposalStatus.PROPOSED:
        raise ConflictError("It was decided before.", code="disposal_decided")
    return disposal


def _decide(
    session: Session,
    actor: Actor,
    disposal: Disposal,
    status: DisposalStatus,
    reason: str | None,
    at: datetime,
) -> Disposal:
    disposal.status = status
    disposal.decided_on, disposal.decided_by_id = local_date(at), actor.id
    disposal.decision_reason = reason
    disposal.touch()
    event = (
        Event.DISPOSAL_APPROVED if status is DisposalStatus.APPROVED else Event.DISPOSAL_REJECTED
    )
    audit.record(session, actor, event, "disposal", disposal.id, at=at)
    return disposal
