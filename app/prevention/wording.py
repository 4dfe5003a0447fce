"""Why an action is suggested, and what counts before and after one can show, in sentences."""

from decimal import Decimal

from app.prevention.domain import Evidence, EvidenceKind, Verdict
from app.prevention.effects import Effect
from app.signals import wording
from app.signals.domain import Cell
from app.vocabulary.domain import CodeList, Language, Vocabulary

NL, FR, EN = Language.NL, Language.FR, Language.EN

STATUS = {
    True: {NL: "Bevestigd signaal", FR: "Signal confirmé", EN: "Confirmed signal"},
    False: {NL: "Gevolgd signaal", FR: "Signal suivi", EN: "Watched signal"},
}
OBSERVED = {
    NL: "{status} {reference}, gezien en niet geteld{about}{place}, {period}.",
    FR: "{status} {reference}, observé et non compté{about}{place}, {period}.",
    EN: "{status} {reference}, seen and not counted{about}{place}, {period}.",
}
TREND = {
    NL: "Over de jaren komen er meer meldingen{about}: {n} in {year}{change}. Dat kan ook zijn"
    " doordat meer mensen het bureau kennen.",
    FR: "Au fil des ans, les signalements{about} augmentent : {n} en {year}{change}. Cela peut"
    " aussi venir de ce que plus de gens connaissent le service.",
    EN: "Over the years more is reported{about}: {n} in {year}{change}. That may also be because"
    " more people know the bureau.",
}
CHANGE = {
    NL: ", elk jaar ongeveer {factor} keer zoveel",
    FR: ", environ {factor} fois plus chaque année",
    EN: ", each year about {factor} times as many",
}
RESPONDENT = {
    NL: "Bij {n} voorvallen die in {year} gemeld werden, wordt {who} genoemd{about}. Genoemd worden"
    " is geen vaststelling.",
    FR: "Pour {n} faits signalés en {year}, on cite {who}{about}. Être cité n'est pas un constat.",
    EN: "For {n} incidents reported in {year}, {who} is named{about}. To be named is no finding.",
}
AN_ORGANISATION = {
    NL: "eenzelfde organisatie", FR: "une même organisation", EN: "one organisation",
}  # fmt: skip
COMMITMENTS = {
    NL: "{n} afspraken uit dossiers{about} bleken in {year} niet nagekomen.",
    FR: "{n} engagements de dossiers{about} n'étaient pas tenus en {year}.",
    EN: "{n} commitments from cases{about} were found not kept in {year}.",
}
NORM = {
    NL: "Norm {code} ({title}) van {year} is niet gehaald{counted}.",
    FR: "La norme {code} ({title}) de {year} n'est pas atteinte{counted}.",
    EN: "Norm {code} ({title}) of {year} was not met{counted}.",
}
COUNTED = {
    NL: ": {value} tegen {norm}",
    FR: " : {value} pour {norm}",
    EN: ": {value} against {norm}",
}

COUNTS = {
    NL: "{before} {reports}{about}{place} in de {months} ervoor ({earlier}), {after} in evenveel"
    " tijd erna ({later}).",
    FR: "{before} {reports}{about}{place} dans les {months} d'avant ({earlier}), {after} dans"
    " autant de temps après ({later}).",
    EN: "{before} {reports}{about}{place} in the {months} before ({earlier}), {after} in as much"
    " time after ({later}).",
}
MONTHS = {NL: ("maand", "{n} maanden"), FR: ("mois", "{n} mois"), EN: ("month", "{n} months")}
NO_BEFORE = {
    NL: "Van voor de actie is er geen hele maand geteld: er is niets om mee te vergelijken.",
    FR: "Aucun mois entier n'a été compté avant l'action : il n'y a rien à comparer.",
    EN: "No whole month was counted before the action: there is nothing to compare with.",
}
VERDICTS = {
    Verdict.TOO_EARLY: {
        NL: "Er is na de actie nog geen hele maand voorbij: er is nog niets te vergelijken.",
        FR: "Aucun mois entier ne s'est écoulé depuis l'action : il n'y a encore rien à comparer.",
        EN: "No whole month has passed since the action: there is nothing to compare yet.",
    },
    Verdict.TOO_FEW: {
        NL: "Dat is te weinig om iets te kunnen zeggen.",
        FR: "C'est trop peu pour pouvoir en dire quelque chose.",
        EN: "These are too few to say anything.",
    },
    Verdict.FEWER: {
        NL: "Dat is minder dan toeval alleen meestal geeft ({factor}).",
        FR: "C'est moins que ce que donne d'ordinaire le seul hasard ({factor}).",
        EN: "That is fewer than chance alone usually gives ({factor}).",
    },
    Verdict.UNCLEAR: {
        NL: "Dat verschil kan ook toeval zijn ({factor}).",
        FR: "Cette différence peut aussi être due au hasard ({factor}).",
        EN: "That difference may as well be chance ({factor}).",
    },
    Verdict.MORE: {
        NL: "Dat is meer dan toeval alleen meestal geeft ({factor}).",
        FR: "C'est plus que ce que donne d'ordinaire le seul hasard ({factor}).",
        EN: "That is more than chance alone usually gives ({factor}).",
    },
}
FACTOR = {
    NL: "{ratio} keer zoveel, met 95% zekerheid {ends}",
    FR: "{ratio} fois, avec 95 % de certitude {ends}",
    EN: "{ratio} times as many, with 95% confidence {ends}",
}
BETWEEN = {
    NL: "tussen {low} en {high}",
    FR: "entre {low} et {high}",
    EN: "between {low} and {high}",
}
AT_LEAST = {NL: "minstens {low}", FR: "au moins {low}", EN: "at least {low}"}
ENDLESS = {NL: "eerst geen enkele", FR: "d'abord aucun", EN: "none at first"}
PEAK = {
    NL: "De actie volgde op een piek, en na een piek dalen aantallen meestal vanzelf.",
    FR: "L'action a suivi un pic, et après un pic les nombres baissent souvent d'eux-mêmes.",
    EN: "The action followed a peak, and after a peak counts mostly fall by themselves.",
}
STILL_COMING = {
    NL: "Over deze maanden komen er nog meldingen; daarmee is gerekend.",
    FR: "Des signalements sur ces mois arriveront encore ; il en est tenu compte.",
    EN: "More reports about these months are to come; that was allowed for.",
}
LIMITS = {
    NL: "Dit telt meldingen, geen discriminatie: een actie kan ook maken dat mensen vaker melden."
    " Of de actie het verschil maakte, toont dit niet.",
    FR: "Ceci compte des signalements, non des discriminations : une action peut aussi amener plus"
    " de gens à signaler. Cela ne montre pas si la différence vient de l'action.",
    EN: "This counts reports, not discrimination: an action can also lead more people to report. It"
    " does not show whether the action made the difference.",
}


def evidence_sentence(lists: Vocabulary, language: Language, evidence: Evidence) -> str:
    """Why: what the evidence is, with its number and year."""
    about, n = _about(lists, language, evidence.cell), evidence.number
    signal, norm = evidence.signal, evidence.norm
    if signal is not None:
        status = STATUS[signal.is_confirmed][language]
        if signal.observed is None or signal.lower is None or signal.upper is None:
            return OBSERVED[language].format(
                status=status,
                reference=signal.reference,
                about=about,
                place=_place(language, evidence.cell),
                period=wording.period(signal.first_month, signal.last_month, language),
            )
        counted = wording.sentence(
            lists,
            language,
            evidence.cell,
            first=signal.first_month,
            last=signal.last_month,
            observed=signal.observed,
            lower=signal.lower,
            upper=signal.upper,
        )
        colon = " : " if language is FR else ": "
        return f"{status} {signal.reference}{colon}{counted}"
    if norm is not None:
        return NORM[language].format(
            code=norm.code,
            title=norm.titles.get(language) or norm.titles.get(NL) or norm.code,
            year=norm.year,
            counted=""
            if norm.value is None or norm.norm is None
            else COUNTED[language].format(value=_plain(norm.value), norm=_plain(norm.norm)),
        )
    if evidence.kind is EvidenceKind.TREND:
        factor = evidence.change
        change = CHANGE[language].format(factor=_number(factor, language)) if factor else ""
        return TREND[language].format(about=about, n=n, year=evidence.year, change=change)
    if evidence.kind is EvidenceKind.RESPONDENT:
        who = evidence.respondent or AN_ORGANISATION[language]
        return RESPONDENT[language].format(who=who, n=n, year=evidence.year, about=about)
    return COMMITMENTS[language].format(n=n, year=evidence.year, about=about)


def effect_sentence(
    lists: Vocabulary, language: Language, cell: Cell, effect: Effect, *, is_of_peak: bool
) -> str:
    """What was counted, how sure the difference is, and what it cannot show."""
    if effect.verdict is Verdict.TOO_EARLY:
        return VERDICTS[Verdict.TOO_EARLY][language]
    spans = effect.spans
    if not spans.before:
        return NO_BEFORE[language]
    one, many = MONTHS[language]
    number = len(spans.before)
    said = [
        COUNTS[language].format(
            before=effect.before,
            reports=wording.REPORTS[language][effect.before != 1],
            about=_about(lists, language, cell),
            place=_place(language, cell),
            months=one if number == 1 else many.format(n=number),
            earlier=wording.period(spans.before[0], spans.before[-1], language),
            after=effect.after,
            later=wording.period(spans.after[0], spans.after[-1], language),
        ),
        VERDICTS[effect.verdict][language].format(factor=_factor(effect, language)),
    ]
    if not effect.is_complete:
        said.append(STILL_COMING[language])
    if is_of_peak and effect.verdict is not Verdict.TOO_FEW:
        said.append(PEAK[language])
    return " ".join([*said, LIMITS[language]])


def _about(lists: Vocabulary, language: Language, cell: Cell) -> str:
    topics = [
        lists.label(name, code, language)
        for name, code in ((CodeList.DOMAINS, cell.domain), (CodeList.GROUNDS, cell.ground))
        if code is not None
    ]
    return wording.ABOUT[language] + wording.AND[language].join(topics) if topics else ""


def _place(language: Language, cell: Cell) -> str:
    place = cell.municipality
    if cell.district is not None:
        place = f"{cell.district} ({cell.municipality})"
    return wording.IN[language] + place if place else ""


def _factor(effect: Effect, language: Language) -> str:
    if effect.ratio is None or effect.low is None:
        return ENDLESS[language]
    low = _number(effect.low, language)
    ends = AT_LEAST[language].format(low=low)
    if effect.high is not None:
        ends = BETWEEN[language].format(low=low, high=_number(effect.high, language))
    return FACTOR[language].format(ratio=_number(effect.ratio, language), ends=ends)


def _plain(number: Decimal) -> str:
    """Without zeros that say nothing."""
    return f"{number.normalize():f}"


def _number(value: float, language: Language) -> str:
    """Two decimals of a small one; a comma where the language has one."""
    text = f"{value:.2f}" if value < 10 else f"{value:.0f}"
    return text if language is EN else text.replace(".", ",")
