"""Rows as the shapes of the contract."""

from sqlalchemy.orm import Session

from app.cases import guards, queries
from app.cases.domain import MOVES, TOWARDS_RESPONDENT
from app.cases.models import Case
from app.cases.schemas import CaseSummary, CaseView, HoldView, LinkView
from app.core.access import Actor
from app.intake.domain import ReportStatus
from app.intake.views import report_summary


def case_view(session: Session, actor: Actor, case: Case) -> CaseView:
    reports = queries.reports_of(session, case.id)
    holds = queries.holds_of(session, case.id)
    is_on_hold = any(hold.ended_on is None for hold in holds)
    standing = [r for r in reports if r.status is not ReportStatus.WITHDRAWN]
    may_approach = bool(standing) and all(r.consent_approach_respondent for r in standing)
    return CaseView(
        id=case.id,
        version=case.version,
        reference=case.reference,
        status=case.status,
        allowed_moves=sorted(
            to
            for to in MOVES[case.status]
            if not is_on_hold
            and (may_approach or to not in TOWARDS_RESPONDENT)
            and guards.allow_move(session, case.id, to)
        ),
        is_on_hold=is_on_hold,
        opened_on=case.opened_on,
        target_on=case.target_on,
        closed_on=case.closed_on,
        handler_id=case.handler_id,
        is_restricted=case.is_restricted,
        assessment=case.assessment,
        outcome=case.outcome,
        closure_reason=case.closure_reason,
        reports=[report_summary(report) for report in reports],
        holds=[HoldView.model_validate(hold) for hold in holds],
        links=[
            LinkView(kind=link.kind, case=case_summary(other))
            for link, other in queries.linked_cases(session, actor, case.id)
        ],
    )


def case_summary(case: Case) -> CaseSummary:
    return CaseSummary.model_validate(case)
