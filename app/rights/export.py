"""All that is held about the person of a request, in one document."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.audit.models import AuditEntry
from app.cases.models import Case, CaseReport
from app.cases.queries import visible_cases
from app.core.access import Actor, ActorKind
from app.core.clock import day_only, local_date
from app.core.errors import ConflictError
from app.core.folding import fold_line
from app.identity.models import StaffRole
from app.intake.models import Report
from app.intake.queries import visible_reports
from app.referrals.models import Referral
from app.resolutions.models import Commitment, Negotiation
from app.retention.domain import Schedule, SubjectKind
from app.retention.schedule import RuleText
from app.rights import queries, service
from app.rights.domain import IDENTITY_NOTE, Decision, MaskKind, PersonRole, RequestKind
from app.rights.export_cases import case_part
from app.rights.export_reports import Asking, report_part
from app.rights.masks import Masks, places
from app.rights.models import PersonRequest
from app.vocabulary.domain import Language

READINGS = (
    Event.REPORT_READ,
    Event.CASE_READ,
    Event.SIMILAR_READ,
    Event.NARRATIVES_SEARCHED,
    Event.NOTES_READ,
    Event.TIMELINE_READ,
    Event.TASKS_READ,
    Event.NEGOTIATION_READ,
    Event.COMMITMENTS_READ,
    Event.REFERRAL_READ,
    Event.ATTACHMENT_READ,
    Event.RECEIPT_USED,
    Event.PERSON_DATA_EXPORTED,
)

ABOUT: Mapping[Language, str] = {
    Language.NL: "Dit is wat het bureau over u bewaart. Wat van anderen is of kan zijn, is"
    " vervangen door een verwijzing tussen haken.",
    Language.FR: "Voici ce que le bureau conserve à votre sujet. Ce qui concerne ou peut concerner"
    " d'autres personnes est remplacé par un renvoi entre crochets.",
    Language.EN: "This is what the bureau holds about you. What is or can be of others is replaced"
    " by a reference in brackets.",
}


def export(
    session: Session,
    actor: Actor,
    request_id: UUID,
    schedule: Schedule,
    rule_texts: tuple[RuleText, ...],
    *,
    at: datetime,
) -> dict[str, Any]:
    """In the shape of ExportView, with what is masked as Masked."""
    request = queries.get_request(session, actor, request_id)
    _require_may_be_made(request)
    report_ids = queries.ids_of(request, SubjectKind.REPORT)
    of_reports = select(CaseReport.case_id).where(CaseReport.report_id.in_(report_ids))
    case_ids = {*queries.ids_of(request, SubjectKind.CASE), *session.scalars(of_reports)}
    reports = session.scalars(
        visible_reports(actor)
        .where(Report.id.in_(report_ids))
        .order_by(Report.received_on, Report.reference)
    ).all()
    cases = session.scalars(
        visible_cases(actor).where(Case.id.in_(case_ids)).order_by(Case.opened_on, Case.reference)
    ).all()
    masks = Masks([MaskKind(kind) for kind in request.unmasked_kinds])
    asking = Asking(
        role=request.role,
        language=Language(request.language),
        names=_names(request, reports),
        own_reports=frozenset(one.id for one in reports),
        schedule=schedule,
        rule_texts=rule_texts,
    )
    there = {one.id for one in reports} | {one.id for one in cases}
    found: dict[str, Any] = {
        "language": asking.language,
        "about": [ABOUT[asking.language], IDENTITY_NOTE[asking.language]],
        "asked": _asked(request, local_date(at)),
        "reports": [report_part(session, asking, masks, one) for one in reports],
        "cases": [case_part(session, asking, masks, one) for one in cases],
        "disposed": [
            {"kind": one.kind, "reference": one.reference}
            for one in request.subjects
            if one.subject_id not in there
        ],
        "read_by": _read_by(session, [one.id for one in reports], [one.id for one in cases]),
    }
    found["masked"] = [{"path": path, "kind": kind} for path, kind in places(found)]
    _record(session, actor, request, reports, cases, at)
    return found


def _require_may_be_made(request: PersonRequest) -> None:
    if request.kind not in (RequestKind.ACCESS, RequestKind.PORTABILITY):
        raise ConflictError("This is no request for access.", code="other_kind")
    if request.identity_check is None:
        raise ConflictError("First check who asks.", code="identity_not_checked")
    if request.decision is Decision.REFUSED:
        raise ConflictError("It was refused.", code="not_granted")


def _names(request: PersonRequest, reports: Sequence[Report]) -> frozenset[str]:
    names = {request.requester_name}
    if request.role is PersonRole.REPORTER:
        names |= {one.reporter_name for one in reports}
    if request.role is PersonRole.RESPONDENT:
        names |= {one.respondent_person for one in reports}
    return frozenset(fold_line(name) for name in names if name)


def _asked(request: PersonRequest, today: date) -> dict[str, Any]:
    return {
        "kind": request.kind,
        "role": request.role,
        "name": request.requester_name,
        "contact": request.requester_contact,
        "received_on": request.received_on,
        "identity_check": request.identity_check,
        "made_on": today,
    }


def _read_by(
    session: Session, report_ids: Collection[UUID], case_ids: Collection[UUID]
) -> list[dict[str, Any]]:
    """Who read it, by day and by role: not by name."""
    about = {*report_ids, *case_ids}
    queries_of_parts: Sequence[Select[UUID]] = (
        select(Negotiation.id).where(Negotiation.case_id.in_(case_ids)),
        select(Commitment.id).where(Commitment.case_id.in_(case_ids)),
        select(Referral.id).where(Referral.report_id.in_(report_ids)),
    )
    for query in queries_of_parts:
        about |= set(session.scalars(query))
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.event, AuditEntry.actor_kind, AuditEntry.actor_id)
        .where(AuditEntry.object_id.in_(about), AuditEntry.event.in_(READINGS))
        .order_by(AuditEntry.at)
    ).all()
    roles: dict[UUID, list[str]] = {}
    ids = {row.actor_id for row in rows if row.actor_kind is ActorKind.STAFF}
    for account_id, role in session.execute(
        select(StaffRole.account_id, StaffRole.role)
        .where(StaffRole.account_id.in_(ids))
        .order_by(StaffRole.role)
    ):
        roles.setdefault(account_id, []).append(role.value)
    counted = Counter(
        (
            local_date(row.at),
            row.event,
            tuple(roles.get(row.actor_id, ())) or (row.actor_kind.value,),
        )
        for row in rows
    )
    return [
        {"on": on, "event": event, "by": list(by), "times": times}
        for (on, event, by), times in sorted(counted.items())
    ]


def _record(
    session: Session,
    actor: Actor,
    request: PersonRequest,
    reports: Sequence[Report],
    cases: Sequence[Case],
    at: datetime,
) -> None:
    """Of each report and case too: whoever asks the trail who read it finds this."""
    service.record(session, actor, Event.PERSON_DATA_EXPORTED, request, at=at)
    for report in reports:
        noted_at = day_only(at) if report.is_anonymous else at
        audit.record(session, actor, Event.PERSON_DATA_EXPORTED, "report", report.id, at=noted_at)
    for case in cases:
        audit.record(session, actor, Event.PERSON_DATA_EXPORTED, "case", case.id, at=at)
