"""What the bureau does with its network: meetings, a training, a campaign, a measurement.

Nothing here is drawn by chance, so that the story of reports and cases stays what it is.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import action_points, service
from app.activities.domain import (
    AWARENESS_MEASUREMENT,
    CORE_GROUP_MEETING,
    Figures,
    GroupFigures,
    PointDraft,
)
from app.attachments.domain import OwnerKind
from app.demo.bureau import Scene
from app.demo.papers import Cabinet, png

SHARES_OF_YEAR = (0.2, 0.5, 0.8)
"""When the core group met in the running year: three times, one fewer than the norm."""


class NetworkDesk:
    def __init__(
        self, scene: Scene, partner_ids: list[UUID], cabinet: Cabinet, until: date
    ) -> None:
        self._scene = scene
        self._cabinet = cabinet
        self._partner_ids = partner_ids
        self._until = until

    def plan(self) -> None:
        new_year = date(self._until.year, 1, 1)
        so_far = (self._until - new_year).days
        self._plan_meeting(new_year - timedelta(days=45), "Kerngroep van het najaar")
        for number, share in enumerate(SHARES_OF_YEAR, 1):
            day = new_year + timedelta(days=int(so_far * share))
            self._plan_meeting(day, f"Kerngroep {self._until.year}, {number}")
        ago = self._until - timedelta(days=300)
        self._plan_other(ago, "training", "Vorming voor baliemedewerkers", Figures(participants=18))
        self._plan_other(
            ago + timedelta(days=60),
            "sensitisation_campaign",
            "Campagne op de wekelijkse markt",
            Figures(participants=240),
            poster=png(210, 297),
        )
        self._plan_other(
            ago + timedelta(days=120),
            AWARENESS_MEASUREMENT,
            "Hoe bekend is het bureau?",
            Figures(
                population=65_000,
                sample=400,
                aware=132,
                by_group=[GroupFigures("jongeren", 90, 18), GroupFigures("ouderen", 120, 51)],
            ),
        )

    def _plan_meeting(self, day: date, title: str) -> None:
        self._scene.agenda.plan(_at(day), lambda s, now: self._meet(s, now, title))

    def _meet(self, session: Session, at: datetime, title: str) -> None:
        team = self._scene.team
        owner, other = team.managers[0], team.coordinator
        today = at.date()
        activity = service.record_activity(
            session,
            team.coordinator,
            kind=CORE_GROUP_MEETING,
            title=title,
            held_on=today,
            ended_on=None,
            place="Vergaderzaal Demostad",
            partner_ids=self._partner_ids[:4],
            attendee_ids=[a.id for a in (owner, other) if a.id is not None],
            guests=["A. Fictief", "B. Bedacht"],
            minutes="De verwijzingen van de voorbije maanden werden overlopen.",
            target_groups=[],
            figures=Figures(participants=7),
            points=[
                PointDraft("De folder nalezen.", a.id, today + timedelta(days=days))
                for a, days in ((owner, 20), (other, 40))
                if a.id is not None
            ],
            at=at,
        )
        point_id = activity.action_points[0].id
        # The second is left open: those of the last meetings stand in the worklist.
        self._scene.agenda.plan(
            at + timedelta(days=14),
            lambda s, now: _complete(s, now, self._scene, point_id),
        )

    def _plan_other(
        self, day: date, kind: str, title: str, figures: Figures, *, poster: bytes | None = None
    ) -> None:
        def hold(session: Session, at: datetime) -> None:
            activity = service.record_activity(
                session,
                self._scene.team.coordinator,
                kind=kind,
                title=title,
                held_on=at.date(),
                ended_on=None,
                place=None,
                partner_ids=self._partner_ids[:1],
                attendee_ids=[],
                guests=[],
                minutes=None,
                target_groups=["bewoners"],
                figures=figures,
                points=[],
                at=at,
            )
            if poster is not None:
                self._cabinet.file(
                    session,
                    self._scene.team.coordinator,
                    OwnerKind.ACTIVITY,
                    activity.id,
                    name="Affiche.png",
                    content=poster,
                    at=at,
                )

        self._scene.agenda.plan(_at(day), hold)


def _complete(session: Session, at: datetime, scene: Scene, point_id: UUID) -> None:
    action_points.complete_action_point(session, scene.team.managers[0], point_id, at=at)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(14), UTC)
