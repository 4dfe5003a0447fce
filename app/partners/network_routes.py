"""Where the bureau works, and who can take a report or case."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import Code, CodeQuery, Day, Language, TextQuery
from app.api.problems import problems
from app.core.access import Permission
from app.core.clock import local_date
from app.core.errors import invalid
from app.core.folding import fold
from app.partners import matches, service
from app.partners.domain import Accessibility
from app.partners.facts import Subject, facts_of
from app.partners.network_schemas import MatchesView, ServiceAreaView
from app.partners.scoring import MatchFacts

router = APIRouter(tags=["partners"])

Reading = Annotated[Act, acting(Permission.PARTNER_READ)]


def _facts(
    ground: Annotated[list[Code], Query(max_length=10)] = [],  # noqa: B006  (never changed)
    domain: CodeQuery = None,
    municipality: TextQuery = None,
    language: Annotated[Language | None, Query()] = None,
    needs: Annotated[list[Accessibility], Query(max_length=10)] = [],  # noqa: B006
) -> MatchFacts:
    return MatchFacts(
        grounds=ground,
        domains=[domain] if domain else [],
        municipalities=[fold(municipality)] if municipality else [],
        languages=[language] if language else [],
        needs=needs,
    )


@router.get("/service-area", response_model=ServiceAreaView, responses=problems(401, 403, 422, 503))
def read_service_area(
    act: Reading, on: Annotated[Day | None, Query(description="today when left out")] = None
) -> Response:
    """The municipalities that the bureau works for on a day, and why."""
    day = on or local_date(act.at)
    return act.read(
        lambda session: ServiceAreaView.of(
            day, service.area_on(session, day, own=act.settings.municipality)
        )
    )


@router.get(
    "/partners/matches",
    response_model=MatchesView,
    responses=problems(401, 403, 404, 422, 503),
)
def match_partners(
    act: Reading,
    given: Annotated[MatchFacts, Depends(_facts)],
    report_id: Annotated[UUID | None, Query()] = None,
    case_id: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="how many to show")] = 10,
) -> Response:
    """Partners for a report, a case, or facts: the best first, each with its reasons and load.

    That a report or case was looked at stands in the trail.
    """
    today = local_date(act.at)
    subject = _subject(report_id, case_id, given)

    def work(session: Session) -> MatchesView:
        if subject is None:
            matches.require_codes(session, given, today=today)
            facts = given
        else:
            facts = facts_of(session, act.actor, *subject, at=act.at)
        return MatchesView.of(matches.propose(session, act.actor, facts, today=today, most=limit))

    return act.read(work) if subject is None else act.commit(work)


def _subject(
    report_id: UUID | None, case_id: UUID | None, given: MatchFacts
) -> tuple[Subject, UUID] | None:
    """Exactly one of a report, a case, or facts."""
    asked = (report_id is not None, case_id is not None, any(vars(given).values()))
    if sum(asked) != 1:
        raise invalid("/query", "give a report, a case, or facts, and only one of them", "one_of")
    if report_id is not None:
        return Subject.REPORT, report_id
    return (Subject.CASE, case_id) if case_id is not None else None
