"""What a report tells the partner network: where it lies, and what it asks of a partner."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor
from app.core.folding import fold
from app.intake import queries
from app.intake.answers import CompetentView, ReportAreaView
from app.intake.domain import place_of
from app.intake.models import Report
from app.partners import competence
from app.partners import service as partners
from app.partners.domain import Accessibility, Ground, route_outside
from app.partners.regions import region_of
from app.partners.scoring import MatchFacts
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList, Vocabulary


def report_area(session: Session, report: Report, *, own: str) -> ReportAreaView:
    """Whether a report lay in the service area on the day it came in, and who is competent if not.

    own: the bureau's municipality.
    """
    place = place_of(report.incident_municipality, report.reporter_municipality)
    if place is None:
        return ReportAreaView(in_area=None, by=None, agreement_id=None, competent=[])
    area = partners.locate_on(session, place, report.received_on, own=own)
    if area is not None:
        return ReportAreaView(
            in_area=True, by=area.source, agreement_id=area.agreement_id, competent=[]
        )
    codes = vocabulary.current(session)
    competent = route_outside(
        competence.table(),
        grounds=[_ground(codes, row.code) for row in report.grounds],
        domain=report.domain,
        on=report.received_on,
        region=region_of(place, None if report.incident_municipality else report.reporter_postal),
    )
    return ReportAreaView(
        in_area=False,
        by=None,
        agreement_id=None,
        competent=[CompetentView.model_validate(body) for body in competent],
    )


def match_facts(session: Session, actor: Actor, report_id: UUID, at: datetime) -> MatchFacts:
    """What this report asks of a partner. That it was looked at stands in the trail."""
    report = queries.get_report(session, actor, report_id)
    audit.record(session, actor, Event.REPORT_READ, "report", report.id, at=at, part="matching")
    return facts_of([report])


def facts_of(reports: Sequence[Report]) -> MatchFacts:
    """What these reports together ask of a partner."""
    places = (place_of(r.incident_municipality, r.reporter_municipality) for r in reports)
    return MatchFacts(
        grounds=sorted({ground.code for report in reports for ground in report.grounds}),
        domains=sorted({report.domain for report in reports}),
        municipalities=sorted({fold(place) for place in places if place is not None}),
        languages=sorted({r.interpreter_language or r.language for r in reports}),
        needs=sorted({need for report in reports for need in _needs(report)}),
    )


def _needs(report: Report) -> list[Accessibility]:
    asked = {
        Accessibility.INTERPRETER: report.interpreter_language is not None,
        Accessibility.SIGN_LANGUAGE: report.needs_sign_language,
        Accessibility.EASY_LANGUAGE: report.needs_reading_help,
    }
    return [need for need, is_asked in asked.items() if is_asked]


def _ground(codes: Vocabulary, code: str) -> Ground:
    entry = codes.entries(CodeList.GROUNDS).get(code)
    regimes = entry.attributes.get("legal_regimes", []) if entry else []
    return Ground(code, codes.lineage(CodeList.GROUNDS, code), regimes)
