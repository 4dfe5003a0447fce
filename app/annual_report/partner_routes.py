"""The figures of a year for partners."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.activities.domain import last_settled_year
from app.annual_report import kept_years
from app.annual_report.partner_figures import partner_figures
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
        int | None,
        Query(
            ge=1990,
            le=2200,
            description="one that ended sixty days ago or more; the last one by default",
        ),
    ] = None,
    lang: Annotated[Language, Query(description="language of labels and notes")] = Language.NL,
) -> Response:
    """Totals of a year, and our own referrals. Small counts are suppressed.

    Counted when first asked for, and from then on the same: a correction shows nobody.
    """
    wanted = year or last_settled_year(local_date(act.at))
    kept_years.keep_year(act.runtime.database, wanted, act.settings.municipality, act.at)
    kept_years.keep_partner_year(act.runtime.database, act.actor, wanted, at=act.at)

    def work(session: Session) -> PartnerFiguresView:
        found = partner_figures(session, act.actor, wanted)
        return partner_figures_view(found, vocabulary.current(session), language=lang)

    return act.read(work)
