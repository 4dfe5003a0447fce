"""What the report shows of reports, cases and resolutions."""

from collections.abc import Sequence

from app.documents.domain import (
    HIDDEN,
    Block,
    Cell,
    Chart,
    ChartKind,
    Column,
    ColumnKind,
    Table,
)
from app.publications.book import Book, code_of, listed, yearly
from app.publications.wording import EU
from app.vocabulary.domain import Language

MONTHS = {
    Language.NL: (
        "jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec",
    ),
    Language.FR: (
        "jan", "fév", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc",
    ),
    Language.EN: (
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ),
}  # fmt: skip

MOST_SERIES = 9
"""Of small multiples on a page; the table has them all."""

DURATIONS = ("median_days", "p90_days", "within_promise")


def report_blocks(book: Book) -> list[Block]:
    counted = "reports.counted"
    blocks: list[Block] = [
        yearly(
            book,
            "reports_totals",
            book.word("totals"),
            {
                f"reports.{key}": book.word(word)
                for key, word in (
                    ("total", "received"),
                    ("duplicates", "duplicates"),
                    ("declined_statistics", "declined_statistics"),
                    ("counted", "counted"),
                )
            },
            first=book.word("reports"),
        ),
        *_months(book),
    ]
    for key in ("by_request", "by_channel"):
        rows = book.rows(["reports", key])
        blocks += _with_bars(book, yearly(
            book, f"reports_{key}", book.word(key), rows, first=book.word("what"), total=counted
        ))  # fmt: skip
    grounds = yearly(
        book,
        "reports_by_ground",
        book.word("by_ground"),
        book.rows(["reports", "by_ground", "rows"]),
        first=book.word("ground"),
    )
    domains = yearly(
        book,
        "reports_by_domain",
        book.word("by_domain"),
        book.rows(["reports", "by_domain"]),
        first=book.word("domain"),
        total=counted,
    )
    blocks += [grounds, *_multiples(book, grounds), domains, *_multiples(book, domains)]
    blocks += _crossings(book)
    for key in ("by_multiplicity", "by_conduct", "by_respondent_kind"):
        blocks.append(yearly(
            book, f"reports_{key}", book.word(key), book.rows(["reports", key]),
            first=book.word("what"), total=None if key == "by_conduct" else counted,
        ))  # fmt: skip
    blocks += _places(book)
    blocks += _eu(book)
    return [block for block in blocks if not isinstance(block, Table) or block.rows]


def case_blocks(book: Book) -> list[Block]:
    flow = ("opened", "closed", "open_at_start", "open_at_end")
    closed = "cases.closed"
    blocks: list[Block] = [
        yearly(
            book,
            "cases_flow",
            book.word("case_flow"),
            {f"cases.{key}": book.word(key) for key in flow if book.knows(f"cases.{key}")},
            first=book.word("cases"),
        )
    ]
    for key in ("by_outcome", "by_assessment"):
        blocks += _with_bars(book, yearly(
            book, f"cases_{key}", book.word(key), book.rows(["cases", key]),
            first=book.word("what"), total=closed,
        ))  # fmt: skip
    return [*blocks, _durations(book)]


def resolution_blocks(book: Book) -> list[Block]:
    kept = ("kept", "partly_kept", "breached", "running")
    counts = ("negotiations_started", "agreements_reached", "negotiated_resolutions")
    return [
        yearly(
            book,
            "resolutions_flow",
            book.word("resolution_flow"),
            {f"resolutions.{key}": book.word(key) for key in counts},
            first=book.word("what"),
        ),
        yearly(
            book,
            "resolutions_share",
            book.word("negotiated_resolution_share"),
            {
                "resolutions.negotiated_resolution_share": book.word("negotiated_resolution_share"),
            },
            first=book.word("what"),
            kind=ColumnKind.SHARE,
        ),
        yearly(
            book,
            "resolutions_agreements",
            book.word("agreements"),
            {f"resolutions.agreements.{key}": book.word(key) for key in kept},
            first=book.word("what"),
            total="resolutions.agreements_reached",
        ),
    ]


def _months(book: Book) -> list[Block]:
    months = MONTHS[book.language]
    rows = {f"reports.by_month.{number}": months[number - 1] for number in range(1, 13)}
    table = yearly(
        book,
        "reports_by_month",
        book.word("by_month"),
        rows,
        first=book.word("month"),
        total="reports.counted",
    )
    chart = _chart(book, table, ChartKind.LINES, [f"y{book.year}", f"y{book.year - 1}"])
    return [table, chart]


def _crossings(book: Book) -> list[Block]:
    grounds = book.rows(["reports", "by_ground", "rows"])
    domains = book.rows(["reports", "by_domain"])
    shown = {
        ground: label
        for ground, label in grounds.items()
        if book.cell(ground) != 0 and book.cell(ground) is not None
    }
    columns = [code_of(domain) for domain in domains if book.cell(domain) not in (0, None)]
    labels = {code_of(domain): label for domain, label in domains.items()}
    prefix = "reports.by_ground_and_domain"
    matrix = Table(
        "reports_by_ground_and_domain",
        f"{book.word('by_ground_and_domain')}, {book.year}",
        [
            Column("code", book.word("code"), ColumnKind.CODE),
            Column("label", book.word("ground"), ColumnKind.TEXT),
            *(Column(code, labels[code]) for code in columns),
            Column("total", book.word("total")),
        ],
        [
            [
                code_of(ground),
                label,
                *(_or_zero(book, f"{prefix}.{code_of(ground)}.{code}") for code in columns),
                book.cell(ground),
            ]
            for ground, label in shown.items()
            if any(_number(book.cell(f"{prefix}.{code_of(ground)}.{code}")) for code in columns)
        ]
        if any(name.startswith(prefix) for name in [*book.figures, *book.hidden])
        else [],
    )
    numbers = [
        name
        for name in sorted({*book.figures, *book.hidden})
        if name.startswith("reports.by_number_of_grounds.") and "@" not in name
    ]
    labels_of = {code_of(name): label for name, label in grounds.items()}
    pairs = [
        name
        for name in sorted({*book.figures, *book.hidden})
        if name.startswith("reports.by_crossing_grounds.") and "@" not in name
    ]
    return [
        matrix,
        listed(
            book,
            "reports_by_number_of_grounds",
            book.word("by_number_of_grounds"),
            [(code_of(name), code_of(name), book.cell(name)) for name in numbers],
            first=book.word("grounds"),
            number=book.word("reports"),
        ),
        listed(
            book,
            "reports_by_crossing_grounds",
            book.word("by_crossing_grounds"),
            [_pair(book, name, labels_of) for name in pairs if _number(book.cell(name))],
            first=book.word("grounds"),
            number=book.word("reports"),
            notes=_left_out(book, pairs),
        ),
    ]


def _left_out(book: Book, names: Sequence[str]) -> list[str]:
    number = sum(book.cell(name) is HIDDEN for name in names)
    return [book.word("left_out", number=number)] if number else []


def _pair(book: Book, name: str, labels: dict[str, str]) -> tuple[str, str, Cell]:
    first, second = name.split(".")[-2:]
    both = " + ".join(labels.get(code, code) for code in (first, second))
    return f"{first}+{second}", both, book.cell(name)


def _or_zero(book: Book, name: str) -> Cell:
    """A crossing that is in no list counts nobody."""
    return book.cell(name) if book.knows(name) else 0


def _places(book: Book) -> list[Block]:
    kinds = (
        "resident_in_town", "resident_elsewhere", "non_resident_in_town", "non_resident_elsewhere",
        "unknown",
    )  # fmt: skip
    return [
        yearly(
            book,
            "reports_by_residence_and_place",
            book.word("by_residence_and_place"),
            {f"reports.by_residence_and_place.{key}": book.word(key) for key in kinds},
            first=book.word("what"),
            total="reports.counted",
        ),
        yearly(
            book,
            "reports_by_district",
            book.word("by_incident_district"),
            book.rows(["reports", "by_incident_district"], label="place", by_label=True),
            first=book.word("district"),
            total="reports.counted",
        ),
    ]


def _eu(book: Book) -> list[Block]:
    names = [n for n in {*book.figures, *book.hidden} if n.startswith("eu.") and "@" not in n]
    if not names:
        return []
    fields = [field for field in EU if any(n.endswith(f".{field}") for n in names)]
    grounds = [ground for ground in EU if any(n.startswith(f"eu.{ground}.") for n in names)]
    return [
        Table(
            "reports_by_eu_ground_and_field",
            book.word("by_eu"),
            [
                Column("code", book.word("code"), ColumnKind.CODE),
                Column("label", book.word("eu_ground"), ColumnKind.TEXT),
                *(Column(field, EU[field][book.language]) for field in fields),
                Column("total", book.word("total")),
            ],
            [
                [
                    ground,
                    EU[ground][book.language],
                    *(_or_zero(book, f"eu.{ground}.{field}") for field in fields),
                    _or_zero(book, f"eu.{ground}.all"),
                ]
                for ground in grounds
            ],
        )
    ]


def _durations(book: Book) -> Table:
    kinds = (
        ("acknowledgement", "reports.acknowledgement"),
        ("answer", "reports.answer"),
        ("closure", "cases.closure"),
        ("closure_without_holds", "cases.closure_without_holds"),
    )
    return Table(
        "durations",
        f"{book.word('durations')}, {book.year}",
        [
            Column("code", book.word("code"), ColumnKind.CODE),
            Column("label", book.word("what"), ColumnKind.TEXT),
            Column("median_days", book.word("median_days"), ColumnKind.DECIMAL),
            Column("p90_days", book.word("p90_days")),
            Column("within_promise", book.word("within_promise"), ColumnKind.SHARE),
        ],
        [
            [code, book.word(code), *(book.cell(f"{name}.{figure}") for figure in DURATIONS)]
            for code, name in kinds
        ],
    )


def _with_bars(book: Book, table: Table) -> list[Block]:
    return [table, _chart(book, table, ChartKind.BARS, [f"y{book.year}"])] if table.rows else []


def _multiples(book: Book, table: Table) -> list[Block]:
    """Years as rows, since a line runs over them; the largest first."""
    year = len(table.columns) - 1
    rows = [row for place, row in enumerate(table.rows) if place not in table.totals]
    rows.sort(key=lambda row: -_number(row[year]))
    largest = [row for row in rows if _number(row[year])][:MOST_SERIES]
    if len(book.years) < 2 or not largest:
        return []
    turned = Table(
        f"{table.name}_over_years",
        table.title,
        [
            Column("label", book.word("year"), ColumnKind.TEXT),
            *(Column(f"s{place}", str(row[1])) for place, row in enumerate(largest)),
        ],
        [
            [str(number), *(row[2 + place] for row in largest)]
            for place, number in enumerate(book.years)
        ],
    )
    series = [column.name for column in turned.columns[1:]]
    return [_chart(book, turned, ChartKind.SMALL_MULTIPLES, series)]


def _chart(book: Book, table: Table, kind: ChartKind, series: Sequence[str]) -> Chart:
    return Chart(
        name=f"{table.name}_chart",
        title=table.title,
        kind=kind,
        table=table,
        categories="label",
        series=[name for name in series if any(name == c.name for c in table.columns)],
        alternative=_alternative(book, table),
    )


def _alternative(book: Book, table: Table) -> str:
    cells = [
        (f"{row[_first(table)]}, {column.title}", cell)
        for place, row in enumerate(table.rows)
        if place not in table.totals
        for column, cell in zip(table.columns, row, strict=True)
        if column.kind not in (ColumnKind.CODE, ColumnKind.TEXT) and _number(cell)
    ]
    said = [f"{table.title}."]
    if cells:
        row, value = max(cells, key=lambda found: _number(found[1]))
        said.append(book.word("highest", row=row, value=value))
    return " ".join([*said, book.word("in_table")])


def _first(table: Table) -> int:
    return next(i for i, column in enumerate(table.columns) if column.kind is not ColumnKind.CODE)


def _number(cell: Cell) -> float:
    return 0.0 if cell is None or cell is HIDDEN or isinstance(cell, str) else float(cell)
