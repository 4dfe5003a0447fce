"""What the counts say over years, beside what rises now."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import TextQuery
from app.api.problems import problems
from app.core.access import Permission
from app.core.clock import local_date
from app.signals import comparing
from app.signals.association_views import AssociationsView, associations_view
from app.signals.domain import EventCounting
from app.signals.schemas import Month
from app.signals.trend_views import TrendsView, trends_view
from app.signals.yearly_trends import By
from app.vocabulary import queries as vocabulary

router = APIRouter(tags=["signals"])

Reading = Annotated[Act, acting(Permission.FIGURES_READ)]


@router.get(
    "/signals/trends",
    response_model=TrendsView,
    responses=problems(401, 403, 422, 503),
)
def read_trends(
    act: Reading,
    first: Annotated[int, Query(alias="from", ge=1990, le=2199, description="year")],
    last: Annotated[int, Query(alias="to", ge=1990, le=2199, description="year")],
    by: Annotated[By, Query()] = By.GROUND,
    municipality: TextQuery = None,
    event_counting: Annotated[
        EventCounting, Query(description="each report of a mass event, or the first alone")
    ] = EventCounting.EACH,
) -> Response:
    """Which grounds or domains rise or fall over years, how fast, and how sure that is."""

    def work(session: Session) -> TrendsView:
        lists = vocabulary.current(session)
        found = comparing.trends_over_years(
            session,
            act.actor,
            lists,
            first=first,
            last=last,
            by=by,
            municipality=municipality,
            event_counting=event_counting,
            today=local_date(act.at),
        )
        return trends_view(found, lists, by=by, event_counting=event_counting)

    return act.read(work)


@router.get(
    "/signals/associations",
    response_model=AssociationsView,
    responses=problems(401, 403, 422, 503),
)
def read_associations(
    act: Reading,
    first: Annotated[Month, Query(alias="from", description="month")],
    last: Annotated[Month, Query(alias="to", description="month")],
) -> Response:
    """Grounds that stand together, in a domain or in a district, more often than by chance."""

    def work(session: Session) -> AssociationsView:
        found = comparing.associations(
            session, act.actor, first=first, last=last, today=local_date(act.at)
        )
        return associations_view(found, vocabulary.current(session), first=first, last=last)

    return act.read(work)
