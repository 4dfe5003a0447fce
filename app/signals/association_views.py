"""Associations as they are shown, each in one sentence."""

from app.api.fields import View
from app.signals.crossings import FALSE_SHARE, LEAST_TOGETHER, Crossing, Crossings, Kind
from app.signals.wording import ABOUT, AND, IN, REPORTS
from app.vocabulary.domain import CodeList, Language, Vocabulary

SENTENCES = {
    Language.NL: "{n} {reports}{about}{place}; naar hun aandelen zouden het er ongeveer {expected}"
    " zijn.",
    Language.FR: "{n} {reports}{about}{place} ; d'après leurs parts, il y en aurait environ"
    " {expected}.",
    Language.EN: "{n} {reports}{about}{place}; going by their shares it would be about {expected}.",
}
NOTHING = {
    Language.NL: "Van {tested} combinaties komt er geen vaker voor dan het toeval verklaart.",
    Language.FR: "Parmi {tested} combinaisons, aucune n'est plus fréquente que le hasard ne"
    " l'explique.",
    Language.EN: "Of {tested} combinations none is more frequent than chance explains.",
}
FOUND = {
    Language.NL: "Van {tested} combinaties komen er {found} vaker voor dan het toeval verklaart;"
    " daarvan kan ongeveer een op twintig toch toeval zijn. Waarom, zeggen de aantallen niet.",
    Language.FR: "Parmi {tested} combinaisons, {found} sont plus fréquentes que le hasard ne"
    " l'explique ; environ une sur vingt d'entre elles peut tout de même être due au hasard. Les"
    " nombres ne disent pas pourquoi.",
    Language.EN: "Of {tested} combinations {found} are more frequent than chance explains; about"
    " one in twenty of these may be chance all the same. The counts do not say why.",
}
TOO_FEW = {
    Language.NL: "Te weinig meldingen om combinaties te beoordelen.",
    Language.FR: "Trop peu de signalements pour juger des combinaisons.",
    Language.EN: "Too few reports to judge combinations.",
}


class AssociationView(View):
    """One combination. by kind other_ground, domain, or a place is set; a municipality without a
    district is one of which no districts are named. observed, expected: reports, the latter if each
    had its share everywhere. p: chance of so many, at least 1e-12. sentences: by language."""

    kind: Kind
    ground: str
    other_ground: str | None
    domain: str | None
    municipality: str | None
    district: str | None
    observed: int
    expected: float
    p: float
    sentences: dict[str, str]


class AssociationsView(View):
    """reports: with a ground, of a mass event the first alone. tested: how many combinations were
    judged. least_together: fewer reports together are never listed. false_share: of what is listed,
    that may be chance. rows: the least likely by chance first. sentences: of the whole."""

    first_month: str
    last_month: str
    reports: int
    tested: int
    least_together: int
    false_share: float
    rows: list[AssociationView]
    sentences: dict[str, str]


def associations_view(
    found: Crossings, lists: Vocabulary, *, first: str, last: str
) -> AssociationsView:
    said = (FOUND if found.rows else NOTHING) if found.tested else TOO_FEW
    return AssociationsView(
        first_month=first,
        last_month=last,
        reports=found.reports,
        tested=found.tested,
        least_together=LEAST_TOGETHER,
        false_share=FALSE_SHARE,
        rows=[_row_view(crossing, lists) for crossing in found.rows],
        sentences={
            language.value: said[language].format(tested=found.tested, found=len(found.rows))
            for language in Language
        },
    )


def _row_view(crossing: Crossing, lists: Vocabulary) -> AssociationView:
    municipality, district = crossing.place or (None, None)
    return AssociationView(
        kind=crossing.kind,
        ground=crossing.ground,
        other_ground=crossing.other_ground,
        domain=crossing.domain,
        municipality=municipality,
        district=district,
        observed=crossing.together.observed,
        expected=round(crossing.together.expected, 2),
        p=crossing.together.p,
        sentences={
            language.value: association_sentence(crossing, lists, language) for language in Language
        },
    )


def association_sentence(crossing: Crossing, lists: Vocabulary, language: Language) -> str:
    """ "34 reports about origin and about belief; going by their shares it would be about 12." """
    topics = [
        lists.label(name, code, language)
        for name, code in (
            (CodeList.DOMAINS, crossing.domain),
            (CodeList.GROUNDS, crossing.ground),
            (CodeList.GROUNDS, crossing.other_ground),
        )
        if code is not None
    ]
    municipality, district = crossing.place or (None, None)
    place = f"{district} ({municipality})" if district else municipality
    expected = crossing.together.expected
    number = f"{expected:.0f}" if expected >= 10 else f"{expected:.1f}".removesuffix(".0")
    return SENTENCES[language].format(
        n=crossing.together.observed,
        reports=REPORTS[language][1],
        about=ABOUT[language] + AND[language].join(topics),
        place=IN[language] + place if place else "",
        expected=number if language is Language.EN else number.replace(".", ","),
    )
