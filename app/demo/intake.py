"""Reports come in, are answered and decided on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.access import Actor, ActorKind, Surface
from app.demo.bureau import Scene
from app.demo.city import Covering
from app.demo.reporting import Reporters
from app.intake import dialogue, service, triage
from app.intake.domain import Draft, ReportStatus, TriageDecision
from app.intake.models import Report

OpenCase = Callable[[Session, datetime, UUID], None]
Refer = Callable[[Session, datetime, UUID, Actor], bool]

DECISIONS = {
    "information": {TriageDecision.GIVE_INFORMATION: 9.0, TriageDecision.REFER: 1.0},
    "registration": {TriageDecision.REGISTER_ONLY: 9.0, TriageDecision.OPEN_CASE: 1.0},
    "own_initiative": {TriageDecision.OPEN_CASE: 6.0, TriageDecision.REGISTER_ONLY: 4.0},
    "assistance": {
        TriageDecision.OPEN_CASE: 65.0,
        TriageDecision.REFER: 14.0,
        TriageDecision.GIVE_INFORMATION: 12.0,
        TriageDecision.INADMISSIBLE: 6.0,
        TriageDecision.REGISTER_ONLY: 3.0,
    },
}
PUBLIC = Actor(ActorKind.ANYBODY, Surface.PUBLIC)


class IntakeDesk:
    """open_case: what happens with a report for which a case is decided.

    refer: offers it to a partner, or says that nothing may be shared.
    """

    def __init__(
        self,
        scene: Scene,
        reporters: Reporters,
        partner_ids: list[UUID],
        open_case: OpenCase,
        refer: Refer,
    ) -> None:
        self._scene = scene
        self._reporters = reporters
        self._partner_ids = partner_ids
        self._open_case = open_case
        self._refer = refer
        self._decisions = {
            request: Covering(scene.chance, weights) for request, weights in DECISIONS.items()
        }
        self._event_ids: list[UUID] = []
        self._last_id: UUID | None = None

    def arrive(
        self,
        at: datetime,
        *,
        channel: str | None = None,
        is_rise: bool = False,
        place: str | None = None,
    ) -> None:
        """A report by this channel, or by any. place: the municipality it is about."""
        self._scene.agenda.plan(
            at, lambda session, now: self._receive(session, now, channel, is_rise, place)
        )

    def arrive_of_event(self, at: datetime) -> None:
        def receive(session: Session, now: datetime) -> None:
            draft = self._reporters.event_draft(now.date())
            report_id = self._register(session, now, draft, "web")
            self._event_ids.append(report_id)

        self._scene.agenda.plan(at, receive)

    def group_event(self, at: datetime) -> None:
        def group(session: Session, now: datetime) -> None:
            triage.group_event(
                session,
                self._scene.team.coordinator,
                title=self._scene.city["event"]["title"],
                occurred_on=now.date() - timedelta(days=6),
                report_ids=self._event_ids,
                at=now,
            )
            for report_id in self._event_ids:
                self._decide(session, now, report_id, TriageDecision.REGISTER_ONLY)

        self._scene.agenda.plan(at, group)

    def follow(self, at: datetime, report_id: UUID, request: str) -> None:
        """What becomes of a report that came in."""
        scene = self._scene
        if scene.maybe(0.85):
            scene.agenda.plan(scene.after(at, 1, 9), lambda s, now: self._reply(s, now, report_id))
        if scene.maybe(0.02):
            scene.agenda.plan(
                scene.after(at, 2, 30), lambda s, now: self._withdraw(s, now, report_id)
            )
        original = self._last_id
        if original is not None and scene.maybe(0.02):
            scene.agenda.plan(
                scene.after(at, 2, 6), lambda s, now: self._duplicate(s, now, report_id, original)
            )
        elif scene.maybe(0.97):
            decision = self._decisions[request].draw()
            scene.agenda.plan(
                scene.after(at, 2, 35),
                lambda s, now: self._decide(s, now, report_id, decision),
            )
        self._last_id = report_id

    def _receive(
        self, session: Session, at: datetime, by: str | None, is_rise: bool, place: str | None
    ) -> None:
        channel = by or self._reporters.channel()
        draft = self._reporters.draft(at.date(), is_rise=is_rise, channel=channel, place=place)
        self.follow(at, self._register(session, at, draft, channel), draft.request)

    def _register(self, session: Session, at: datetime, draft: Draft, channel: str) -> UUID:
        if channel == "web" and draft.request != service.OWN_INITIATIVE:
            received = service.receive_public_report(
                session, PUBLIC, draft, channel=channel, periods=self._scene.periods, at=at
            )
        else:
            received = service.register_report(
                session,
                self._colleague(),
                draft,
                channel=channel,
                received_at=at,
                periods=self._scene.periods,
                at=at,
            )
        return received.report_id

    def _reply(self, session: Session, at: datetime, report_id: UUID) -> None:
        report = session.get_one(Report, report_id)
        if report.status is ReportStatus.WITHDRAWN:
            return
        replies, questions = self._scene.city["replies"], self._scene.city["questions"]
        if self._scene.maybe(0.2):
            holder = Actor(ActorKind.REPORTER, Surface.PUBLIC, report_id)
            dialogue.write_as_reporter(session, holder, questions[report.language], at=at)
        dialogue.write_as_bureau(
            session, self._seeing(report), report_id, replies[report.language], at=at
        )
        if report.is_anonymous and self._scene.maybe(0.1):
            holder = Actor(ActorKind.REPORTER, Surface.PUBLIC, report_id)
            dialogue.identify(
                session,
                holder,
                name=self._reporters.person(),
                email="bekend@example.org",
                phone=None,
                postal=None,
                at=at,
            )

    def _withdraw(self, session: Session, at: datetime, report_id: UUID) -> None:
        if session.get_one(Report, report_id).status is not ReportStatus.WITHDRAWN:
            holder = Actor(ActorKind.REPORTER, Surface.PUBLIC, report_id)
            dialogue.withdraw(session, holder, reason="Ik wil er niet mee verder.", at=at)

    def _duplicate(
        self, session: Session, at: datetime, report_id: UUID, original_id: UUID
    ) -> None:
        original = session.get_one(Report, original_id)
        report = session.get_one(Report, report_id)
        if original.status is ReportStatus.DUPLICATE or report.status in (
            ReportStatus.WITHDRAWN,
            ReportStatus.CASE_OPENED,
        ):
            return
        if session.scalar(select(Report.id).where(Report.duplicate_of_id == report_id)):
            return  # others repeat this one: it is an original itself
        triage.triage(
            session,
            self._scene.team.coordinator,
            report_id,
            decision=TriageDecision.DUPLICATE,
            reason="Zelfde voorval, door dezelfde persoon gemeld.",
            duplicate_of=original_id,
            partner_id=None,
            expected_version=None,
            at=at,
        )

    def _decide(
        self, session: Session, at: datetime, report_id: UUID, decision: TriageDecision
    ) -> None:
        report = session.get_one(Report, report_id)
        if report.status not in (ReportStatus.RECEIVED, ReportStatus.REGISTERED):
            return
        is_referral = decision is TriageDecision.REFER
        colleague = self._colleague()
        if is_referral and self._refer(session, at, report_id, colleague):
            return
        triage.triage(
            session,
            colleague,
            report_id,
            decision=decision,
            reason="Besproken in het intakeoverleg.",
            duplicate_of=None,
            partner_id=self._scene.chance.choice(self._partner_ids) if is_referral else None,
            expected_version=None,
            at=at,
        )
        if decision is TriageDecision.OPEN_CASE and self._scene.maybe(0.96):
            self._scene.agenda.plan(
                self._scene.after(at, 0, 5), lambda s, now: self._open_case(s, now, report_id)
            )

    def _colleague(self) -> Actor:
        return self._scene.chance.choice(self._scene.team.intake)

    def _seeing(self, report: Report) -> Actor:
        return self._scene.team.coordinator if report.is_restricted else self._colleague()
