"""What a bulletin may tell of cases."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.activities.figure_sources import FigureSource
from app.cases.models import Case
from app.vocabulary.domain import Language


def _opened(session: Session, year: int) -> int:
    """All cases opened in the year; restricted ones count like the others."""
    days = Case.opened_on.between(date(year, 1, 1), date(year, 12, 31))
    return session.scalar(select(func.count()).select_from(Case).where(days)) or 0


CASES_OPENED = FigureSource(
    {
        Language.NL: "Dossiers geopend",
        Language.FR: "Dossiers ouverts",
        Language.EN: "Cases opened",
    },
    _opened,
)
