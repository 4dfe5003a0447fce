"""Suggestions: what the evidence of a year calls for, and deciding on it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import CodeQuery
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.core.clock import local_date
from app.core.errors import NotFoundError
from app.prevention import queries, suggestions
from app.prevention.domain import FIRST_YEAR, LAST_YEAR, EvidenceKind, SuggestionState
from app.prevention.schemas import SuggestionDecisionBody
from app.prevention.suggestions import SuggestionFilter
from app.prevention.views import (
    ActionKindsView,
    SuggestionsView,
    SuggestionView,
    action_kinds_view,
    suggestion_view,
    suggestions_view,
)

router = APIRouter(tags=["prevention"])

Reading = Annotated[Act, acting(Permission.PREVENTION_READ)]
Deciding = Annotated[Act, acting(Permission.PREVENTION_DECIDE, changes=True)]


def _filter(
    state: Annotated[SuggestionState | None, Query()] = None,
    evidence: Annotated[EvidenceKind | None, Query(description="what it rests on")] = None,
    kind: CodeQuery = None,
    ground: CodeQuery = None,
    domain: CodeQuery = None,
    limit: Annotated[int, Query(ge=1, le=200, description="how many to show")] = 50,
) -> SuggestionFilter:
    return SuggestionFilter(**locals())


@router.get(
    "/prevention/kinds", response_model=ActionKindsView, responses=problems(401, 403, 422, 503)
)
def list_action_kinds(act: Reading) -> Response:
    """The catalogue: kinds of preventive action, and what each is good for."""
    return act.read(lambda _session: action_kinds_view())


@router.get(
    "/prevention/suggestions",
    response_model=SuggestionsView,
    responses=problems(401, 403, 422, 503),
)
def list_suggestions(
    act: Reading,
    wanted: Annotated[SuggestionFilter, Depends(_filter)],
    based_on_year: Annotated[
        int | None,
        Query(ge=FIRST_YEAR, le=LAST_YEAR, description="left out: the year before this one"),
    ] = None,
) -> Response:
    """What to do after a year, the highest score first: each with its evidence, its points, whom to
    involve and what was done before. The same data give the same list."""
    return act.read(
        lambda session: suggestions_view(
            session,
            act.actor,
            suggestions.find_year(
                session, act.actor, based_on_year, wanted, today=local_date(act.at)
            ),
        )
    )


@router.get(
    "/prevention/suggestions/{suggestion_id}",
    response_model=SuggestionView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_suggestion(suggestion_id: UUID, act: Reading) -> Response:
    """One suggestion, with what was decided and on what evidence. That it was read stands in the
    trail."""

    def work(session: Session) -> SuggestionView:
        view = _shown(session, act, suggestion_id)
        audit.record(
            session,
            act.actor,
            Event.PREVENTION_SUGGESTION_READ,
            "prevention_suggestion",
            suggestion_id,
            at=act.at,
        )
        return view

    return act.commit(work)


@router.post(
    "/prevention/suggestions/{suggestion_id}/decisions",
    status_code=201,
    response_model=SuggestionView,
    responses=problems(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def decide_on_suggestion(
    suggestion_id: UUID, body: SuggestionDecisionBody, act: Deciding
) -> Response:
    """Accept, reject with a reason, or postpone until a day."""

    def work(session: Session) -> SuggestionView:
        suggestions.decide(
            session,
            act.actor,
            suggestion_id,
            decision=body.decision,
            reason=body.reason,
            until=body.until,
            expected_version=act.expected_version,
            at=act.at,
        )
        return _shown(session, act, suggestion_id)

    return act.commit(work)


def _shown(session: Session, act: Act, suggestion_id: UUID) -> SuggestionView:
    today = local_date(act.at)
    found = suggestions.find_one(session, act.actor, suggestion_id, today=today)
    row = queries.decided(session, suggestion_id)
    if found is None and (row is None or not suggestions.may_see(session, act.actor, row)):
        raise NotFoundError
    return suggestion_view(session, act.actor, suggestion_id, found, row)
