"""The figures of a year."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.annual_report import months, service
from app.annual_report.domain import EventCounting
from app.annual_report.schemas import AnnualFiguresView
from app.annual_report.views import annual_figures_view
from app.api.acts import Act, acting
from app.api.problems import problems
from app.core.access import Permission
from app.core.clock import local_date
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import Language

router = APIRouter(tags=["annual report"])


@router.get(
    "/annual-reports/{year}",
    response_model=AnnualFiguresView,
    responses=problems(401, 403, 422, 503),
)
def read_figures(
    year: Annotated[int, Path(ge=1990, le=2200)],
    act: Annotated[Act, acting(Permission.FIGURES_READ)],
    lang: Annotated[Language, Query(description="language of labels and notes")] = Language.NL,
    events: Annotated[
        EventCounting, Query(description="how the reports of a mass event count in the tables")
    ] = EventCounting.INCLUDE,
) -> Response:
    """The figures of a year and of the four before it, as they stand."""
    municipality = act.settings.municipality
    today = local_date(act.at)
    months.refresh_past(act.runtime.database, municipality, today)

    def work(session: Session) -> AnnualFiguresView:
        found = service.yearly_figures(
            session, act.actor, year, events=events, municipality=municipality, today=today
        )
        return annual_figures_view(
            found,
            vocabulary.current(session),
            as_of=act.at,
            municipality=municipality,
            language=lang,
            events=events,
        )

    return act.read(work)
