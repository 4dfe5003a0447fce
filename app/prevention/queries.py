"""Reading what was decided on suggestions, actions and their results."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.due import DueItem
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.intake.models import Report
from app.prevention.domain import (
    BEGAN,
    ActionStatus,
    Earlier,
    SuggestionDecision,
    Verdict,
)
from app.prevention.evidence_queries import is_hidden_from
from app.prevention.models import (
    PreventionAction,
    PreventionDecisionReport,
    PreventionLink,
    PreventionPartner,
    PreventionPoint,
    PreventionResult,
    PreventionResultReport,
    PreventionSuggestion,
    PreventionSuggestionDecision,
)
from app.signals.domain import Cell, SignalStatus
from app.signals.models import Signal
from app.signals.queries import visible_signals
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList


@dataclass(frozen=True)
class ActionFilter:
    """Each None does not filter. year: in which it began, without what was called off.
    signal_year: of a confirmed signal that it rests on, straight or through a suggestion."""

    status: ActionStatus | None = None
    kind: str | None = None
    year: int | None = None
    signal_year: int | None = None
    ground: str | None = None
    domain: str | None = None
    partner: UUID | None = None


def visible_actions(actor: Actor) -> Select[PreventionAction]:
    actor.require(Permission.PREVENTION_READ)
    return select(PreventionAction)


def list_actions(
    session: Session, actor: Actor, wanted: ActionFilter, page: PageRequest
) -> Page[PreventionAction]:
    """The last planned first."""
    vocabulary.current(session).require_known(
        ground=(CodeList.GROUNDS, wanted.ground), domain=(CodeList.DOMAINS, wanted.domain)
    )
    query = visible_actions(actor)
    for column, value in (
        (PreventionAction.status, wanted.status),
        (PreventionAction.kind, wanted.kind),
        (PreventionAction.ground, wanted.ground),
        (PreventionAction.domain, wanted.domain),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.year is not None:
        query = query.where(began_in(wanted.year))
    if wanted.signal_year is not None:
        seen = visible_signals(actor).with_only_columns(Signal.id)
        based = actions_on_signals_of(wanted.signal_year).where(Signal.id.in_(seen))
        query = query.where(PreventionAction.id.in_(based))
    if wanted.partner is not None:
        of_partner = select(PreventionPartner.action_id).where(
            PreventionPartner.partner_id == wanted.partner
        )
        query = query.where(PreventionAction.id.in_(of_partner))
    order = (PreventionAction.recorded_at, PreventionAction.id)
    return fetch_page(session, query, page, order=order, descending=True)


def began_in(year: int) -> ColumnElement[bool]:
    """Actions that began in a year and run or were completed."""
    began = PreventionAction.began_on.between(date(year, 1, 1), date(year, 12, 31))
    return and_(began, PreventionAction.status.in_(BEGAN))


def actions_on_signals_of(year: int) -> Select[UUID]:
    """Ids of actions that rest on a confirmed signal of a year, straight or through a suggestion,
    by a link that stands. A signal is of the year in which it ends."""
    suggestion = PreventionSuggestion
    return (
        select(PreventionLink.action_id)
        .outerjoin(suggestion, suggestion.id == PreventionLink.suggestion_id)
        .join(Signal, Signal.id == func.coalesce(PreventionLink.signal_id, suggestion.signal_id))
        .where(
            PreventionLink.undone_on.is_(None),
            Signal.status == SignalStatus.CONFIRMED,
            Signal.last_month.between(f"{year}-01", f"{year}-12"),
        )
    )


def get_action(
    session: Session, actor: Actor, action_id: UUID, *, for_update: bool = False
) -> PreventionAction:
    query = visible_actions(actor).where(PreventionAction.id == action_id)
    if for_update:
        query = query.with_for_update()
    action = session.scalar(query)
    if action is None:
        raise NotFoundError
    return action


def locked_point(
    session: Session, actor: Actor, point_id: UUID
) -> tuple[PreventionAction, PreventionPoint]:
    """The action first, then the point."""
    action_id = session.scalar(
        visible_actions(actor)
        .join(PreventionPoint, PreventionPoint.action_id == PreventionAction.id)
        .where(PreventionPoint.id == point_id)
        .with_only_columns(PreventionAction.id)
    )
    if action_id is None:
        raise NotFoundError
    action = session.get_one(PreventionAction, action_id, with_for_update=True)
    return action, session.get_one(PreventionPoint, point_id, with_for_update=True)


def due_points(session: Session, actor: Actor, until: date, most: int) -> Sequence[DueItem]:
    """Not of actions that were called off."""
    actor.require(Permission.PREVENTION_READ)
    rows = session.execute(
        select(PreventionPoint, PreventionAction.reference)
        .join(PreventionAction, PreventionAction.id == PreventionPoint.action_id)
        .where(
            PreventionPoint.done_on.is_(None),
            PreventionPoint.due_on <= until,
            PreventionAction.status != ActionStatus.CANCELLED,
        )
        .order_by(PreventionPoint.due_on, PreventionPoint.id)
        .limit(most)
    )
    return [
        DueItem(
            "prevention_point", p.due_on, "prevention_action", p.action_id, reference, p.owner_id
        )
        for p, reference in rows
    ]


def earlier_actions(session: Session, actor: Actor) -> list[Earlier]:
    """All but what was called off, with the verdict of the last measured result that this reader
    may see."""
    verdicts: dict[UUID, Verdict] = {}
    results = session.execute(
        select(PreventionResult.action_id, PreventionResult.verdict)
        .where(
            PreventionResult.verdict.is_not(None),
            PreventionResult.id.not_in(_hidden_results(actor)),
        )
        .order_by(PreventionResult.action_id, PreventionResult.position)
    )
    for action_id, verdict in results:
        if verdict is not None:
            verdicts[action_id] = verdict
    actions = session.scalars(
        visible_actions(actor)
        .where(PreventionAction.status != ActionStatus.CANCELLED)
        .order_by(PreventionAction.reference)
    )
    return [
        Earlier(
            id=action.id,
            reference=action.reference,
            title=action.title,
            kind=action.kind,
            status=action.status,
            cell=cell_of(action),
            began_on=action.began_on,
            ended_on=action.ended_on,
            verdict=verdicts.get(action.id),
        )
        for action in actions
    ]


def cell_of(action: PreventionAction) -> Cell:
    return Cell(action.ground, action.domain, action.municipality, action.district)


def _hidden_results(actor: Actor) -> Select[UUID]:
    return (
        select(PreventionResultReport.result_id)
        .join(Report, Report.id == PreventionResultReport.report_id)
        .where(is_hidden_from(actor))
    )


def hidden_results(session: Session, actor: Actor, action_id: UUID) -> set[UUID]:
    """Results of an action that count a report which this actor may not know of."""
    query = (
        _hidden_results(actor)
        .join(PreventionResult, PreventionResult.id == PreventionResultReport.result_id)
        .where(PreventionResult.action_id == action_id)
    )
    return set(session.scalars(query))


def decided_of_year(session: Session, year: int) -> dict[UUID, PreventionSuggestion]:
    query = select(PreventionSuggestion).where(PreventionSuggestion.based_on_year == year)
    return {row.id: row for row in session.scalars(query)}


def decided(
    session: Session, suggestion_id: UUID, *, for_update: bool = False
) -> PreventionSuggestion | None:
    query = select(PreventionSuggestion).where(PreventionSuggestion.id == suggestion_id)
    return session.scalar(query.with_for_update() if for_update else query)


def decisions_of(session: Session, suggestion_id: UUID) -> list[PreventionSuggestionDecision]:
    return list(
        session.scalars(
            select(PreventionSuggestionDecision)
            .where(PreventionSuggestionDecision.suggestion_id == suggestion_id)
            .order_by(PreventionSuggestionDecision.position)
        )
    )


def last_acceptance(session: Session, suggestion_id: UUID) -> PreventionSuggestionDecision | None:
    return session.scalar(
        select(PreventionSuggestionDecision)
        .where(
            PreventionSuggestionDecision.suggestion_id == suggestion_id,
            PreventionSuggestionDecision.decision == SuggestionDecision.ACCEPT,
        )
        .order_by(PreventionSuggestionDecision.position.desc())
        .limit(1)
    )


def hidden_decisions(session: Session, actor: Actor, suggestion_id: UUID) -> set[UUID]:
    """Decisions whose kept evidence counts a report which this actor may not know of."""
    query = (
        select(PreventionDecisionReport.decision_id)
        .join(Report, Report.id == PreventionDecisionReport.report_id)
        .join(
            PreventionSuggestionDecision,
            PreventionSuggestionDecision.id == PreventionDecisionReport.decision_id,
        )
        .where(PreventionSuggestionDecision.suggestion_id == suggestion_id, is_hidden_from(actor))
    )
    return set(session.scalars(query))


def actions_resting_on(session: Session, suggestion_id: UUID) -> list[PreventionAction]:
    """By links that stand."""
    return list(
        session.scalars(
            select(PreventionAction)
            .join(PreventionLink, PreventionLink.action_id == PreventionAction.id)
            .where(
                PreventionLink.suggestion_id == suggestion_id, PreventionLink.undone_on.is_(None)
            )
            .order_by(PreventionAction.reference)
        )
    )


def suggestions_of(
    session: Session, suggestion_ids: Collection[UUID]
) -> dict[UUID, PreventionSuggestion]:
    query = select(PreventionSuggestion).where(PreventionSuggestion.id.in_(suggestion_ids))
    return {row.id: row for row in session.scalars(query)}


def seen_signals(
    session: Session, actor: Actor, signal_ids: Collection[UUID]
) -> dict[UUID, Signal]:
    """Of these signals those that this actor may see."""
    query = visible_signals(actor).where(Signal.id.in_(signal_ids))
    return {row.id: row for row in session.scalars(query)}
