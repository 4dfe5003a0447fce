"""The content of a year's report: figures, texts and resources from one snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.annual_report.domain import EventCounting
from app.annual_report.service import YearFigures, yearly_figures
from app.annual_report.views import annual_figures_view
from app.core.access import Actor
from app.core.clock import local_date
from app.core.errors import ConflictError, FieldError, InvalidInputError
from app.publications import queries
from app.publications.domain import (
    Figure,
    Figures,
    canonical,
    mark,
    named_figures,
    names_in,
    wrong_names,
)
from app.publications.models import ReportText, YearResources
from app.publications.writing import filled
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import Language, Vocabulary

FORM = 1
"""Of the content: raised when the same store would give another."""

MOST_WRONG = 10


@dataclass(frozen=True)
class Composed:
    """content: what a version holds. draft: the mark of its texts and resources alone."""

    content: Mapping[str, Any]
    draft: str

    @property
    def text(self) -> str:
        return canonical(self.content)


@dataclass(frozen=True)
class Asked:
    year: int
    municipality: str
    at: datetime


def figures_of(
    session: Session, actor: Actor, asked: Asked, languages: Iterable[Language] = Language
) -> dict[Language, dict[str, Any]]:
    """The figures of the year and the four before it, with the labels of each language."""
    found = yearly_figures(
        session,
        actor,
        asked.year,
        events=EventCounting.INCLUDE,
        municipality=asked.municipality,
        today=local_date(asked.at),
    )
    known = vocabulary.current(session)
    return {language: _in(language, found, known, asked) for language in languages}


def _in(
    language: Language, found: list[YearFigures], known: Vocabulary, asked: Asked
) -> dict[str, Any]:
    view = annual_figures_view(
        found,
        known,
        as_of=asked.at,
        municipality=asked.municipality,
        language=language,
        events=EventCounting.INCLUDE,
    )
    return view.model_dump(mode="json")


def named(session: Session, actor: Actor, asked: Asked) -> dict[str, Figure]:
    """Name -> number, as it is now."""
    one = Language.NL
    return names_of(figures_of(session, actor, asked, [one])[one])


def names_of(figures: Mapping[str, Any]) -> dict[str, Figure]:
    """Name -> number. figures: an `AnnualFiguresView` as written, in any language."""
    return {"year": figures["year"]} | named_figures([figures["figures"], *figures["earlier"]])


def compose(session: Session, actor: Actor, asked: Asked) -> Composed:
    """Raises ConflictError where a text names a figure that is there no longer."""
    figures = figures_of(session, actor, asked)
    texts = [text for text in queries.texts_of(session, actor, asked.year) if text.text]
    resources = queries.find_resources(session, actor, asked.year)
    content = {
        "form": FORM,
        "year": asked.year,
        "municipality": asked.municipality,
        "as_of": asked.at.isoformat(),
        "figures": figures,
        "texts": _texts(texts, figures),
        "resources": resources_of(resources),
    }
    return Composed(content, draft_mark(texts, resources))


def draft_mark(texts: Sequence[ReportText], resources: YearResources | None) -> str:
    """Changes with every change of a text or of the resources, and with nothing else."""
    standing = [[text.section, text.language, text.text] for text in texts if text.text]
    return mark(canonical({"texts": standing, "resources": resources_of(resources)}))


def resources_of(resources: YearResources | None) -> dict[str, int | None]:
    names = ("staff_hundredths", "budget_cents", "spent_cents")
    return {name: getattr(resources, name, None) for name in names}


def require_names(text: str, known: Figures) -> None:
    """Raises InvalidInputError naming what is no figure."""
    if wrong := wrong_names(text, known):
        raise InvalidInputError(
            *(
                FieldError("/text", f"{name[:100]!r} is no figure of this year", "unknown_figure")
                for name in wrong[:MOST_WRONG]
            )
        )


def _texts(
    texts: Sequence[ReportText], figures: Mapping[Language, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    known = names_of(figures[Language.NL])
    gone = [text for text in texts if any(name not in known for name in names_in(text.text))]
    if gone:
        where = ", ".join(f"{text.section} ({text.language})" for text in gone)
        raise ConflictError(f"Figures that are there no longer: {where}.", code="figure_gone")
    return [
        {
            "section": text.section,
            "language": text.language,
            "source": text.text,
            "text": filled(text.text, known, text.language),
        }
        for text in texts
    ]
