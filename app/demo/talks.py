"""Negotiations in every stage, agreements kept and broken."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.cases.queries import reports_of
from app.core.access import Actor
from app.demo.bureau import Scene
from app.demo.city import Covering
from app.demo.reporting import Reporters
from app.intake.domain import ReportStatus
from app.resolutions import commitments, proposals, queries, service
from app.resolutions.domain import (
    BreachDecision,
    CommitmentStatus,
    EndReason,
    NegotiationStatus,
    PartyRole,
    Response,
    TermDraft,
)
from app.resolutions.models import Negotiation
from app.resolutions.service import PartyDraft

Close = Callable[[Session, datetime, UUID, Actor, str], None]

KEPT = {
    CommitmentStatus.FULFILLED: 6.0,
    CommitmentStatus.PARTLY_FULFILLED: 1.0,
    CommitmentStatus.BREACHED: 2.0,
    CommitmentStatus.WAIVED: 0.5,
}
OUTCOME_AFTER = {
    EndReason.NO_AGREEMENT: "no_agreement",
    EndReason.COMPLAINANT_LEFT: "withdrawn",
    EndReason.RESPONDENT_REFUSED: "respondent_refused",
    EndReason.NO_CONTACT: "no_contact",
    EndReason.OTHER_ROUTE: "court",
}


class MediationRoom:
    """close: how a case is closed afterwards; set once the case desk exists."""

    close: Close

    def __init__(self, scene: Scene, reporters: Reporters) -> None:
        self._scene = scene
        self._reporters = reporters
        self._end = Covering(scene.chance, list(EndReason))
        self._kind = Covering(scene.chance, list(scene.city["terms"]))
        self._kept = Covering(scene.chance, KEPT)
        self._decision = Covering(scene.chance, list(BreachDecision))

    def start(self, session: Session, at: datetime, case_id: UUID, actor: Actor) -> None:
        reports = reports_of(session, case_id)
        if any(report.status is ReportStatus.WITHDRAWN for report in reports):
            return
        if queries.ongoing_negotiation(session, case_id) is not None or actor.id is None:
            return
        respondent = reports[0].respondent_organisation or "De wederpartij"
        parties = [
            PartyDraft(PartyRole.COMPLAINANT, self._reporters.person(), None),
            PartyDraft(PartyRole.RESPONDENT, respondent, self._reporters.person()),
        ]
        if self._scene.maybe(0.15):
            parties.append(PartyDraft(PartyRole.OTHER, "Vertrouwenspersoon", None))
        talks = service.start_negotiation(
            session,
            actor,
            case_id,
            mediator_id=actor.id,
            parties=parties,
            has_complainant_consent=True,
            has_respondent_consent=self._scene.maybe(0.8),
            at=at,
        )
        talks_id = talks.id
        scene = self._scene
        scene.agenda.plan(
            scene.after(at, 3, 20), lambda s, now: self._meet(s, now, talks_id, actor)
        )

    def _meet(self, session: Session, at: datetime, talks_id: UUID, actor: Actor) -> None:
        talks = session.get_one(Negotiation, talks_id)
        if not self._goes_on(session, talks):
            return
        service.record_session(
            session,
            actor,
            talks_id,
            held_on=at.date(),
            party_ids=[party.id for party in talks.parties],
            place="Vergaderzaal van het bureau",
            summary="Beide partijen vertelden hoe zij het voorval beleefden.",
            at=at,
        )
        scene = self._scene
        if scene.maybe(0.25):
            scene.agenda.plan(
                scene.after(at, 5, 40), lambda s, now: self._fail(s, now, talks_id, actor)
            )
        elif scene.maybe(0.95):
            scene.agenda.plan(
                scene.after(at, 3, 20), lambda s, now: self._propose(s, now, talks_id, actor)
            )

    def _propose(self, session: Session, at: datetime, talks_id: UUID, actor: Actor) -> None:
        talks = session.get_one(Negotiation, talks_id)
        if not self._goes_on(session, talks):
            return
        proposal = proposals.propose(
            session,
            actor,
            talks_id,
            by_party_id=talks.parties[0].id,
            terms=self._terms(talks, at.date()),
            at=at,
        )
        proposal_id = proposal.id
        scene = self._scene
        if scene.maybe(0.9):
            scene.agenda.plan(
                scene.after(at, 2, 15),
                lambda s, now: self._answer(s, now, talks_id, proposal_id, actor),
            )

    def _answer(
        self, session: Session, at: datetime, talks_id: UUID, proposal_id: UUID, actor: Actor
    ) -> None:
        talks = session.get_one(Negotiation, talks_id)
        if not self._goes_on(session, talks):
            return
        scene = self._scene
        respondent = talks.parties[1].id
        if scene.maybe(0.12):
            self._respond(session, at, proposal_id, respondent, actor, Response.REJECT)
            scene.agenda.plan(
                scene.after(at, 1, 20), lambda s, now: self._fail(s, now, talks_id, actor)
            )
            return
        if scene.maybe(0.45):
            proposal_id = proposals.respond(
                session,
                actor,
                proposal_id,
                party_id=respondent,
                response=Response.COUNTER,
                terms=self._terms(talks, at.date()),
                at=at,
            ).id
            if scene.maybe(0.1):
                return  # the counter-proposal lies on the table
        for party in talks.parties:
            self._respond(session, at, proposal_id, party.id, actor, Response.ACCEPT)
        self._watch(session, at, talks, actor)

    def _respond(
        self,
        session: Session,
        at: datetime,
        proposal_id: UUID,
        party_id: UUID,
        actor: Actor,
        response: Response,
    ) -> None:
        proposals.respond(
            session,
            actor,
            proposal_id,
            party_id=party_id,
            response=response,
            terms=None,
            at=at,
        )

    def _watch(self, session: Session, at: datetime, talks: Negotiation, actor: Actor) -> None:
        scene = self._scene
        case_id = talks.case_id
        last = at
        for commitment in queries.commitments_of_case(session, case_id):
            if scene.maybe(0.1):
                continue  # nobody looks: it becomes overdue in the worklist
            due = datetime.combine(commitment.due_on, at.time(), at.tzinfo)
            moment = scene.after(max(due, at), 0, 10)
            commitment_id = commitment.id
            scene.agenda.plan(
                moment,
                lambda s, now, c=commitment_id: self._follow_up(s, now, c, actor),  # type: ignore[misc]
            )
            last = max(last, moment)
        scene.agenda.plan(
            scene.after(last, 5, 20), lambda s, now: self._finish(s, now, case_id, actor)
        )

    def _follow_up(self, session: Session, at: datetime, commitment_id: UUID, actor: Actor) -> None:
        status = self._kept.draw()
        commitments.follow_up(
            session,
            actor,
            commitment_id,
            status=status,
            on=at.date(),
            evidence="Nagegaan bij beide partijen.",
            at=at,
        )
        if status is CommitmentStatus.BREACHED and self._scene.maybe(0.7):
            commitments.decide_on_breach(
                session,
                actor,
                commitment_id,
                decision=self._decision.draw(),
                reason="Met de melder besproken.",
                at=at,
            )

    def _finish(self, session: Session, at: datetime, case_id: UUID, actor: Actor) -> None:
        found = queries.commitments_of_case(session, case_id)
        statuses = {commitment.status for commitment in found}
        if CommitmentStatus.PENDING in statuses or any(
            c.status is CommitmentStatus.BREACHED and c.breach_decision is None for c in found
        ):
            return  # stays in monitoring, and in the worklist
        whole = statuses <= {CommitmentStatus.FULFILLED, CommitmentStatus.WAIVED}
        outcome = "negotiated_resolution" if whole else "partial_resolution"
        self.close(session, at, case_id, actor, outcome)

    def _fail(self, session: Session, at: datetime, talks_id: UUID, actor: Actor) -> None:
        talks = session.get_one(Negotiation, talks_id)
        if talks.status is not NegotiationStatus.ONGOING:
            return
        reason = self._end.draw()
        service.end_negotiation(session, actor, talks_id, reason=reason, remark=None, at=at)
        case_id = talks.case_id
        self._scene.agenda.plan(
            self._scene.after(at, 3, 30),
            lambda s, now: self.close(s, now, case_id, actor, OUTCOME_AFTER[reason]),
        )

    def _goes_on(self, session: Session, talks: Negotiation) -> bool:
        return talks.status is NegotiationStatus.ONGOING and all(
            report.consent_approach_respondent for report in reports_of(session, talks.case_id)
        )

    def _terms(self, talks: Negotiation, today: date) -> list[TermDraft]:
        kinds = {self._kind.draw() for _ in range(self._scene.chance.randint(1, 3))}
        texts = self._scene.city["terms"]
        return [
            TermDraft(
                kind=kind,
                text=texts[kind],
                debtor_party_id=talks.parties[1].id,
                due_on=today + timedelta(days=self._scene.chance.randint(14, 90)),
            )
            for kind in sorted(kinds)
        ]
