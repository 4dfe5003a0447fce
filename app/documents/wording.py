"""Words that a document has besides its content, in its language."""

from collections.abc import Mapping
from dataclasses import dataclass

HIDDEN_SIGN = "*"
MISSING_SIGN = "–"  # noqa: RUF001  (the dash of a table without a figure)
"""Neither is a number: what is hidden is not zero, and what is missing is not either."""


@dataclass(frozen=True)
class Words:
    """threshold: said behind `hidden` where the document has one, with `{threshold}`. key_figures
    and notes, table and chart are titles. csv_only: of the package."""

    locale: str
    draft: str
    contents: str
    page: str
    of: str
    skip: str
    notes: str
    about: str
    table: str
    chart: str
    show_table: str
    hidden: str
    threshold: str
    missing: str
    total: str
    version: str
    as_of: str
    issued_on: str
    publisher: str
    licence: str
    rows: str
    sheet: str
    gap: str
    none: str
    too_few: str
    not_public: str
    files: str
    columns: str
    reading: str


WORDS: Mapping[str, Words] = {
    "nl": Words(
        locale="nl_BE",
        draft="Ontwerp",
        contents="Inhoud",
        page="Pagina",
        of="van",
        skip="Naar de inhoud",
        notes="Toelichting bij het tellen",
        about="Over dit document",
        table="Tabel",
        chart="Figuur",
        show_table="De tabel bij deze figuur",
        hidden="te weinig om te tonen: het cijfer is beschermd, het is geen nul",
        threshold="; cijfers kleiner dan {threshold}, of waaruit zo'n cijfer te berekenen is",
        missing="geen cijfer: het is er niet, of niemand zei het",
        total="Totaal",
        version="Versie",
        as_of="Cijfers van",
        issued_on="Uitgegeven op",
        publisher="Uitgever",
        licence="Licentie",
        rows="Rijen",
        sheet="Blad",
        gap="beschermd",
        too_few="te weinig om te tonen",
        none="geen cijfer",
        not_public="Werkdocument, niet voor publicatie",
        files="Bestanden",
        columns="Kolommen",
        reading="Tekens in de tabellen",
    ),
    "fr": Words(
        locale="fr_BE",
        draft="Projet",
        contents="Table des matières",
        page="Page",
        of="sur",
        skip="Aller au contenu",
        notes="Notes sur le comptage",
        about="À propos de ce document",
        table="Tableau",
        chart="Figure",
        show_table="Le tableau de cette figure",
        hidden="trop peu pour être montré : le chiffre est protégé, ce n'est pas zéro",
        threshold=" ; chiffres inférieurs à {threshold}, ou dont un tel chiffre se déduit",
        missing="pas de chiffre : il n'existe pas, ou personne ne l'a donné",
        total="Total",
        version="Version",
        as_of="Chiffres du",
        issued_on="Publié le",
        publisher="Éditeur",
        licence="Licence",
        rows="Lignes",
        sheet="Feuille",
        gap="protégé",
        too_few="trop peu pour être montré",
        none="pas de chiffre",
        not_public="Document de travail, à ne pas publier",
        files="Fichiers",
        columns="Colonnes",
        reading="Signes dans les tableaux",
    ),
    "en": Words(
        locale="en_GB",
        draft="Draft",
        contents="Contents",
        page="Page",
        of="of",
        skip="Skip to the contents",
        notes="Notes on counting",
        about="About this document",
        table="Table",
        chart="Figure",
        show_table="The table of this figure",
        hidden="too few to show: the figure is protected, it is not zero",
        threshold="; figures below {threshold}, or from which such a figure follows",
        missing="no figure: there is none, or nobody said",
        total="Total",
        version="Version",
        as_of="Figures of",
        issued_on="Issued on",
        publisher="Publisher",
        licence="Licence",
        rows="Rows",
        sheet="Sheet",
        gap="protected",
        too_few="too few to show",
        none="no figure",
        not_public="Working document, not for publication",
        files="Files",
        columns="Columns",
        reading="Signs in the tables",
    ),
}

LICENCES: Mapping[str, tuple[str, str]] = {
    "CC-BY-4.0": (
        "Creative Commons Attribution 4.0",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    "CC0-1.0": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
}
"""Title and address of the licences of open data; another one is named by its code alone."""


def hidden_explained(language: str, threshold: int | None) -> str:
    """What the sign of a hidden figure says. threshold: of disclosure control, if there is one."""
    words = WORDS[language]
    return words.hidden + (words.threshold.format(threshold=threshold) if threshold else "")
