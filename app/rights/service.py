"""The acts on a request of a person: registering, linking, checking who asks, deciding."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases.models import Case
from app.cases.queries import visible_cases
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, FieldError, InvalidInputError, invalid
from app.intake.models import Report
from app.intake.queries import get_report, visible_reports
from app.retention.domain import SubjectKind
from app.rights import queries
from app.rights.domain import (
    Decision,
    IdentityCheck,
    MaskKind,
    PersonRole,
    RefusalGround,
    RequestKind,
    answer_by,
)
from app.rights.models import PersonRequest, RequestSubject


def register(
    session: Session,
    actor: Actor,
    *,
    kind: RequestKind,
    role: PersonRole,
    language: str,
    received_on: date,
    name: str | None,
    contact: str | None,
    at: datetime,
) -> PersonRequest:
    """name, contact: None for who reported anonymously and shows the receipt code."""
    actor.require(Permission.PERSON_REQUEST_MANAGE)
    today = local_date(at)
    if received_on > today:
        raise invalid("/received_on", "lies in the future", "in_future")
    request = PersonRequest(
        id=uuid4(),
        kind=kind,
        role=role,
        language=language,
        requester_name=name,
        requester_contact=contact,
        received_on=received_on,
        due_on=answer_by(received_on),
        registered_on=today,
        registered_by_id=actor.account_id,
    )
    session.add(request)
    session.flush()  # the answer carries the version
    record(session, actor, Event.PERSON_REQUEST_REGISTERED, request, at=at, kind=kind.value)
    return request


def extend(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    months: int,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> PersonRequest:
    """Once, before it is due. The person is told why within the first month."""
    request = _undecided(session, actor, request_id, expected_version)
    if request.extended_on is not None:
        raise ConflictError("It was extended before.", code="extended_before")
    today = local_date(at)
    if today > request.due_on:
        raise ConflictError("The term is over.", code="term_over")
    request.extended_on, request.extension_reason = today, reason
    request.due_on = answer_by(request.received_on, months_more=months)
    request.touch()
    record(session, actor, Event.PERSON_REQUEST_EXTENDED, request, at=at, months=months)
    return request


def link(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    report_ids: Collection[UUID],
    case_ids: Collection[UUID],
    expected_version: int | None,
    at: datetime,
) -> PersonRequest:
    """Say which reports and cases it is about; those linked before and not named are let go."""
    request = _undecided(session, actor, request_id, expected_version)
    wanted = [
        *((SubjectKind.REPORT, one) for one in report_ids),
        *((SubjectKind.CASE, one) for one in case_ids),
    ]
    references = {
        SubjectKind.REPORT: _references_of_reports(session, actor, report_ids),
        SubjectKind.CASE: _references_of_cases(session, actor, case_ids),
    }
    errors = [
        FieldError(f"/{kind.value}_ids/{place}", f"no {kind.value} that you may see", "unknown")
        for kind, ids in ((SubjectKind.REPORT, report_ids), (SubjectKind.CASE, case_ids))
        for place, one in enumerate(ids)
        if one not in references[kind]
    ]
    if errors:
        raise InvalidInputError(*errors)
    standing = {one.subject_id: one for one in request.subjects}
    request.subjects = [
        standing.get(one)
        or RequestSubject(subject_id=one, kind=kind, reference=references[kind][one])
        for kind, one in wanted
    ]
    request.touch()
    record(session, actor, Event.PERSON_REQUEST_LINKED, request, at=at, subjects=len(wanted))
    return request


def check_identity(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    how: IdentityCheck,
    expected_version: int | None,
    at: datetime,
) -> PersonRequest:
    """Who asks showed who they are. How is kept, not the document."""
    request = _undecided(session, actor, request_id, expected_version)
    request.identity_check = how
    request.identity_shown_on, request.identity_checked_by_id = local_date(at), actor.id
    request.touch()
    record(session, actor, Event.PERSON_REQUEST_IDENTIFIED, request, at=at, how=how.value)
    return request


def decide(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    decision: Decision,
    refusal_ground: RefusalGround | None,
    ends_statistics: bool,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> PersonRequest:
    """What the person is answered, and why. What was granted is done by acts of its own.

    ends_statistics: of an objection that is granted; the linked reports are from now on counted in
    the totals alone.
    """
    request = _undecided(session, actor, request_id, expected_version)
    if (decision is Decision.REFUSED) != (refusal_ground is not None):
        raise invalid("/refusal_ground", "goes with a refusal, and with nothing else", "unfitting")
    needs_no_identity = refusal_ground is RefusalGround.IDENTITY_NOT_SHOWN
    if request.identity_check is None and not needs_no_identity:
        raise ConflictError("First check who asks.", code="identity_not_checked")
    if request.identity_check is not None and needs_no_identity:
        raise invalid("/refusal_ground", "the identity was shown", "unfitting")
    if ends_statistics and (
        request.kind is not RequestKind.OBJECTION or decision is Decision.REFUSED
    ):
        raise invalid("/ends_statistics", "goes with an objection that is granted", "unfitting")
    request.decision, request.refusal_ground = decision, refusal_ground
    request.decision_reason = reason
    request.answered_on, request.decided_by_id = local_date(at), actor.id
    request.touch()
    if ends_statistics:
        _end_statistics(session, actor, request)
    record(session, actor, Event.PERSON_REQUEST_DECIDED, request, at=at, decision=decision.value)
    return request


def unmask(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    kinds: Collection[MaskKind],
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> PersonRequest:
    """After review: what the export shows although it can be of others. No kinds hides all."""
    request = queries.get_request(session, actor, request_id, for_update=True)
    request.require_version(expected_version)
    request.unmasked_kinds = sorted(set(kinds))
    request.unmasking_reason = reason
    request.touch()
    names = " ".join(request.unmasked_kinds)
    record(session, actor, Event.PERSON_REQUEST_UNMASKED, request, at=at, kinds=names)
    return request


def granted(
    session: Session,
    actor: Actor,
    request_id: UUID,
    kind: RequestKind,
    expected_version: int | None,
) -> PersonRequest:
    """Locked, for an act that carries out what was granted. Raises ConflictError otherwise."""
    request = queries.get_request(session, actor, request_id, for_update=True)
    request.require_version(expected_version)
    if request.kind is not kind:
        raise ConflictError(f"This is no request for {kind.value}.", code="other_kind")
    if request.decision not in (Decision.GRANTED, Decision.PARTLY_GRANTED):
        raise ConflictError("It was not granted.", code="not_granted")
    return request


def record(
    session: Session,
    actor: Actor,
    event: Event,
    request: PersonRequest,
    *,
    at: datetime,
    **details: str | int,
) -> None:
    audit.record(session, actor, event, "person_request", request.id, at=at, **details)


def _undecided(
    session: Session, actor: Actor, request_id: UUID, expected_version: int | None
) -> PersonRequest:
    request = queries.get_request(session, actor, request_id, for_update=True)
    request.require_version(expected_version)
    if request.decision is not None:
        raise ConflictError("It was decided before.", code="request_decided")
    return request


def _end_statistics(session: Session, actor: Actor, request: PersonRequest) -> None:
    for report_id in queries.ids_of(request, SubjectKind.REPORT):
        report = get_report(session, actor, report_id, for_update=True, even_restricted=True)
        report.consent_statistics = False
        report.touch()


def _references_of_reports(
    session: Session, actor: Actor, ids: Collection[UUID]
) -> dict[UUID, str]:
    query = visible_reports(actor).where(Report.id.in_(ids))
    rows = session.execute(query.with_only_columns(Report.id, Report.reference))
    return {row.id: row.reference for row in rows}


def _references_of_cases(session: Session, actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    query = visible_cases(actor).where(Case.id.in_(ids))
    rows = session.execute(query.with_only_columns(Case.id, Case.reference))
    return {row.id: row.reference for row in rows}
