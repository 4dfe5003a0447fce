"""Referrals: what the bureau offers to partners, how they answer, and what they submit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.cases.queries import reports_of
from app.core.access import Actor
from app.core.clock import local_date
from app.demo.bureau import Scene
from app.demo.city import Covering
from app.demo.intake import IntakeDesk
from app.intake import service as intake
from app.intake.domain import ReportStatus
from app.intake.models import Report
from app.intake.schemas import ReportContent
from app.partners.domain import ReferralField
from app.referrals import answering, service
from app.referrals.domain import (
    Consent,
    ConsentForm,
    ConsentGiver,
    Override,
    ReferralOutcome,
    ReferralPurpose,
    ReferralStatus,
)
from app.referrals.models import Referral

ENDS = {
    ReferralStatus.COMPLETED: 7.0,
    ReferralStatus.DECLINED: 1.5,
    ReferralStatus.WITHDRAWN: 0.7,
    ReferralStatus.CONSENT_WITHDRAWN: 0.8,
}
OUTCOMES = {
    ReferralOutcome.HELPED: 6.0,
    ReferralOutcome.PARTLY_HELPED: 3.0,
    ReferralOutcome.NOT_REACHED: 1.0,
    ReferralOutcome.CLIENT_LEFT: 1.0,
    ReferralOutcome.NOT_COMPETENT: 0.5,
    ReferralOutcome.OTHER: 0.5,
}
ALWAYS_SHARED = (
    ReferralField.NARRATIVE,
    ReferralField.DOMAIN,
    ReferralField.GROUNDS,
    ReferralField.PERIOD,
    ReferralField.NEEDS,
)
ANSWER_DAYS, RESULT_DAYS = 7, 75
OVERDUE_SINCE_DAYS = 6


class ReferralDesk:
    """partner_actors: who acts for a partner that has access."""

    def __init__(
        self,
        scene: Scene,
        partner_ids: Mapping[str, UUID],
        partner_actors: Mapping[UUID, Actor],
        seed: int,
    ) -> None:
        # Chance of its own: the story of reports and cases stays what it is.
        self._scene = replace(scene, chance=Random(seed))  # noqa: S311  (a story, no secret)
        self._partner_ids = partner_ids
        self._partner_actors = partner_actors
        chance = self._scene.chance
        self._end = Covering(chance, ENDS)
        self._outcome = Covering(chance, OUTCOMES)
        self._form = Covering(chance, list(ConsentForm))

    def refer(self, session: Session, at: datetime, report_id: UUID, actor: Actor) -> bool:
        """Whether the report goes to a partner; False: its reporter is only told where to go."""
        report = session.get_one(Report, report_id)
        if report.consent_share_with_partners:
            self._offer(session, at, report, actor, consent=self._consent(at))
            return True
        if self._scene.maybe(0.15):
            self._offer(session, at, report, self._scene.team.coordinator, consent=None)
            return True
        return False

    def refer_case(self, session: Session, at: datetime, case_id: UUID, actor: Actor) -> None:
        """Some reporters of a case need more than the bureau can give."""
        reports = reports_of(session, case_id)
        if len(reports) != 1 or reports[0].status is ReportStatus.WITHDRAWN:
            return
        if reports[0].consent_share_with_partners and self._scene.maybe(0.25):
            self._offer(session, at, reports[0], actor, consent=self._consent(at), of_case=case_id)

    def plan_overdue(self, until: date) -> None:
        """A recent offer that the partner left without an answer."""
        told = self._scene.city["overdue_report"]
        day = until - timedelta(days=ANSWER_DAYS + OVERDUE_SINCE_DAYS)

        def offer(session: Session, at: datetime) -> None:
            colleague = self._scene.team.intake[0]
            received = intake.register_report(
                session,
                colleague,
                _content(told, at.date()).draft(),
                channel="phone",
                received_at=at,
                periods=self._scene.periods,
                at=at,
            )
            report = session.get_one(Report, received.report_id)
            self._make(session, at, report, colleague, consent=self._consent(at))

        self._scene.agenda.plan(datetime.combine(day, time(9), UTC), offer)

    def plan_submissions(self, until: date, desk: IntakeDesk) -> None:
        """Reports that partners send in for their clients."""
        for told in self._scene.city["submissions"]:
            day = until - timedelta(days=told["days_ago"])
            self._scene.agenda.plan(
                datetime.combine(day, time(11), UTC),
                lambda s, now, t=told: self._submit(s, now, t, desk),  # type: ignore[misc]
            )

    def _submit(
        self, session: Session, at: datetime, told: Mapping[str, Any], desk: IntakeDesk
    ) -> None:
        partner = self._partner_actors[self._partner_ids[told["partner"]]]
        content = _content(told, at.date())
        submitted = answering.submit(
            session,
            partner,
            content.draft(),
            written=content.model_dump_json(),
            consent=Consent(local_date(at), ConsentGiver.REPORTER, ConsentForm.WRITTEN),
            purpose=ReferralPurpose(told["purpose"]),
            periods=self._scene.periods,
            at=at,
        )
        desk.follow(at, submitted.report.report_id, content.request)
        referral_id = submitted.referral.id
        self._scene.agenda.plan(
            self._scene.after(at, 3, 12), lambda s, now: self._talk(s, now, referral_id, partner)
        )

    def _offer(
        self,
        session: Session,
        at: datetime,
        report: Report,
        actor: Actor,
        *,
        consent: Consent | None,
        of_case: UUID | None = None,
    ) -> None:
        referral = self._make(session, at, report, actor, consent=consent, of_case=of_case)
        end = self._end.draw()
        if consent is None and end is ReferralStatus.CONSENT_WITHDRAWN:
            end = ReferralStatus.COMPLETED
        referral_id = referral.id
        self._scene.agenda.plan(
            self._scene.after(at, 1, 6), lambda s, now: self._answer(s, now, referral_id, end)
        )

    def _make(
        self,
        session: Session,
        at: datetime,
        report: Report,
        actor: Actor,
        *,
        consent: Consent | None,
        of_case: UUID | None = None,
    ) -> Referral:
        wanted = self._partner_for(report.domain)
        fields = [*ALWAYS_SHARED]
        if not report.is_anonymous:
            fields += [ReferralField.REPORTER_IDENTITY, ReferralField.REPORTER_CONTACT]
        today = local_date(at)
        return service.make_referral(
            session,
            actor,
            report_id=None if of_case else report.id,
            case_id=of_case,
            partner_id=self._partner_ids[wanted["partner"]],
            purpose=ReferralPurpose(wanted["purpose"]),
            shared_fields=fields,
            consent=consent,
            override=None
            if consent
            else Override(
                "De melder is in gevaar en niet te bereiken; hulp kan niet wachten.",
                against_refusal=True,
            ),
            outside_territory_reason="De partner begeleidt deze persoon al.",
            answer_by=today + timedelta(days=ANSWER_DAYS),
            result_by=today + timedelta(days=RESULT_DAYS),
            at=at,
        )

    def _answer(
        self, session: Session, at: datetime, referral_id: UUID, end: ReferralStatus
    ) -> None:
        referral = session.get_one(Referral, referral_id)
        if referral.status is not ReferralStatus.OFFERED:
            return  # the reporter withdrew the report
        partner = self._partner_actors[referral.partner_id]
        if end is ReferralStatus.DECLINED:
            reason = "Op dit moment nemen wij niemand meer aan."
            answering.decline(session, partner, referral_id, reason=reason, at=at)
        elif end is ReferralStatus.WITHDRAWN:
            service.withdraw(
                session,
                self._scene.team.coordinator,
                referral_id,
                reason="De melder is intussen elders geholpen.",
                at=at,
            )
        else:
            answering.accept(session, partner, referral_id, at=at)
            self._scene.agenda.plan(
                self._scene.after(at, 1, 8),
                lambda s, now: self._talk(s, now, referral_id, partner),
            )
            self._scene.agenda.plan(
                self._scene.after(at, 10, 60), lambda s, now: self._finish(s, now, referral_id, end)
            )

    def _talk(self, session: Session, at: datetime, referral_id: UUID, partner: Actor) -> None:
        referral = session.get_one(Referral, referral_id)
        if referral.status not in (ReferralStatus.ACCEPTED, ReferralStatus.SUBMITTED):
            return
        answering.write_as_partner(
            session, partner, referral_id, "Wij hebben een afspraak met de persoon gemaakt.", at=at
        )
        if self._scene.maybe(0.6):
            service.write_as_bureau(
                session,
                self._scene.team.coordinator,
                referral_id,
                "Bedankt. Laat ons weten hoe het gesprek verliep.",
                at=at + timedelta(hours=1),
            )

    def _finish(
        self, session: Session, at: datetime, referral_id: UUID, end: ReferralStatus
    ) -> None:
        referral = session.get_one(Referral, referral_id)
        if referral.status is not ReferralStatus.ACCEPTED:
            return
        if end is ReferralStatus.CONSENT_WITHDRAWN:
            service.withdraw_consent(
                session,
                self._scene.team.coordinator,
                referral_id,
                reason="De melder wil niet meer dat wij gegevens delen.",
                at=at,
            )
            return
        answering.complete(
            session,
            self._partner_actors[referral.partner_id],
            referral_id,
            outcome=self._outcome.draw(),
            remark="Afgerond met de persoon zelf.",
            at=at,
        )

    def _consent(self, at: datetime) -> Consent:
        return Consent(local_date(at), ConsentGiver.REPORTER, self._form.draw())

    def _partner_for(self, domain: str) -> Mapping[str, Any]:
        """Who knows this domain, else one of those who take any."""
        offers = self._scene.city["referral_partners"]
        fitting = [offer for offer in offers if domain in offer.get("domains", ())]
        anything = [offer for offer in offers if "domains" not in offer]
        found: Mapping[str, Any] = self._scene.chance.choice(fitting or anything)
        return found


def _content(told: Mapping[str, Any], today: date) -> ReportContent:
    """A report as a partner or a colleague writes it down, of somebody who is known."""
    return ReportContent.model_validate(
        {
            "request": "assistance",
            "language": "nl",
            "reporter": {
                "role": "victim",
                "is_anonymous": False,
                "name": told["name"],
                "phone": "0470 00 00 00",
                "municipality": told.get("municipality", "Genk"),
                "needs": told.get("needs", {}),
            },
            "incident": {
                "narrative": told["narrative"],
                "occurred_from": today - timedelta(days=12),
                "municipality": told.get("municipality", "Genk"),
                "domain": told["domain"],
                "conducts": ["direct"],
                "respondent": told.get("respondent"),
            },
            "grounds": [{"code": told["ground"]}],
            "consents": {
                "contact": True,
                "approach_respondent": True,
                "share_with_partners": True,
                "statistics": True,
            },
        }
    )
