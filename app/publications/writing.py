"""Figures as a language writes them."""

from collections.abc import Mapping

from babel.numbers import format_decimal, format_percent

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
