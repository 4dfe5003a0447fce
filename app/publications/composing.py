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
from app.publications import collecting, queries
from app.publications.crossings import Crossings, EuView, crossings_of
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

FORM = 2
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


def counted(
    session: Session, actor: Actor, asked: Asked, languages: Iterable[Language] = Language
) -> dict[str, Any]:
    """The figures of the year and the four before it, with the labels of each language, and what
    crossings of them are made from."""
    found = yearly_figures(
        session,
        actor,
        asked.year,
        events=EventCounting.INCLUDE,
        municipality=asked.municipality,
        today=local_date(asked.at),
    )
    known = vocabulary.current(session)
    return {
        "year": asked.year,
        "figures": {language: _in(language, found, known, asked) for language in languages},
        "groups": {str(one.year): dict(one.reports.grounds_by_domain) for one in found},
        "eu": vars(collecting.eu_view(known)),
        "needs": collecting.needs_of(session, asked.year),
    }


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
    return names_of(counted(session, actor, asked, [Language.NL]))


def names_of(content: Mapping[str, Any]) -> dict[str, Figure]:
    """Name -> number; with `@2025` behind it of an earlier year. content: see `counted`."""
    found: dict[str, Figure] = {"year": int(content["year"])}
    for year, figures in figures_by_year(content).items():
        suffix = "" if year == content["year"] else f"@{year}"
        found |= {f"{name}{suffix}": value for name, value in figures.items()}
    return found


def figures_by_year(content: Mapping[str, Any]) -> dict[int, dict[str, Figure]]:
    """The latest first. Name -> number, of each year."""
    view = next(iter(content["figures"].values()))
    found = {}
    for one in (view["figures"], *view["earlier"]):
        year = int(one["year"])
        found[year] = named_figures([one]) | dict(crossings_of_year(content, year).figures())
    found[int(content["year"])] |= {
        f"accessibility.needs.{need}": number for need, number in content["needs"].items()
    }
    return found


def crossings_of_year(content: Mapping[str, Any], year: int) -> Crossings:
    return crossings_of(content["groups"][str(year)], EuView(**content["eu"]))


def compose(session: Session, actor: Actor, asked: Asked) -> Composed:
    """Raises ConflictError where a text names a figure that is there no longer."""
    found = counted(session, actor, asked)
    texts = [text for text in queries.texts_of(session, actor, asked.year) if text.text]
    resources = queries.find_resources(session, actor, asked.year)
    known = vocabulary.current(session)
    content = found | {
        "form": FORM,
        "municipality": asked.municipality,
        "as_of": asked.at.isoformat(),
        "texts": _texts(texts, names_of(found)),
        "resources": resources_of(resources),
        "signals": collecting.signals_of(session, actor, asked.year, known),
        "actions": collecting.actions_of(session, actor, asked.year, known),
        "indicators": collecting.indicators_of_year(
            session, actor, asked.year, today=local_date(asked.at)
        ),
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


def _texts(texts: Sequence[ReportText], known: Figures) -> list[dict[str, Any]]:
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
