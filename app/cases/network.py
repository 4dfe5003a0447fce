"""What a case asks of a partner."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.cases import queries
from app.core.access import Actor
from app.intake.domain import ReportStatus
from app.intake.network import facts_of
from app.partners.scoring import MatchFacts


def match_facts(session: Session, actor: Actor, case_id: UUID, at: datetime) -> MatchFacts:
    """What the reports of this case ask of a partner, apart from those that were withdrawn.

    That it was looked at stands in the trail.
    """
    case = queries.get_case(session, actor, case_id)
    audit.record(session, actor, Event.CASE_READ, "case", case.id, at=at, part="matching")
    reports = queries.reports_of(session, case.id)
    return facts_of([r for r in reports if r.status is not ReportStatus.WITHDRAWN])
