"""Talks: starting them, sessions, ending without agreement.

Every act locks the case and then the negotiation, so that two answers at once, or an answer to a
proposal that was just countered, are judged one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases import barring
from app.cases import queries as case_queries
from app.cases import service as cases
from app.cases.domain import CaseStatus, TimelineKind, require_open
from app.cases.holds import require_not_on_hold
from app.cases.timeline import note
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, FieldError, InvalidInputError, invalid
from app.resolutions import queries
from app.resolutions.domain import (
    EndReason,
    NegotiationStatus,
    PartyRole,
    ProposalStatus,
    require_ongoing,
)
from app.resolutions.models import (
    Negotiation,
    NegotiationSession,
    Party,
    SessionAttendance,
)


@dataclass(frozen=True)
class PartyDraft:
    role: PartyRole
    name: str
    representative: str | None


def start_negotiation(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    mediator_id: UUID,
    parties: Sequence[PartyDraft],
    has_complainant_consent: bool,
    has_respondent_consent: bool,
    at: datetime,
) -> Negotiation:
    """Talks under a mediator. The case moves to negotiation.

    Needs the reporters' consent to approach the respondent, and the complainant's to negotiate;
    the respondent's may come later.
    """
    actor.require(Permission.NEGOTIATION_LEAD)
    case = case_queries.get_case(session, actor, case_id, for_update=True)
    require_open(case.status)
    require_not_on_hold(session, case.id)
    cases.require_consent(session, case.id)
    if not has_complainant_consent:
        raise invalid("/consents/complainant", "the complainant must agree to talks", "no_consent")
    cases.require_involvable(
        session, case, mediator_id, "/mediator_id", Permission.NEGOTIATION_LEAD
    )
    if not {PartyRole.COMPLAINANT, PartyRole.RESPONDENT} <= {party.role for party in parties}:
        raise invalid("/parties", "name a complainant and a respondent", "parties_missing")
    if queries.ongoing_negotiation(session, case.id) is not None:
        raise ConflictError("Talks are going on in this case.", code="negotiation_ongoing")
    today = local_date(at)
    negotiation = Negotiation(
        case_id=case.id,
        number=queries.next_number(session, case.id),
        mediator_id=mediator_id,
        started_on=today,
        complainant_consented_on=today,
        respondent_consented_on=today if has_respondent_consent else None,
        parties=[
            Party(
                case_id=case.id,
                position=position,
                role=party.role,
                name=party.name,
                representative=party.representative,
            )
            for position, party in enumerate(parties)
        ],
    )
    session.add(negotiation)
    session.flush()  # gives the ids
    note(
        session,
        actor,
        case.id,
        TimelineKind.NEGOTIATION_STARTED,
        at=at,
        object_id=negotiation.id,
    )
    audit.record(session, actor, Event.NEGOTIATION_STARTED, "negotiation", negotiation.id, at=at)
    cases.note_negotiation_status(session, actor, case.id, CaseStatus.NEGOTIATION, at=at)
    barring.bar_named(session, actor, case, [party.name for party in parties], at=at)
    return negotiation


def record_session(
    session: Session,
    actor: Actor,
    negotiation_id: UUID,
    *,
    held_on: date,
    party_ids: Sequence[UUID],
    place: str | None,
    summary: str,
    at: datetime,
) -> Negotiation:
    """A meeting, or a talk with one party."""
    negotiation = locked_ongoing(session, actor, negotiation_id)
    if held_on > local_date(at):
        raise invalid("/held_on", "lies in the future", "in_future")
    if held_on < negotiation.started_on:
        raise invalid("/held_on", "before the talks began", "date_order")
    require_parties(negotiation, {f"/party_ids/{i}": p for i, p in enumerate(party_ids)})
    row = NegotiationSession(
        negotiation_id=negotiation.id,
        case_id=negotiation.case_id,
        held_on=held_on,
        place=place,
        summary=summary,
        recorded_at=at,
        attendances=[SessionAttendance(party_id=p) for p in dict.fromkeys(party_ids)],
    )
    session.add(row)
    session.flush()  # the answer shows it
    note_in_case(session, actor, negotiation, TimelineKind.SESSION_HELD, row.id, at)
    audit.record(session, actor, Event.SESSION_HELD, "negotiation", negotiation.id, at=at)
    return negotiation


def end_negotiation(
    session: Session,
    actor: Actor,
    negotiation_id: UUID,
    *,
    reason: EndReason,
    remark: str | None,
    at: datetime,
) -> Negotiation:
    """End without agreement; the case goes on or is closed by an act of its own."""
    actor.require(Permission.NEGOTIATION_LEAD)
    negotiation = queries.locked_negotiation(session, actor, negotiation_id)
    require_ongoing(negotiation.status)
    standing = queries.standing_proposal(session, negotiation.id)
    if standing is not None:
        standing.status = ProposalStatus.LAPSED
    negotiation.status = NegotiationStatus.ENDED
    negotiation.ended_on = local_date(at)
    negotiation.end_reason = reason
    negotiation.end_remark = remark
    negotiation.touch()
    note_in_case(
        session,
        actor,
        negotiation,
        TimelineKind.NEGOTIATION_ENDED,
        negotiation.id,
        at,
        reason=reason.value,
    )
    audit.record(
        session,
        actor,
        Event.NEGOTIATION_ENDED,
        "negotiation",
        negotiation.id,
        at=at,
        reason=reason.value,
    )
    return negotiation


def locked_ongoing(session: Session, actor: Actor, negotiation_id: UUID) -> Negotiation:
    """The negotiation, locked, if a step towards the respondent may be made in it now."""
    actor.require(Permission.NEGOTIATION_LEAD)
    negotiation = queries.locked_negotiation(session, actor, negotiation_id)
    require_ongoing(negotiation.status)
    require_not_on_hold(session, negotiation.case_id)
    cases.require_consent(session, negotiation.case_id)
    return negotiation


def note_respondent_consent(negotiation: Negotiation, party_id: UUID, *, today: date) -> None:
    """A respondent who proposes or answers takes part: consent that was still to come is given."""
    party = next(party for party in negotiation.parties if party.id == party_id)
    if party.role is PartyRole.RESPONDENT and negotiation.respondent_consented_on is None:
        negotiation.respondent_consented_on = today


def require_parties(negotiation: Negotiation, named: dict[str, UUID]) -> None:
    known = {party.id for party in negotiation.parties}
    errors = [
        FieldError(pointer, "no party of these talks", "unknown_party")
        for pointer, party_id in named.items()
        if party_id not in known
    ]
    if errors:
        raise InvalidInputError(*errors)


def note_in_case(
    session: Session,
    actor: Actor,
    negotiation: Negotiation,
    kind: TimelineKind,
    object_id: UUID,
    at: datetime,
    **details: str,
) -> None:
    note(session, actor, negotiation.case_id, kind, at=at, object_id=object_id, details=details)
