"""What a bulletin may tell of intake."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.activities.figure_sources import FigureSource
from app.intake.models import Report
from app.vocabulary.domain import Language


def _received(session: Session, year: int) -> int:
    """All reports received in the year, as in the total of the yearly figures."""
    days = Report.received_on.between(date(year, 1, 1), date(year, 12, 31))
    return session.scalar(select(func.count()).select_from(Report).where(days)) or 0


REPORTS_TOTAL = FigureSource(
    {
        Language.NL: "Meldingen ontvangen",
        Language.FR: "Signalements reçus",
        Language.EN: "Reports received",
    },
    _received,
)
