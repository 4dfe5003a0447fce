"""Cases are handled, talks held, agreements watched, cases closed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.cases import handling, holds, service
from app.cases.domain import CaseStatus, LinkKind
from app.cases.models import Case
from app.cases.queries import open_hold, reports_of
from app.core.access import Actor
from app.demo.bureau import Scene
from app.demo.city import Covering
from app.intake.domain import ReportStatus
from app.intake.models import Report

WITHOUT_TALKS = (
    "advice_given",
    "referred",
    "court",
    "police",
    "withdrawn",
    "no_contact",
    "unfounded",
    "outside_competence",
    "respondent_refused",
)
ASSESSMENTS = {
    "strong_presumption": 40.0,
    "insufficient_elements": 29.0,
    "none": 12.0,
    "established": 8.0,
    "not_assessed": 10.0,
}

OnCase = Callable[[Session, datetime, UUID, Actor], None]


class CaseDesk:
    """talks: what happens when a case is ready to be negotiated. refer: who else could help?"""

    def __init__(self, scene: Scene, talks: OnCase, refer: OnCase) -> None:
        self._scene = scene
        self._talks = talks
        self._refer = refer
        self._outcome = Covering(scene.chance, WITHOUT_TALKS)
        self._assessment = Covering(scene.chance, ASSESSMENTS)
        self._link = Covering(scene.chance, list(LinkKind))
        self._last: tuple[UUID, Actor] | None = None

    def open_case(self, session: Session, at: datetime, report_id: UUID) -> None:
        report = session.get_one(Report, report_id)
        if report.status is not ReportStatus.CASE_OPENED:
            return
        scene = self._scene
        handler = scene.chance.choice(scene.team.managers)
        case = service.open_case(
            session,
            scene.team.coordinator,
            report_ids=[report_id],
            handler_id=handler.id,
            is_restricted=scene.maybe(0.05),
            target_days=scene.case_target_days,
            at=at,
        )
        case_id = case.id
        scene.agenda.plan(
            scene.after(at, 2, 15), lambda s, now: self._analyse(s, now, case_id, handler)
        )
        if self._last is not None and not case.is_restricted and scene.maybe(0.06):
            self._link_to_last(session, at, case_id)
        if not case.is_restricted:
            self._last = (case_id, handler)

    def close(
        self, session: Session, at: datetime, case_id: UUID, actor: Actor, outcome: str
    ) -> None:
        case = session.get_one(Case, case_id)
        if case.status is CaseStatus.CLOSED:
            return
        service.close(
            session,
            actor,
            case_id,
            outcome=outcome,
            reason="Besproken en afgerond met de melder.",
            expected_version=None,
            at=at,
        )
        if self._scene.maybe(0.04):
            self._scene.agenda.plan(
                self._scene.after(at, 10, 60),
                lambda s, now: self._reopen(s, now, case_id, actor),
            )

    def _analyse(self, session: Session, at: datetime, case_id: UUID, actor: Actor) -> None:
        scene = self._scene
        service.move(
            session,
            actor,
            case_id,
            to=CaseStatus.ANALYSIS,
            reason="Dossier volledig.",
            expected_version=None,
            at=at,
        )
        handling.write_note(
            session, actor, case_id, body="Verhaal besproken, stukken gevraagd.", at=at
        )
        self._refer(session, at, case_id, actor)
        task = handling.set_task(
            session,
            actor,
            case_id,
            title="Stukken opvragen",
            due_on=at.date() + timedelta(days=scene.chance.randint(5, 25)),
            assignee_id=None,
            at=at,
        )
        if scene.maybe(0.85):
            task_id = task.id
            scene.agenda.plan(
                scene.after(at, 3, 30),
                lambda s, now: self._complete(s, now, task_id, actor),
            )
        if scene.maybe(0.15):
            scene.agenda.plan(
                scene.after(at, 1, 4), lambda s, now: self._hold(s, now, case_id, actor)
            )
        scene.agenda.plan(
            scene.after(at, 40, 80) if scene.maybe(0.15) else scene.after(at, 7, 30),
            lambda s, now: self._hear(s, now, case_id, actor),
        )

    def _complete(self, session: Session, at: datetime, task_id: UUID, actor: Actor) -> None:
        handling.complete_task(session, actor, task_id, at=at)

    def _hold(self, session: Session, at: datetime, case_id: UUID, actor: Actor) -> None:
        holds.hold(
            session,
            actor,
            case_id,
            reason="De melder is een tijd niet bereikbaar.",
            expected_until=at.date() + timedelta(days=20),
            expected_version=None,
            at=at,
        )
        if self._scene.maybe(0.85):
            self._scene.agenda.plan(
                self._scene.after(at, 5, 30), lambda s, now: self._resume(s, now, case_id, actor)
            )

    def _resume(self, session: Session, at: datetime, case_id: UUID, actor: Actor) -> None:
        if _is_on_hold(session, case_id):
            holds.resume(session, actor, case_id, expected_version=None, at=at)

    def _hear(self, session: Session, at: datetime, case_id: UUID, actor: Actor) -> None:
        scene = self._scene
        if session.get_one(Case, case_id).status is CaseStatus.CLOSED:
            return
        self._resume(session, at, case_id, actor)
        service.assess(
            session,
            actor,
            case_id,
            assessment=self._assessment.draw(),
            reason="Op grond van de verklaringen en de stukken.",
            expected_version=None,
            at=at,
        )
        if not _may_approach(session, case_id):
            scene.agenda.plan(
                scene.after(at, 5, 40),
                lambda s, now: self.close(s, now, case_id, actor, self._outcome.draw()),
            )
            return
        if scene.maybe(0.5):
            service.move(
                session,
                actor,
                case_id,
                to=CaseStatus.HEARING,
                reason="Beide kanten horen.",
                expected_version=None,
                at=at,
            )
        if scene.maybe(0.75):
            scene.agenda.plan(
                scene.after(at, 5, 25), lambda s, now: self._talks(s, now, case_id, actor)
            )
        else:
            scene.agenda.plan(
                scene.after(at, 10, 60),
                lambda s, now: self.close(s, now, case_id, actor, self._outcome.draw()),
            )

    def _reopen(self, session: Session, at: datetime, case_id: UUID, actor: Actor) -> None:
        if session.get_one(Case, case_id).status is CaseStatus.CLOSED:
            service.reopen(
                session,
                actor,
                case_id,
                reason="De melder bracht nieuwe stukken.",
                expected_version=None,
                at=at,
            )

    def _link_to_last(self, session: Session, at: datetime, case_id: UUID) -> None:
        assert self._last is not None  # noqa: S101  (asked before)
        handling.link(
            session,
            self._scene.team.coordinator,
            case_id,
            other_id=self._last[0],
            kind=self._link.draw(),
            at=at,
        )


def _is_on_hold(session: Session, case_id: UUID) -> bool:
    return open_hold(session, case_id) is not None


def _may_approach(session: Session, case_id: UUID) -> bool:
    standing = [r for r in reports_of(session, case_id) if r.status is not ReportStatus.WITHDRAWN]
    return bool(standing) and all(r.consent_approach_respondent for r in standing)
