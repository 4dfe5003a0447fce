"""Trends in one sentence each, in the languages of the bureau."""

from datetime import date

from app.signals.trends import Direction, Trend
from app.signals.wording import ABOUT, IN, MONTHS
from app.signals.yearly_trends import Change, Remark
from app.vocabulary.domain import Language

SENTENCES = {
    Direction.RISING: {
        Language.NL: "Meldingen{about}{place} namen van {first} tot {last} toe met {size} per jaar"
        " (tussen {low} en {high}).",
        Language.FR: "Les signalements{about}{place} ont augmenté de {size} par an de {first} à"
        " {last} (entre {low} et {high}).",
        Language.EN: "Reports{about}{place} rose by {size} a year from {first} to {last}"
        " (between {low} and {high}).",
    },
    Direction.FALLING: {
        Language.NL: "Meldingen{about}{place} namen van {first} tot {last} af met {size} per jaar"
        " (tussen {low} en {high}).",
        Language.FR: "Les signalements{about}{place} ont diminué de {size} par an de {first} à"
        " {last} (entre {low} et {high}).",
        Language.EN: "Reports{about}{place} fell by {size} a year from {first} to {last}"
        " (between {low} and {high}).",
    },
    Direction.UNCLEAR: {
        Language.NL: "Of meldingen{about}{place} van {first} tot {last} toe- of afnamen, is niet te"
        " zeggen: per jaar kan het van {low} minder tot {high} meer zijn.",
        Language.FR: "On ne peut dire si les signalements{about}{place} ont augmenté ou diminué de"
        " {first} à {last} : par an, entre {low} de moins et {high} de plus.",
        Language.EN: "Whether reports{about}{place} rose or fell from {first} to {last} cannot be"
        " told: it may be anything from {low} less to {high} more a year.",
    },
    Direction.TOO_FEW: {
        Language.NL: "Over meldingen{about}{place} is nog niets te zeggen: daarvoor zijn tien"
        " meldingen in drie jaren nodig.",
        Language.FR: "On ne peut encore rien dire des signalements{about}{place} : il faut dix"
        " signalements en trois années.",
        Language.EN: "Nothing can be told yet of reports{about}{place}: it takes ten reports in"
        " three years.",
    },
}
STEEP = {
    Direction.RISING: {
        Language.NL: "Meldingen{about}{place} namen van {first} tot {last} toe met ten minste {low}"
        " per jaar.",
        Language.FR: "Les signalements{about}{place} ont augmenté d'au moins {low} par an de"
        " {first} à {last}.",
        Language.EN: "Reports{about}{place} rose by at least {low} a year from {first} to {last}.",
    },
    Direction.UNCLEAR: {
        Language.NL: "Of meldingen{about}{place} van {first} tot {last} toe- of afnamen, is niet te"
        " zeggen: de jaren verschillen te sterk.",
        Language.FR: "On ne peut dire si les signalements{about}{place} ont augmenté ou diminué de"
        " {first} à {last} : les années diffèrent trop.",
        Language.EN: "Whether reports{about}{place} rose or fell from {first} to {last} cannot be"
        " told: the years differ too much.",
    },
}
"""Where the interval has no upper end that would tell anything."""

STEEPEST = 1_000.0
"""Per cent a year, above which an end of the interval is no longer named."""

REMARKS = {
    Remark.RUNNING_YEAR: {
        Language.NL: "{year} is geteld tot en met {day} en weegt als dat deel van een jaar.",
        Language.FR: "{year} est compté jusqu'au {day} et pèse comme cette partie d'une année.",
        Language.EN: "{year} is counted to {day} and weighs as that part of a year.",
    },
    Remark.REGISTER_BEGINS: {
        Language.NL: "De meldingen beginnen in de loop van {year}; dat jaar weegt als het deel dat"
        " geteld is.",
        Language.FR: "Les signalements commencent au cours de {year} ; cette année pèse comme la"
        " partie comptée.",
        Language.EN: "Reports begin in the course of {year}, which weighs as the part that was"
        " counted.",
    },
    Remark.NOTHING_REGISTERED: {
        Language.NL: "In {year} werd niets geregistreerd: dat jaar telt niet mee.",
        Language.FR: "En {year} rien n'a été enregistré : cette année ne compte pas.",
        Language.EN: "In {year} nothing was registered: that year is left out.",
    },
    Remark.NEW_CODE: {
        Language.NL: "Deze code bestaat sinds {year}: wat ervoor gebeurde, staat elders.",
        Language.FR: "Ce code existe depuis {year} : ce qui précède se trouve ailleurs.",
        Language.EN: "This code exists since {year}: what came before stands elsewhere.",
    },
    Remark.ENDED_CODE: {
        Language.NL: "Deze code geldt niet meer sinds {year}: wat erna kwam, staat elders.",
        Language.FR: "Ce code n'est plus valable depuis {year} : ce qui suit se trouve ailleurs.",
        Language.EN: "This code ended in {year}: what came after stands elsewhere.",
    },
    Remark.NEW_CHANNEL: {
        Language.NL: "{n} van deze meldingen kwamen langs wegen die er in het begin niet waren"
        " ({channels}; vanaf {year}).",
        Language.FR: "{n} de ces signalements sont venus par des voies qui n'existaient pas au"
        " début ({channels} ; dès {year}).",
        Language.EN: "{n} of these reports came in ways that were not there at the start"
        " ({channels}; from {year} on).",
    },
    Remark.IMPORT: {
        Language.NL: "Tot {year} komen meldingen uit een ander register, dat anders geteld kan"
        " hebben ({n} van deze).",
        Language.FR: "Jusqu'en {year} des signalements viennent d'un autre registre, qui a pu"
        " compter autrement ({n} de ceux-ci).",
        Language.EN: "Until {year} reports are from another register, which may have counted"
        " otherwise ({n} of these).",
    },
    Remark.MASS_EVENT: {
        Language.NL: "{n} van de meldingen van {year} gaan over één gebeurtenis.",
        Language.FR: "{n} des signalements de {year} concernent un seul événement.",
        Language.EN: "{n} of the reports of {year} are about one event.",
    },
}
TOO_FEW_CODES = {
    Language.NL: "Nog niets te zeggen over (minder dan tien meldingen of drie jaren): {codes}.",
    Language.FR: "On ne peut encore rien dire de (moins de dix signalements ou de trois années) :"
    " {codes}.",
    Language.EN: "Nothing can be told yet of (less than ten reports or three years): {codes}.",
}


def trend_sentence(
    found: Trend, language: Language, *, about: str | None, place: str | None, first: int, last: int
) -> str:
    """about: label of the ground or domain, None: all reports. first, last: years counted."""
    low, high = percent(found.low), percent(found.high)
    size = percent(found.change)
    said = SENTENCES[found.direction]
    if found.direction in STEEP and (size is None or high is None or high > STEEPEST):
        said = STEEP[found.direction]
    if found.direction is Direction.FALLING:
        low, high = high, low
    return said[language].format(
        about=ABOUT[language] + about if about else "",
        place=IN[language] + place if place else "",
        first=first,
        last=last,
        size=_said(size, language),
        low=_said(low, language),
        high=_said(high, language),
    )


def change_sentence(change: Change, language: Language, *, channels: str, to: date) -> str:
    """channels: their labels. to: the last day that was counted."""
    first = language is Language.FR and to.day == 1
    day = f"{to.day}{'er' if first else ''} {MONTHS[language][to.month - 1]}"
    return REMARKS[change.kind][language].format(
        year=change.year, n=change.reports, channels=channels, day=day
    )


def percent(change: float | None) -> float | None:
    """A factor as per cent more (below 0: less); None where it has no end."""
    return None if change is None or change == float("inf") else round((change - 1) * 100, 1)


def _said(size: float | None, language: Language) -> str:
    """Without its sign: the sentence tells it. Whole from ten on."""
    if size is None:
        return ""
    number = f"{abs(size):.0f}" if abs(size) >= 10 else f"{abs(size):.1f}".removesuffix(".0")
    if language is not Language.EN:
        number = number.replace(".", ",")
    return f"{number} %" if language is not Language.EN else f"{number}%"
