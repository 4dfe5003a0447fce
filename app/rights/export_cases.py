"""The part of a document that tells of a case: only what is about the person is shown."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attachments.domain import OwnerKind
from app.cases.models import Case, CaseNote, CaseTask, TimelineEntry
from app.cases.queries import holds_of, reports_of
from app.core.clock import local_date
from app.core.folding import fold_line
from app.resolutions.domain import PartyRole
from app.resolutions.models import (
    Agreement,
    Commitment,
    FollowUp,
    Negotiation,
    NegotiationSession,
    Party,
    Proposal,
    Term,
)
from app.retention.domain import SubjectKind
from app.rights.domain import MaskKind, PersonRole
from app.rights.export_reports import Asking, files_of, kept_part
from app.rights.masks import Masks

AS_PARTY: Mapping[PersonRole, frozenset[PartyRole]] = {
    PersonRole.REPORTER: frozenset({PartyRole.COMPLAINANT, PartyRole.OTHER}),
    PersonRole.RESPONDENT: frozenset({PartyRole.RESPONDENT, PartyRole.OTHER}),
    PersonRole.OTHER: frozenset({PartyRole.OTHER}),
}
"""As which party a person can sit at the table."""


def case_part(session: Session, asking: Asking, masks: Masks, case: Case) -> dict[str, Any]:
    reports = reports_of(session, case.id)
    others = [report for report in reports if report.id not in asking.own_reports]
    rule = None
    if case.closed_on is not None:
        rule = asking.schedule.rule_for(SubjectKind.CASE, case.outcome or "")
    talks = session.scalars(
        select(Negotiation).where(Negotiation.case_id == case.id).order_by(Negotiation.number)
    ).all()
    files = files_of(session, masks, OwnerKind.CASE, case.id, is_own=False)
    for one in talks:
        files += files_of(session, masks, OwnerKind.NEGOTIATION, one.id, is_own=False)
    return {
        "reference": case.reference,
        "case_status": case.status,
        "opened_on": case.opened_on,
        "closed_on": case.closed_on,
        "assessment": case.assessment,
        "outcome": case.outcome,
        "closure_reason": masks.hide(MaskKind.INTERNAL_NOTES, case.closure_reason),
        "linked_reports": [one.reference for one in reports if one.id in asking.own_reports],
        "other_reports": [masks.hide(MaskKind.OTHER_REPORTS, one.reference) for one in others],
        **_work(session, masks, case.id),
        "talks": [
            _talks(session, masks, one, own_party(asking, one, is_alone=not others))
            for one in talks
        ],
        "files": files,
        "kept": kept_part(session, asking, masks, case.id, rule, case.closed_on),
    }


def own_party(asking: Asking, talks: Negotiation, *, is_alone: bool) -> UUID | None:
    """Which party the person is; None when that is not beyond doubt.

    By name; of who reported anonymously there is none, and the only complainant of a case that is
    about no other report is the person.
    """
    can_be = [party for party in talks.parties if party.role in AS_PARTY[asking.role]]
    found = [party for party in can_be if fold_line(party.name) in asking.names]
    if not asking.names and asking.is_reporter and is_alone:
        found = [party for party in can_be if party.role is PartyRole.COMPLAINANT]
    return found[0].id if len(found) == 1 else None


def _work(session: Session, masks: Masks, case_id: UUID) -> dict[str, Any]:
    """What colleagues wrote for each other."""

    def hide(text: str | None) -> str | None:
        return masks.hide(MaskKind.INTERNAL_NOTES, text)

    notes = select(CaseNote).where(CaseNote.case_id == case_id)
    tasks = select(CaseTask).where(CaseTask.case_id == case_id)
    entries = select(TimelineEntry).where(TimelineEntry.case_id == case_id)
    return {
        "holds": [
            {
                "started_on": row.started_on,
                "ended_on": row.ended_on,
                "reason": hide(row.reason),
            }
            for row in holds_of(session, case_id)
        ],
        "notes": [
            {"on": local_date(row.written_at), "body": hide(row.body)}
            for row in session.scalars(notes.order_by(CaseNote.written_at, CaseNote.id))
        ],
        "tasks": [
            {"due_on": row.due_on, "done_on": row.done_on, "title": hide(row.title)}
            for row in session.scalars(tasks.order_by(CaseTask.due_on, CaseTask.id))
        ],
        "timeline": [
            {"on": local_date(row.at), "happened": row.kind, "remark": hide(row.remark)}
            for row in session.scalars(entries.order_by(TimelineEntry.position))
        ],
    }


def _talks(
    session: Session, masks: Masks, talks: Negotiation, own_id: UUID | None
) -> dict[str, Any]:
    names = {party.id: _name(masks, party, own_id) for party in talks.parties}
    sat_in = own_id is not None
    proposals = session.scalars(
        select(Proposal).where(Proposal.negotiation_id == talks.id).order_by(Proposal.number)
    ).all()
    return {
        "number": talks.number,
        "started_on": talks.started_on,
        "ended_on": talks.ended_on,
        "end_reason": talks.end_reason,
        "end_remark": masks.hide(MaskKind.INTERNAL_NOTES, talks.end_remark),
        "parties": [
            {
                "party_role": party.role,
                "is_person": party.id == own_id,
                "name": names[party.id],
                "representative": masks.unless(
                    party.id == own_id, MaskKind.OTHER_PARTIES, party.representative
                ),
            }
            for party in talks.parties
        ],
        "sessions": _sessions(session, masks, talks.id, own_id),
        "proposals": [
            {
                "number": one.number,
                "made_on": local_date(one.made_at),
                "by": names[one.by_party_id],
                "proposal_status": one.status,
                "terms": [_term(masks, term, names, sat_in) for term in one.terms],
                "responses": [
                    {
                        "party": names[answer.party_id],
                        "response": answer.response,
                        "on": local_date(answer.responded_at),
                    }
                    for answer in one.responses
                ],
            }
            for one in proposals
        ],
        "agreement": _agreement(session, masks, talks.id, proposals, names),
    }


def _name(masks: Masks, party: Party, own_id: UUID | None) -> str | None:
    return masks.unless(party.id == own_id, MaskKind.OTHER_PARTIES, party.name)


def _sessions(
    session: Session, masks: Masks, talks_id: UUID, own_id: UUID | None
) -> list[dict[str, Any]]:
    """What was said where the person was not stays with those who were there."""
    rows = session.scalars(
        select(NegotiationSession)
        .where(NegotiationSession.negotiation_id == talks_id)
        .order_by(NegotiationSession.held_on, NegotiationSession.id)
    )
    found = []
    for row in rows:
        is_present = own_id is not None and own_id in {one.party_id for one in row.attendances}
        found.append(
            {
                "held_on": row.held_on,
                "is_present": is_present,
                "place": masks.unless(is_present, MaskKind.TALKS, row.place),
                "summary": masks.unless(is_present, MaskKind.TALKS, row.summary),
            }
        )
    return found


def _term(
    masks: Masks, term: Term, names: Mapping[UUID, str | None], sat_in: bool
) -> dict[str, Any]:
    return {
        "term_kind": term.kind,
        "text": masks.unless(sat_in, MaskKind.TALKS, term.text),
        "debtor": names[term.debtor_party_id],
        "due_on": term.due_on,
    }


def _agreement(
    session: Session,
    masks: Masks,
    talks_id: UUID,
    proposals: Any,
    names: Mapping[UUID, str | None],
) -> dict[str, Any] | None:
    agreement = session.scalar(select(Agreement).where(Agreement.negotiation_id == talks_id))
    if agreement is None:
        return None
    commitments = session.scalars(
        select(Commitment)
        .where(Commitment.agreement_id == agreement.id)
        .order_by(Commitment.due_on, Commitment.id)
    )
    numbers = {one.id: one.number for one in proposals}
    return {
        "reached_on": agreement.reached_on,
        "proposal": numbers[agreement.proposal_id],
        "commitments": [_commitment(session, masks, one, names) for one in commitments],
    }


def _commitment(
    session: Session, masks: Masks, row: Commitment, names: Mapping[UUID, str | None]
) -> dict[str, Any]:
    follow_ups = session.scalars(
        select(FollowUp)
        .where(FollowUp.commitment_id == row.id)
        .order_by(FollowUp.followed_on, FollowUp.id)
    )
    return {
        "term_kind": row.kind,
        "debtor": names[row.debtor_party_id],
        "due_on": row.due_on,
        "commitment_status": row.status,
        "settled_on": row.settled_on,
        "breach_decision": row.breach_decision,
        "breach_remark": masks.hide(MaskKind.INTERNAL_NOTES, row.breach_remark),
        "follow_ups": [
            {
                "on": one.followed_on,
                "commitment_status": one.status,
                "evidence": masks.hide(MaskKind.INTERNAL_NOTES, one.evidence),
            }
            for one in follow_ups
        ],
    }
