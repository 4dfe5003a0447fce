"""Documents: a small one, and one of the size of a real yearly report."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from app.documents.domain import (
    HIDDEN,
    Block,
    Cell,
    Chart,
    ChartKind,
    Column,
    ColumnKind,
    Document,
    KeyFigure,
    KeyFigures,
    Part,
    Table,
    Text,
)

AS_OF = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LONG_LABEL = (
    "Gemeente Heusden-Zolder, wijken Boekt, Viversel, Berkenbos en Bolderberg samen met de "
    "deelgemeenten waarvan de grens in de loop van het jaar is verschoven"
)
WICKED = (
    "</script><script>alert(1)</script> #let x = 1 $y$ *a* _b_ [c] @d <e> \\ ` \" ' & {{ 7*7 }}"
)
NO_BREAK = "Bestuursbevoegdheidsverdelingsovereenkomstonderhandelaarsvergadering" * 2

PAGE_NL = """# Wat we zagen

In 2025 kwamen er **1.234 meldingen** binnen. Dat is *meer* dan in 2024, en het past bij wat de
gemeente in de wijken hoort. Het bureau volgde elke melding op binnen de beloofde termijn.

## Wat we deden

- Gesprekken met scholen, verhuurders en werkgevers, in elk van de wijken.
- Vormingen voor loketmedewerkers, met nadruk op toegankelijkheid.
- Overleg met [Unia](https://www.unia.be/nl) en met [het bureau](mailto:bureau@example.org).

1. Een melding wordt gelezen door twee mensen.
2. De melder krijgt een antwoord op de inhoud.
3. Er volgt een bemiddeling, of een doorverwijzing.

> "Voor het eerst had ik het gevoel dat iemand luisterde", zei een melder.

### Wat we leerden

De cijfers zijn klein: een stijging van enkele meldingen kan toeval zijn. Waar een cijfer te klein
is om te tonen staat een teken. Zoë, Çağla, Łukasz en Đorđe hielpen bij het tellen.
"""
PAGE_FR = """## Ce que nous avons vu

Le bureau a reçu **1 234 signalements** en 2025. L'égalité de traitement n'est pas une faveur :
c'est un droit. Là où l'on ne sait pas, on écrit qu'on ne sait pas ; là où le chiffre est trop
petit, il est protégé.

Les écoles, les employeurs et les bailleurs ont été entendus. *Cœur*, *œuvre*, *naïveté*, *Noël*.
"""
PAGE_EN = """## What we saw

The bureau received **1,234 reports** in 2025. A small number may be chance; a protected number is
not zero. Schools, employers and landlords were heard, and most cases ended in an agreement.
"""
PAGES = {"nl": PAGE_NL, "fr": PAGE_FR, "en": PAGE_EN}

LABEL = Column("label", "Omschrijving", ColumnKind.TEXT)
CODE = Column("code", "Code", ColumnKind.CODE, "the code of the list")


def make_table(**changed: Any) -> Table:
    """A row for each ground, with every kind of cell."""
    table = Table(
        name="grounds",
        title="Meldingen per grond",
        columns=[
            CODE,
            LABEL,
            Column("reports", "Meldingen", ColumnKind.INTEGER, "reports received"),
            Column("share", "Aandeel", ColumnKind.SHARE, "of all reports"),
            Column("cost", "Kosten", ColumnKind.CENTS),
            Column("hours", "Uren", ColumnKind.HUNDREDTHS),
            Column("mean", "Gemiddeld", ColumnKind.DECIMAL),
        ],
        rows=[
            ["origin", "Afkomst", 1204, 0.425, 123450, 350, 2.25],
            ["disability", "Handicap", 12, HIDDEN, 0, None, 1.0],
            ["faith", "Geloof of levensbeschouwing", HIDDEN, 0.02, None, 25, HIDDEN],
            ["zero", "Vermogen", 0, 0.0, 100, 0, 0.0],
            [None, "Totaal", 1216, 1.0, 123550, 375, None],
        ],
        totals=frozenset({4}),
        notes=["Een melding kan meer gronden hebben."],
    )
    return replace(table, **changed)


def make_chart(table: Table, **changed: Any) -> Chart:
    chart = Chart(
        name=f"{table.name}_chart",
        title="Meldingen per grond, in beeld",
        kind=ChartKind.BARS,
        table=table,
        categories="label",
        series=["reports"],
        alternative="Afkomst wordt het vaakst genoemd; geloof is beschermd.",
    )
    return replace(chart, **changed)


def make_document(**changed: Any) -> Document:
    """A short one: a text, key figures, a table and its chart."""
    table = make_table()
    document = Document(
        name="yearly_report_2025",
        title="Jaarverslag gelijke behandeling 2025",
        subtitle="Meldingen, bemiddelingen en het netwerk",
        publisher="Stad Genk",
        language="nl",
        parts=[
            Part(
                "reports",
                "Meldingen",
                [
                    KeyFigures(
                        [
                            KeyFigure("meldingen", 1234, note="tegen 1.100 in 2024"),
                            KeyFigure("binnen de termijn", 0.875, ColumnKind.SHARE),
                            KeyFigure("klachten over ons", HIDDEN),
                            KeyFigure("kosten per dossier", 45050, ColumnKind.CENTS),
                        ]
                    ),
                    Text(PAGE_NL),
                    table,
                    make_chart(table),
                ],
            ),
        ],
        as_of=AS_OF,
        issued_on=date(2026, 3, 15),
        version=2,
        is_public=True,
        threshold=5,
        facts=[
            ("Versie", "2, verbetert versie 1"),
            ("Vingerafdruk", "9f86d081884c7d659a2feaa0c55a"),
        ],
        notes=["Een melding telt in de maand waarin zij kwam.", "Dossiers tellen in het jaar."],
        keywords=["gelijke behandeling", "discriminatie"],
    )
    return replace(document, **changed)


MONTHS = ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]


def _count(row: int, column: int) -> Cell:
    """A count that is made up, hidden now and then, missing now and then."""
    number = (row * 37 + column * 101 + row * column * 7) % 173
    if number % 17 == 3:
        return HIDDEN
    return None if number % 41 == 5 else number * (9 if row % 5 == 0 else 1)


def make_long_table(number: int) -> Table:
    """40 places by twelve months and a total."""
    months = [Column(f"m{at:02}", name) for at, name in enumerate(MONTHS, 1)]
    rows = [
        [f"p{row:02}", _place(row), *(_count(row + number, at) for at in range(13))]
        for row in range(40)
    ]
    return Table(
        name=f"places_{number}",
        title=f"Meldingen per plaats en maand, deel {number}",
        columns=[CODE, Column("place", "Plaats", ColumnKind.TEXT), *months, Column("year", "Jaar")],
        rows=rows,
        totals=frozenset({39}),
        notes=["Plaats van het voorval.", "Zonder meldingen van elders."],
    )


def _place(row: int) -> str:
    special = {3: LONG_LABEL, 7: WICKED, 11: "Đorđe Łódź Çağlayan", 13: NO_BREAK, 17: "=1+1"}
    return special.get(row, f"Wijk {row}")


def make_small_table(number: int) -> Table:
    years = [str(year) for year in range(2016, 2026)]
    return Table(
        name=f"years_{number}",
        title=f"Verloop over de jaren {number}",
        columns=[
            Column("year", "Jaar", ColumnKind.TEXT),
            *(Column(f"s{at}", name) for at, name in enumerate(SERIES, 1)),
        ],
        rows=[[year, *(_count(at + number, n) for n in range(4))] for at, year in enumerate(years)],
    )


SERIES = ["Afkomst", "Handicap en gezondheid", "Geloof of levensbeschouwing", "Leeftijd"]


def make_yearly_report(language: str = "nl") -> Document:
    """20 pages, 25 tables, 8 charts, as the report of a year has them."""
    parts = []
    for at in range(9):
        blocks: list[Block] = [Text(PAGES[language])]
        if at == 0:
            blocks.append(Text(PAGE_FR if language != "fr" else PAGE_NL, _other(language)))
            blocks.append(Text(WICKED))
        if at < 5:
            blocks.append(make_long_table(at))
        small = [make_small_table(at * 2), make_small_table(at * 2 + 1)]
        blocks += small
        if at < 8:
            blocks.append(_chart_of(small[0], at))
        parts.append(Part(f"part-{at}", f"Deel {at}: {WICKED if at == 4 else 'meldingen'}", blocks))
    first = make_document(language=language)
    parts[0] = replace(parts[0], blocks=[*first.parts[0].blocks[:1], *parts[0].blocks])
    parts.append(Part("grounds", "Gronden", [make_table(), make_table(name="again")]))
    return replace(first, parts=parts)


def _other(language: str) -> str:
    return "nl" if language == "fr" else "fr"


def _chart_of(table: Table, at: int) -> Chart:
    kind = list(ChartKind)[at % 3]
    series = ["s1"] if kind is ChartKind.BARS else ["s1", "s2", "s3", "s4"]
    title = f"Figuur over de jaren {at}"
    alternative = f"Het verloop van {len(series)} reeksen, met beschermde jaren."
    return Chart(f"chart_{at}", title, kind, table, "year", series, alternative)
