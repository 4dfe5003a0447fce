"""The evidence of a signal in one sentence, in the languages of the bureau."""

from app.signals.domain import Cell, months_between
from app.signals.second_opinion import NoOpinion, Opinion
from app.vocabulary.domain import CodeList, Language, Vocabulary

MONTHS = {
    Language.NL: (
        "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
        "oktober", "november", "december",
    ),
    Language.FR: (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
    Language.EN: (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
}  # fmt: skip

SENTENCES = {
    Language.NL: "{n} {reports}{about}{place} {period}; {expected} verwacht.",
    Language.FR: "{n} {reports}{about}{place} {period} ; {expected}.",
    Language.EN: "{n} {reports}{about}{place} {period}; {expected} expected.",
}

REPORTS = {
    Language.NL: ("melding", "meldingen"),
    Language.FR: ("signalement", "signalements"),
    Language.EN: ("report", "reports"),
}
ABOUT = {Language.NL: " over ", Language.FR: " concernant ", Language.EN: " about "}
NONE = {Language.NL: "geen werden", Language.FR: "aucun attendu", Language.EN: "none were"}
AND = {Language.NL: " en over ", Language.FR: " et concernant ", Language.EN: " and about "}
"""With the preposition: labels hold an "and" of their own."""
IN = {Language.NL: " in ", Language.FR: " à ", Language.EN: " in "}
TO = {Language.NL: " tot ", Language.FR: " à ", Language.EN: " to "}

AGREES = {
    Language.NL: (
        "Een tweede methode vindt dit ook: gezien dezelfde tijd van vroegere jaren is meer dan"
        " {bound} {period} ongewoon; het waren er {n}."
    ),
    Language.FR: (
        "Une seconde méthode le confirme : au vu de la même période des années précédentes, plus de"
        " {bound} {period} est inhabituel ; il y en a eu {n}."
    ),
    Language.EN: (
        "A second method finds it too: going by the same time of earlier years, more than {bound}"
        " {period} is unusual; there were {n}."
    ),
}
DISAGREES = {
    Language.NL: (
        "Een tweede methode vindt dit niet: gezien dezelfde tijd van vroegere jaren is tot {bound}"
        " {period} gewoon; het waren er {n}."
    ),
    Language.FR: (
        "Une seconde méthode ne le confirme pas : au vu de la même période des années précédentes,"
        " jusqu'à {bound} {period} est habituel ; il y en a eu {n}."
    ),
    Language.EN: (
        "A second method does not find it: going by the same time of earlier years, up to {bound}"
        " {period} is usual; there were {n}."
    ),
}
NO_OPINION = {
    NoOpinion.TOO_SHORT: {
        Language.NL: "Een tweede methode kan nog niets zeggen: zij heeft drie jaar ervoor nodig.",
        Language.FR: "Une seconde méthode ne peut encore rien dire : il lui faut trois ans avant.",
        Language.EN: "A second method cannot tell yet: it needs three years before.",
    },
    NoOpinion.TOO_SPARSE: {
        Language.NL: "Een tweede methode kan niets zeggen: er wordt te weinig gemeld.",
        Language.FR: "Une seconde méthode ne peut rien dire : trop peu de signalements.",
        Language.EN: "A second method cannot tell: too little is reported.",
    },
    NoOpinion.NOT_FITTED: {
        Language.NL: "Een tweede methode vond geen antwoord op deze aantallen.",
        Language.FR: "Une seconde méthode n'a pas trouvé de réponse à ces nombres.",
        Language.EN: "A second method found no answer to these counts.",
    },
}


def sentence(
    vocabulary: Vocabulary,
    language: Language,
    cell: Cell,
    *,
    first: str,
    last: str,
    observed: int,
    lower: int,
    upper: int,
) -> str:
    """ "7 reports about housing and origin in October 2026; 1 to 3 were expected."

    lower, upper: the range in which nine of ten months would lie.
    """
    topics = [
        vocabulary.label(name, code, language)
        for name, code in ((CodeList.DOMAINS, cell.domain), (CodeList.GROUNDS, cell.ground))
        if code is not None
    ]
    place = cell.municipality
    if cell.district is not None:
        place = f"{cell.district} ({cell.municipality})"
    return SENTENCES[language].format(
        n=observed,
        reports=REPORTS[language][observed != 1],
        about=ABOUT[language] + AND[language].join(topics) if topics else "",
        place=IN[language] + place if place else "",
        period=period(first, last, language),
        expected=_expected(lower, upper, language),
    )


def opinion_sentence(opinion: Opinion, language: Language, last: str) -> str:
    """What a second method says of the last month of a signal, or why it says nothing."""
    if opinion.reason is not None:
        return NO_OPINION[opinion.reason][language]
    said = AGREES if opinion.is_above else DISAGREES
    return said[language].format(
        bound=opinion.bound, n=opinion.observed, period=period(last, last, language)
    )


def period(first: str, last: str, language: Language) -> str:
    """ "in October 2026", "from December 2025 to January 2026"."""
    if len(months_between(first, last)) == 1:
        at = {Language.NL: "in ", Language.FR: "en ", Language.EN: "in "}[language]
        return at + _month(last, language)
    names = _month(first, language, with_year=first[:4] != last[:4]), _month(last, language)
    start = {Language.NL: "van ", Language.FR: "de ", Language.EN: "from "}[language]
    if language is Language.FR and names[0][0] in "ao":
        start = "d'"
    return start + TO[language].join(names)


def _month(month: str, language: Language, *, with_year: bool = True) -> str:
    name = MONTHS[language][int(month[5:]) - 1]
    return f"{name} {month[:4]}" if with_year else name


def _expected(lower: int, upper: int, language: Language) -> str:
    if upper == 0:
        return NONE[language]
    is_one = lower == upper
    number = str(lower) if is_one else f"{lower}{TO[language]}{upper}"
    if language is Language.FR:
        return f"{number} {'attendu' if upper <= 1 else 'attendus'}"
    if language is Language.NL:
        return f"{number} {'werd' if upper <= 1 else 'werden'}"
    return f"{number} {'was' if upper == 1 and is_one else 'were'}"
