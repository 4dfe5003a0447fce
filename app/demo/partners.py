"""What the bureau agrees with partners, and what it tells them.

Nothing here is drawn by chance, so that the story of reports and cases stays what it is.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import bulletins
from app.activities.audience import Audience
from app.attachments.domain import OwnerKind
from app.core.access import Actor
from app.demo.bureau import Scene
from app.demo.papers import Cabinet, pdf
from app.partners import agreements
from app.partners.domain import CooperationKind, ReferralField
from app.vocabulary.domain import Language

SIGNED_BEFORE = timedelta(days=30)
LASTS = timedelta(days=730)


def area_begins_on(until: date) -> date:
    """The last 1 July that lies a month back at least, so that there is a before and an after."""
    year = until.year if date(until.year, 7, 1) <= until - timedelta(days=30) else until.year - 1
    return date(year, 7, 1)


class PartnerDesk:
    """partner_actors: who acts for a partner that has access."""

    def __init__(
        self,
        scene: Scene,
        partner_ids: Mapping[str, UUID],
        partner_actors: Mapping[UUID, Actor],
        cabinet: Cabinet,
        until: date,
    ) -> None:
        self._scene = scene
        self._partner_ids = partner_ids
        self._partner_actors = partner_actors
        self._cabinet = cabinet
        self._until = until

    def plan(self) -> None:
        area = self._scene.city["area_agreement"]
        begins_on = area_begins_on(self._until)
        self._plan_agreement(
            area, CooperationKind.SERVICE_AREA, begins_on, territory=area["territory"]
        )
        for terms in self._scene.city["agreements"]:
            signed_on = self._until - timedelta(days=terms["days_ago"])
            self._plan_agreement(
                terms,
                CooperationKind.REFERRAL,
                signed_on,
                shared_fields=[ReferralField(field) for field in terms["shared_fields"]],
            )
        for bulletin in self._scene.city["bulletins"]:
            day = self._until - timedelta(days=bulletin["days_ago"])
            self._scene.agenda.plan(_at(day), lambda s, now, b=bulletin: self._send(s, now, b))  # type: ignore[misc]

    def _plan_agreement(
        self, terms: Mapping[str, Any], kind: CooperationKind, valid_from: date, **more: Any
    ) -> None:
        partner = terms["partner"]

        def sign(session: Session, at: datetime) -> None:
            agreement = agreements.agree(
                session,
                self._scene.team.coordinator,
                self._partner_ids[partner],
                kind=kind,
                purposes=terms["purposes"],
                valid_from=valid_from,
                valid_to=valid_from + LASTS,
                renewal_on=valid_from + LASTS - timedelta(days=90),
                at=at,
                **more,
            )
            paper = [
                f"Samenwerkingsovereenkomst met {partner}",
                f"Vanaf {valid_from:%d/%m/%Y}, voor twee jaar.",
                *(f"Doel: {purpose}." for purpose in terms["purposes"]),
                "Verzonnen voor de demo.",
            ]
            self._cabinet.file(
                session,
                self._scene.team.coordinator,
                OwnerKind.PARTNER_AGREEMENT,
                agreement.id,
                name="Overeenkomst.pdf",
                content=pdf(paper),
                at=at,
            )

        self._scene.agenda.plan(_at(valid_from - SIGNED_BEFORE), sign)

    def _send(self, session: Session, at: datetime, text: Mapping[str, Any]) -> None:
        coordinator = self._scene.team.coordinator
        bulletin = bulletins.write_bulletin(
            session,
            coordinator,
            title=text["title"],
            body=text["body"],
            language=Language.NL,
            audience=Audience(tiers=text["tiers"]),
            figures=[],
            at=at,
        )
        bulletins.send_bulletin(session, coordinator, bulletin.id, expected_version=None, at=at)
        bulletin_id = bulletin.id
        for days, name in enumerate(text["read_by"], 1):
            reader = self._partner_actors[self._partner_ids[name]]
            self._scene.agenda.plan(
                at + timedelta(days=days),
                lambda s, now, r=reader: _read(s, now, r, bulletin_id),  # type: ignore[misc]
            )


def _read(session: Session, at: datetime, reader: Actor, bulletin_id: UUID) -> None:
    bulletins.receive_bulletin(session, reader, bulletin_id, at=at)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), UTC)
