"""Figures as a language writes them."""

from collections.abc import Callable, Mapping

from babel.numbers import format_decimal, format_percent

from app.documents.domain import HIDDEN, Cell
from app.publications.domain import SHARES, Figure, Figures, inserted, names_in
from app.vocabulary.domain import Language

LOCALES: Mapping[Language, str] = {
    Language.NL: "nl_BE",
    Language.FR: "fr_BE",
    Language.EN: "en_GB",
}

NO_FIGURE: Mapping[Language, str] = {
    Language.NL: "geen cijfer",
    Language.FR: "pas de chiffre",
    Language.EN: "no figure",
}

HELD_BACK: Mapping[Language, str] = {
    Language.NL: "(te weinig om te tonen)",
    Language.FR: "(trop peu pour être montré)",
    Language.EN: "(too few to show)",
}


def written(name: str, value: Figure, language: Language) -> str:
    """Numbers with marks of thousands, shares as percentages with one decimal."""
    if value is None:
        return NO_FIGURE[language]
    if name.partition("@")[0].endswith(SHARES):
        return format_percent(value, format="#,##0.0\u00a0%", locale=LOCALES[language])
    return format_decimal(value, locale=LOCALES[language])


def filled(text: str, figures: Figures, language: Language) -> str:
    """The text with the figures that it names; one that is none is written as such."""
    names = names_in(text)
    return inserted(text, {name: written(name, figures.get(name), language) for name in names})


def filled_from(text: str, cell_of: Callable[[str], Cell], language: Language) -> str:
    """The text with its figures as they may be shown. cell_of: takes `name` or `name@2025`."""
    return inserted(
        text, {name: _as_shown(name, cell_of(name), language) for name in names_in(text)}
    )


def _as_shown(name: str, cell: Cell, language: Language) -> str:
    if cell is HIDDEN:
        return HELD_BACK[language]
    return written(name, None if isinstance(cell, str) else cell, language)
