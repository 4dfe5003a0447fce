"""What the report shows of network, signals, prevention, indicators, accessibility, resources."""

from app.documents.domain import Block, Cell, Column, ColumnKind, Table
from app.publications.book import Book, listed, yearly
from app.publications.wording import STATES


def network_blocks(book: Book) -> list[Block]:
    rows = {
        "network.partners.in_force": "partners",
        "network.partners.new": "new_partners",
        "network.agreements.in_force": "cooperation",
        "network.referrals_out.total": "referrals_out",
        "network.referrals_in.total": "referrals_in",
    }
    return [
        yearly(
            book,
            "network",
            book.word("network_flow"),
            {name: book.word(key) for name, key in rows.items()},
            first=book.word("what"),
        ),
        _meetings(book),
        *_if_any(
            yearly(
                book,
                "network_activities",
                book.word("activities"),
                book.rows(["network", "activities"]),
                first=book.word("what"),
            )
        ),
    ]


def _meetings(book: Book) -> Table:
    found = book.views[0]["network"]["meetings"]
    return Table(
        "network_meetings",
        f"{book.word('meetings')}, {book.year}",
        [
            Column("code", book.word("code"), ColumnKind.CODE),
            Column("label", book.word("what"), ColumnKind.TEXT),
            Column("held", book.word("held")),
            Column("norm", book.word("norm")),
            Column("state", book.word("state"), ColumnKind.TEXT),
        ],
        [
            [
                row["kind"],
                row["label"],
                book.cell(f"network.meetings.{row['kind']}.held"),
                book.cell(f"network.meetings.{row['kind']}.norm"),
                STATES[row["state"]][book.language],
            ]
            for row in found
        ],
    )


def signal_blocks(book: Book) -> list[Block]:
    """Confirmed signals by what they are about, without their counts, which are of few reports."""
    found = book.content["signals"]
    states: list[tuple[str, str, Cell]] = [
        (state, STATES[state][book.language], number) for state, number in found["states"].items()
    ]
    columns = [
        Column("ground_code", book.word("code"), ColumnKind.CODE),
        Column("domain_code", book.word("code"), ColumnKind.CODE),
        Column("period", book.word("period"), ColumnKind.TEXT),
        Column("ground", book.word("ground"), ColumnKind.TEXT),
        Column("domain", book.word("domain"), ColumnKind.TEXT),
        Column("found_by", book.word("found_by"), ColumnKind.TEXT),
    ]
    rows = [
        [
            row["ground"],
            row["domain"],
            row["months"],
            row["labels"][book.language]["ground"] or book.word("all"),
            row["labels"][book.language]["domain"] or book.word("all"),
            book.word("computed" if row["origin"] == "detected" else "observed"),
        ]
        for row in found["confirmed"]
    ]
    return [
        listed(
            book,
            "signals_by_state",
            book.word("signals_decided"),
            states,
            first=book.word("state"),
            number=book.word("number"),
        ),
        *_if_any(Table("signals_confirmed", book.word("signals_table"), columns, rows)),
    ]


def action_blocks(book: Book) -> list[Block]:
    columns = [
        Column("reference", book.word("reference"), ColumnKind.TEXT),
        Column("kind_code", book.word("code"), ColumnKind.CODE),
        Column("kind", book.word("kind"), ColumnKind.TEXT),
        Column("ground", book.word("ground"), ColumnKind.TEXT),
        Column("domain", book.word("domain"), ColumnKind.TEXT),
        Column("state", book.word("state"), ColumnKind.TEXT),
        Column("based_on_signal", book.word("based_on_signal"), ColumnKind.TEXT),
    ]
    rows = [
        [
            row["reference"],
            row["kind"],
            row["labels"][book.language]["kind"],
            row["labels"][book.language]["ground"] or book.word("all"),
            row["labels"][book.language]["domain"] or book.word("all"),
            STATES[row["state"]][book.language],
            book.word("yes" if row["based_on_signal"] else "no"),
        ]
        for row in book.content["actions"]
    ]
    return _if_any(Table("prevention_actions", book.word("actions_table"), columns, rows))


def indicator_blocks(book: Book) -> list[Block]:
    columns = [
        Column("objective", book.word("objective"), ColumnKind.TEXT),
        Column("code", book.word("code"), ColumnKind.CODE),
        Column("indicator", book.word("indicator"), ColumnKind.TEXT),
        Column("norm", book.word("norm"), ColumnKind.TEXT),
        Column("value", book.word("value"), ColumnKind.DECIMAL),
        Column("state", book.word("state"), ColumnKind.TEXT),
    ]
    rows = [
        [
            row["objective"],
            row["code"],
            row["titles"][book.language],
            row["norm"],
            row["value"],
            STATES[row["state"]][book.language],
        ]
        for row in book.content["indicators"]
    ]
    return _if_any(Table("indicators", book.word("indicators_table"), columns, rows))


def accessibility_blocks(book: Book) -> list[Block]:
    needs = ("interpreter", "sign_language", "reading_help")
    lines = [(key, book.word(key), book.cell(f"accessibility.needs.{key}")) for key in needs]
    return [
        *_if_any(
            yearly(
                book,
                "reports_by_language",
                book.word("by_language"),
                book.rows(["reports", "by_language"], by_label=True),
                first=book.word("language"),
                total="reports.counted",
            )
        ),
        listed(
            book,
            "accessibility_needs",
            book.word("needs"),
            lines,
            first=book.word("what"),
            number=book.word("reports"),
        ),
    ]


def resource_blocks(book: Book) -> list[Block]:
    found = book.content["resources"]
    kinds = {
        "staff_hundredths": ColumnKind.HUNDREDTHS,
        "budget_cents": ColumnKind.CENTS,
        "spent_cents": ColumnKind.CENTS,
    }
    return [
        Table(
            "resources",
            f"{book.word('resources_table')}, {book.year}",
            [
                Column("year", book.word("year"), ColumnKind.TEXT),
                *(Column(key, book.word(key), kind) for key, kind in kinds.items()),
            ],
            [[str(book.year), *(found[key] for key in kinds)]],
        )
    ]


def _if_any(table: Table) -> list[Block]:
    return [table] if table.rows else []
