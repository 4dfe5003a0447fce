"""The fixed words of the report, in its languages."""

from collections.abc import Mapping

from app.publications.domain import Section
from app.vocabulary.domain import Language

NL, FR, EN = Language.NL, Language.FR, Language.EN


def _three(nl: str, fr: str, en: str) -> Mapping[Language, str]:
    return {NL: nl, FR: fr, EN: en}


WORDS: Mapping[str, Mapping[Language, str]] = {
    "title": _three("Jaarverslag {year}", "Rapport annuel {year}", "Annual report {year}"),
    "publisher": _three(
        "Gelijkebehandelingsbureau {city}",
        "Bureau pour l'égalité de traitement de {city}",
        "Equal-treatment bureau of {city}",
    ),
    "subtitle_public": _three(
        "Meldingen van discriminatie, oplossingen en preventie",
        "Signalements de discrimination, solutions et prévention",
        "Reports of discrimination, resolutions and prevention",
    ),
    "subtitle_internal": _three(
        "Werkversie voor het bureau, met kleine aantallen: niet verspreiden",
        "Version de travail pour le bureau, avec petits nombres : ne pas diffuser",
        "Working copy for the bureau, with small counts: not for circulation",
    ),
    "summary": _three("Het jaar in cijfers", "L'année en chiffres", "The year in figures"),
    "colophon": _three("Over dit verslag", "À propos de ce rapport", "About this report"),
    "year": _three("jaar", "année", "year"),
    "reports": _three("meldingen", "signalements", "reports"),
    "cases": _three("dossiers", "dossiers", "cases"),
    "month": _three("maand", "mois", "month"),
    "total": _three("totaal", "total", "total"),
    "what": _three("wat", "quoi", "what"),
    "number": _three("aantal", "nombre", "number"),
    "domain": _three("domein", "domaine", "field of life"),
    "ground": _three("grond", "critère", "ground"),
    "grounds": _three("gronden", "critères", "grounds"),
    "code": _three("code", "code", "code"),
    "by_month": _three("Meldingen per maand", "Signalements par mois", "Reports by month"),
    "by_year": _three("Meldingen per jaar", "Signalements par an", "Reports by year"),
    "by_request": _three(
        "Wat melders vroegen", "Ce qui était demandé", "What people asked for"
    ),
    "by_channel": _three(
        "Hoe meldingen binnenkwamen", "Canal des signalements", "How reports came in"
    ),
    "by_ground": _three(
        "Meldingen per grond", "Signalements par critère", "Reports by ground"
    ),
    "by_domain": _three(
        "Meldingen per domein", "Signalements par domaine", "Reports by field of life"
    ),
    "by_ground_and_domain": _three(
        "Grond en domein", "Critère et domaine", "Ground and field of life"
    ),
    "by_number_of_grounds": _three(
        "Hoeveel gronden een melding noemt",
        "Nombre de critères par signalement",
        "How many grounds a report names",
    ),
    "by_crossing_grounds": _three(
        "Gronden die samen voorkomen", "Critères cités ensemble", "Grounds named together"
    ),
    "by_multiplicity": _three(
        "Enkelvoudig, cumulatief, intersectioneel",
        "Unique, cumulative, intersectionnelle",
        "Single, cumulative, intersectional",
    ),
    "by_conduct": _three("Vorm", "Forme", "Conduct"),
    "by_respondent_kind": _three(
        "Wie aangewezen werd", "Qui était mis en cause", "Who was named as responsible"
    ),
    "by_incident_district": _three(
        "Meldingen per wijk", "Signalements par quartier", "Reports by district"
    ),
    "by_residence_and_place": _three(
        "Waar melders wonen en waar het gebeurde",
        "Résidence et lieu des faits",
        "Where people live and where it happened",
    ),
    "by_eu": _three(
        "Zoals de richtlijnen (EU) 2024/1499 en 2024/1500 indelen",
        "Selon les directives (UE) 2024/1499 et 2024/1500",
        "As directives (EU) 2024/1499 and 2024/1500 divide",
    ),
    "eu_field": _three("terrein", "domaine", "field"),
    "eu_ground": _three("grond", "motif", "ground"),
    "resident_in_town": _three(
        "inwoner, voorval hier", "habitant, faits ici", "resident, happened here"
    ),
    "resident_elsewhere": _three(
        "inwoner, voorval elders", "habitant, faits ailleurs", "resident, happened elsewhere"
    ),
    "non_resident_in_town": _three(
        "niet-inwoner, voorval hier", "non-habitant, faits ici", "non-resident, happened here"
    ),
    "non_resident_elsewhere": _three(
        "niet-inwoner, voorval elders",
        "non-habitant, faits ailleurs",
        "non-resident, happened elsewhere",
    ),
    "unknown": _three("niet bekend", "inconnu", "not known"),
    "received": _three("ontvangen", "reçus", "received"),
    "duplicates": _three("dubbele meldingen", "doublons", "duplicates"),
    "declined_statistics": _three(
        "niet in cijfers (geen toestemming)",
        "hors chiffres (sans consentement)",
        "outside the figures (no consent)",
    ),
    "counted": _three("geteld", "comptés", "counted"),
    "totals": _three("Van ontvangen tot geteld", "De reçu à compté", "From received to counted"),
    "case_flow": _three("Dossiers per jaar", "Dossiers par an", "Cases by year"),
    "opened": _three("geopend", "ouverts", "opened"),
    "closed": _three("afgesloten", "clôturés", "closed"),
    "open_at_start": _three("open bij begin", "en cours au début", "open at the start"),
    "open_at_end": _three("open bij einde", "en cours à la fin", "open at the end"),
    "by_outcome": _three(
        "Hoe dossiers afliepen", "Issue des dossiers", "How cases ended"
    ),
    "by_assessment": _three(
        "Hoe het bureau ze beoordeelde", "Appréciation du bureau", "How the bureau assessed them"
    ),
    "durations": _three("Doorlooptijden", "Délais", "Times"),
    "median_days": _three("mediaan (dagen)", "médiane (jours)", "median (days)"),
    "p90_days": _three(
        "9 van 10 binnen (dagen)", "9 sur 10 en (jours)", "9 in 10 within (days)"
    ),
    "within_promise": _three("binnen belofte", "dans le délai promis", "within promise"),
    "acknowledgement": _three("ontvangstmelding", "accusé de réception", "acknowledgement"),
    "answer": _three("antwoord", "réponse", "answer"),
    "closure": _three("afsluiting van een dossier", "clôture d'un dossier", "closing a case"),
    "closure_without_holds": _three(
        "idem, zonder wachttijd", "idem, hors suspension", "the same, without waiting"
    ),
    "resolution_flow": _three(
        "Onderhandelde oplossingen", "Solutions négociées", "Negotiated resolutions"
    ),
    "negotiations_started": _three(
        "onderhandelingen begonnen", "négociations entamées", "negotiations begun"
    ),
    "agreements_reached": _three("akkoorden bereikt", "accords conclus", "agreements reached"),
    "negotiated_resolutions": _three(
        "dossiers met onderhandelde oplossing",
        "dossiers avec solution négociée",
        "cases with a negotiated resolution",
    ),
    "negotiated_resolution_share": _three(
        "aandeel van de afgesloten dossiers",
        "part des dossiers clôturés",
        "share of the cases closed",
    ),
    "agreements": _three(
        "Hoe akkoorden nageleefd worden", "Respect des accords", "How agreements are kept"
    ),
    "kept": _three("nageleefd", "respectés", "kept"),
    "partly_kept": _three("deels nageleefd", "respectés en partie", "partly kept"),
    "breached": _three("niet nageleefd", "non respectés", "breached"),
    "running": _three("lopend", "en cours", "running"),
    "network_flow": _three("Het netwerk", "Le réseau", "The network"),
    "partners": _three("partners", "partenaires", "partners"),
    "new_partners": _three("nieuwe partners", "nouveaux partenaires", "new partners"),
    "cooperation": _three(
        "samenwerkingsakkoorden van kracht",
        "accords de coopération en vigueur",
        "cooperation agreements in force",
    ),
    "meetings": _three("Vergaderingen", "Réunions", "Meetings"),
    "held": _three("gehouden", "tenues", "held"),
    "norm": _three("norm", "norme", "norm"),
    "activities": _three("Activiteiten", "Activités", "Activities"),
    "referrals_out": _three("doorverwezen", "orientés vers un partenaire", "referred to partners"),
    "referrals_in": _three("ontvangen van partners", "reçus de partenaires", "come from partners"),
    "referrals": _three("Doorverwijzingen", "Orientations", "Referrals"),
    "signals_table": _three(
        "Signalen die bevestigd werden", "Signaux confirmés", "Signals that were confirmed"
    ),
    "signals_decided": _three("Signalen van het jaar", "Signaux de l'année", "Signals of the year"),
    "period": _three("periode", "période", "period"),
    "district": _three("wijk", "quartier", "district"),
    "all": _three("alle", "tous", "all"),
    "found_by": _three("gevonden door", "trouvé par", "found by"),
    "computed": _three("telling", "comptage", "counting"),
    "observed": _three("waarneming", "observation", "observation"),
    "actions_table": _three("Preventieacties", "Actions de prévention", "Prevention actions"),
    "reference": _three("referentie", "référence", "reference"),
    "kind": _three("soort", "type", "kind"),
    "state": _three("stand", "état", "state"),
    "based_on_signal": _three(
        "op grond van een signaal van het jaar ervoor",
        "fondée sur un signal de l'année précédente",
        "based on a signal of the year before",
    ),
    "yes": _three("ja", "oui", "yes"),
    "no": _three("nee", "non", "no"),
    "indicators_table": _three(
        "Indicatoren van het plan", "Indicateurs du plan", "Indicators of the plan"
    ),
    "objective": _three("doelstelling", "objectif", "objective"),
    "indicator": _three("indicator", "indicateur", "indicator"),
    "value": _three("waarde", "valeur", "value"),
    "by_language": _three(
        "Taal van de melder", "Langue de la personne", "Language of the person"
    ),
    "language": _three("taal", "langue", "language"),
    "needs": _three("Wat melders nodig hadden", "Besoins exprimés", "What people needed"),
    "interpreter": _three("tolk", "interprète", "interpreter"),
    "sign_language": _three("gebarentaal", "langue des signes", "sign language"),
    "reading_help": _three(
        "hulp bij lezen", "aide à la lecture", "help with reading"
    ),
    "resources_table": _three("Middelen", "Moyens", "Resources"),
    "staff_hundredths": _three(
        "personeel (voltijds equivalent)",
        "personnel (équivalent temps plein)",
        "staff (full-time equivalents)",
    ),
    "budget_cents": _three("budget (euro)", "budget (euros)", "budget (euro)"),
    "spent_cents": _three("uitgegeven (euro)", "dépensé (euros)", "spent (euro)"),
    "highest": _three("Hoogste waarde: {row}, {value}.", "Maximum : {row}, {value}.",
                      "Highest: {row}, {value}."),
    "in_table": _three(
        "De tabel geeft alle cijfers.", "Le tableau donne tous les chiffres.",
        "The table gives all figures.",
    ),
    "hidden_note": _three(
        "Aantallen van 1 tot {most} worden niet getoond, en andere niet waaruit zij zouden volgen,"
        " zodat niemand te herkennen is. Niet getoond is niet nul.",
        "Les nombres de 1 à {most} ne sont pas montrés, ni ceux qui permettraient de les déduire,"
        " afin que personne ne soit reconnaissable. Non montré ne veut pas dire zéro.",
        "Counts of 1 to {most} are not shown, nor others from which they would follow, so that"
        " nobody can be recognised. Not shown is not zero.",
    ),
    "left_out": _three(
        "{number} andere combinaties komen voor, te weinig om te tonen.",
        "{number} autres combinaisons existent, trop peu nombreuses pour être montrées.",
        "{number} other combinations occur, too few to show.",
    ),
    "not_shown_table": _three(
        "Deze tabel kan dit jaar niet getoond worden zonder mensen herkenbaar te maken.",
        "Ce tableau ne peut être montré cette année sans rendre des personnes reconnaissables.",
        "This table cannot be shown this year without making people recognisable.",
    ),
    "published_fact": _three("Gepubliceerd", "Publié", "Published"),
    "version_fact": _three("Versie", "Version", "Version"),
    "reason_fact": _three("Reden van deze versie", "Raison de cette version",
                          "Reason of this version"),
    "as_of_fact": _three("Stand van de cijfers", "État des chiffres", "Figures as of"),
    "hash_fact": _three("Kenmerk van de inhoud (SHA-256)", "Empreinte du contenu (SHA-256)",
                        "Mark of the content (SHA-256)"),
    "code_fact": _three("Versie van het programma", "Version du logiciel", "Version of the code"),
    "earlier_note": _three(
        "Cijfers van een vroeger jaar staan hier zoals ze in het verslag van dat jaar verschenen.",
        "Les chiffres d'une année antérieure figurent tels que publiés dans son rapport.",
        "Figures of an earlier year stand as its own report gave them.",
    ),
}  # fmt: skip

SECTIONS: Mapping[Section, Mapping[Language, str]] = {
    Section.FOREWORD: _three("Voorwoord", "Avant-propos", "Foreword"),
    Section.METHOD: _three("Hoe er geteld werd", "Méthode", "How it was counted"),
    Section.REPORTS: _three("Meldingen", "Signalements", "Reports"),
    Section.CASES: _three("Dossiers", "Dossiers", "Cases"),
    Section.RESOLUTIONS: _three("Oplossingen", "Solutions", "Resolutions"),
    Section.NETWORK: _three("Netwerk", "Réseau", "Network"),
    Section.SIGNALS: _three("Signalen en trends", "Signaux et tendances", "Signals and trends"),
    Section.PREVENTION: _three("Preventie", "Prévention", "Prevention"),
    Section.INDICATORS: _three(
        "Indicatoren van het plan", "Indicateurs du plan", "Indicators of the plan"
    ),
    Section.ACCESSIBILITY: _three("Toegankelijkheid", "Accessibilité", "Accessibility"),
    Section.RESOURCES: _three("Middelen", "Moyens", "Resources"),
    Section.RECOMMENDATIONS: _three("Aanbevelingen", "Recommandations", "Recommendations"),
}

STATES: Mapping[str, Mapping[Language, str]] = {
    "met": _three("bereikt", "atteint", "met"),
    "not_met": _three("niet bereikt", "non atteint", "not met"),
    "pending": _three("loopt nog", "en cours", "pending"),
    "not_due": _three("niet aan de orde", "pas encore dû", "not due"),
    "open": _three("jaar niet bepaald", "année non fixée", "open"),
    "unknown": _three("niet gekend", "inconnu", "not known"),
    "planned": _three("gepland", "prévue", "planned"),
    "running": _three("lopend", "en cours", "running"),
    "completed": _three("afgerond", "achevée", "completed"),
    "cancelled": _three("afgelast", "annulée", "cancelled"),
    "new": _three("nog te beslissen", "à décider", "to be decided"),
    "confirmed": _three("bevestigd", "confirmés", "confirmed"),
    "dismissed": _three("verworpen", "rejetés", "dismissed"),
    "watched": _three("opgevolgd", "suivis", "watched"),
}

EU: Mapping[str, Mapping[Language, str]] = {
    "racial_or_ethnic_origin": _three(
        "ras of etnische afkomst", "race ou origine ethnique", "racial or ethnic origin"
    ),
    "religion_or_belief": _three(
        "godsdienst of overtuiging", "religion ou convictions", "religion or belief"
    ),
    "disability": _three("handicap", "handicap", "disability"),
    "age": _three("leeftijd", "âge", "age"),
    "sexual_orientation": _three(
        "seksuele gerichtheid", "orientation sexuelle", "sexual orientation"
    ),
    "sex": _three("geslacht", "sexe", "sex"),
    "employment_and_occupation": _three(
        "arbeid en beroep", "emploi et travail", "employment and occupation"
    ),
    "social_protection": _three("sociale bescherming", "protection sociale", "social protection"),
    "education": _three("onderwijs", "éducation", "education"),
    "goods_and_services": _three(
        "goederen en diensten, huisvesting inbegrepen",
        "biens et services, y compris le logement",
        "goods and services, housing included",
    ),
    "none": _three("buiten de richtlijnen", "hors directives", "outside the directives"),
}


def word(key: str, language: Language, **parts: object) -> str:
    found = WORDS[key][language]
    return found.format(**parts) if parts else found
