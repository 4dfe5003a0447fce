"""The figures of a year for partners."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.annual_report import months
from app.annual_report.partner_figures import partner_figures, require_over
from app.annual_report.partner_schemas import PartnerFiguresView
from app.annual_report.partner_views import partner_figures_view
from app.api.acts import Act, acting
from app.api.problems import problems
from app.core.access import Permission, Surface
from app.core.clock import local_date
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import Language

router = APIRouter(tags=["partner"])


@router.get(
    "/partner/figures",
    response_model=PartnerFiguresView,
    responses=problems(401, 403, 422, 503),
)
def read_partner_figures(
    act: Annotated[Act, acting(Permission.BULLETIN_RECEIVE, surface=Surface.PARTNER)],
    year: Annotated[
        int | None, Query(ge=1990, le=2200, description="one that is over; the last one by default")
    ] = None,
    lang: Annotated[Language, Query(description="language of labels and notes")] = Language.NL,
) -> Response:
    """Totals of a year that is over, and our own referrals. Small counts are suppressed."""
    municipality = act.settings.municipality
    today = local_date(act.at)
    wanted = year or today.year - 1
    require_over(wanted, today=today)
    months.refresh(act.runtime.database, home=municipality.casefold(), spare=f"{today:%Y-%m}")

    def work(session: Session) -> PartnerFiguresView:
        codes = vocabulary.current(session)
        found = partner_figures(
            session, act.actor, wanted, codes, municipality=municipality, today=today
        )
        return partner_figures_view(found, codes, as_of=act.at, language=lang)

    return act.read(work)
