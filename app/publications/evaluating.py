"""The evaluation of some years: what a report tells of one, over all of them, and how the norms of
the plan stood in each.

It tells the figures as they stand. For everybody it tells a year only as a publication told it:
the count of today beside that would say what lies between.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.clock import local_date
from app.documents.domain import HIDDEN, Block, Column, ColumnKind, Document, Part, Table
from app.publications import collecting, queries
from app.publications.book import Book, code_of
from app.publications.composing import Asked, counted, names_of, resources_of
from app.publications.domain import Section
from app.publications.layout import BLOCKS, summary
from app.publications.release import Before
from app.publications.releasing import latest_of, released_names
from app.publications.wording import SECTIONS, STATES
from app.signals.trends import Direction, trend
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import Language

MOST_YEARS = 12

SHOWN = (
    Section.REPORTS,
    Section.CASES,
    Section.RESOLUTIONS,
    Section.NETWORK,
    Section.ACCESSIBILITY,
)
"""Sections whose tables have a column for each year."""


@dataclass(frozen=True)
class Span:
    first: int
    last: int
    municipality: str
    at: datetime

    @property
    def years(self) -> range:
        return range(self.first, self.last + 1)


def evaluation(session: Session, actor: Actor, span: Span) -> dict[str, Any]:
    """The content, as `composing.compose` makes one of a year."""
    asked = Asked(span.last, span.municipality, span.at, before=span.last - span.first)
    known = vocabulary.current(session)
    today = local_date(span.at)
    by_year = {
        year: {
            "signals": collecting.signals_of(session, actor, year, known),
            "actions": collecting.actions_of(session, actor, year, known),
            "indicators": collecting.indicators_of_year(session, actor, year, today=today),
            "resources": resources_of(queries.find_resources(session, actor, year)),
        }
        for year in span.years
    }
    return counted(session, actor, asked) | {
        "municipality": span.municipality,
        "as_of": span.at.isoformat(),
        "texts": [],
        "by_year": by_year,
        "is_over": {year: year < today.year for year in span.years},
    }


def house_evaluation(content: Mapping[str, Any], language: Language) -> Document:
    return _document(Book(content, names_of(content), frozenset(), language), threshold=None)


def public_evaluation(
    content: Mapping[str, Any], before: list[Before], threshold: int, language: Language
) -> Document:
    """before: every version that was published, the oldest first."""
    years = {}
    for year in content["by_year"]:
        kept = latest_of(before, int(year))
        if kept is not None:
            years[str(year)] = kept.as_json()
    figures, hidden = released_names({"years": years}, int(content["year"]))
    return _document(Book(content, figures, hidden, language), threshold=threshold)


def _document(book: Book, *, threshold: int | None) -> Document:
    first, last = min(book.content["by_year"]), max(book.content["by_year"])
    parts = [summary(book), _indicators(book), _trends(book)]
    for section in SHOWN:
        blocks = [
            block for block in BLOCKS[section](book) if not isinstance(block, Table) or block.rows
        ]
        parts.append(Part(section.value, SECTIONS[section][book.language], blocks))
    parts += [_signals(book), _actions(book), _resources(book)]
    city = str(book.content["municipality"])
    notes = list(book.content["figures"][book.language]["notes"])
    if threshold is not None:
        notes += [
            book.word("hidden_note", most=threshold - 1),
            book.word("published_years_note"),
        ]
    return Document(
        name=f"evaluation-{first}-{last}",
        title=book.word("evaluation", first=first, last=last),
        subtitle=book.word("subtitle_public" if threshold is not None else "subtitle_internal"),
        publisher=book.word("publisher", city=city),
        language=book.language.value,
        parts=[part for part in parts if part.blocks],
        as_of=datetime.fromisoformat(book.content["as_of"]),
        is_public=threshold is not None,
        threshold=threshold,
        notes=notes,
        keywords=(book.word("reports"), city, str(first), str(last)),
    )


def _indicators(book: Book) -> Part:
    """How each norm stood, year by year; how many in each state."""
    years = book.content["by_year"]
    rows: dict[str, dict[int, Mapping[str, Any]]] = {}
    for year, found in years.items():
        for row in found["indicators"]:
            rows.setdefault(row["code"], {})[year] = row
    columns = [
        Column("code", book.word("code"), ColumnKind.TEXT),
        Column("indicator", book.word("indicator"), ColumnKind.TEXT),
        *(Column(f"y{year}", str(year), ColumnKind.TEXT) for year in years),
    ]
    table = Table(
        "indicators_by_year",
        book.word("indicators_table"),
        columns,
        [
            [
                code,
                next(iter(of_years.values()))["titles"][book.language],
                *(
                    STATES[of_years[year]["state"]][book.language] if year in of_years else None
                    for year in years
                ),
            ]
            for code, of_years in rows.items()
        ],
    )
    counts = Table(
        "indicators_by_state",
        book.word("norms_by_year"),
        [
            Column("code", book.word("code"), ColumnKind.CODE),
            Column("state", book.word("state"), ColumnKind.TEXT),
            *(Column(f"y{year}", str(year)) for year in years),
        ],
        [
            [
                state,
                STATES[state][book.language],
                *(
                    sum(row["state"] == state for row in found["indicators"])
                    for found in years.values()
                ),
            ]
            for state in ("met", "not_met", "pending", "unknown", "open", "not_due")
        ],
    )
    blocks: list[Block] = [counts, table] if rows else []
    return Part("indicators", SECTIONS[Section.INDICATORS][book.language], blocks)


def _trends(book: Book) -> Part:
    """Grounds and fields that rise or fall, with an interval; the others are named as unclear or
    too few. Only whole years count, and for everybody only those of which every count is shown."""
    blocks: list[Block] = []
    for name, path in (
        ("by_ground", ["reports", "by_ground", "rows"]),
        ("by_domain", ["reports", "by_domain"]),
    ):
        lines = [_trend_row(book, row, label) for row, label in book.rows(path).items()]
        blocks.append(
            Table(
                f"trends_{name}",
                f"{book.word('trends')}: {book.word(name)}",
                [
                    Column("code", book.word("code"), ColumnKind.CODE),
                    Column("label", book.word("what"), ColumnKind.TEXT),
                    Column("direction", book.word("direction"), ColumnKind.TEXT),
                    Column("change", book.word("change"), ColumnKind.SHARE),
                    Column("low", book.word("at_least"), ColumnKind.SHARE),
                    Column("high", book.word("at_most"), ColumnKind.SHARE),
                ],
                lines,
                notes=[book.word("trend_note")],
            )
        )
    return Part(
        "trends", book.word("trends"), [b for b in blocks if isinstance(b, Table) and b.rows]
    )


def _trend_row(book: Book, name: str, label: str) -> list[Any]:
    cells = [
        book.cell(name, year) for year in book.years if book.content["is_over"].get(year, False)
    ]
    if any(cell is HIDDEN for cell in cells):
        return [code_of(name), label, book.word("too_few"), HIDDEN, HIDDEN, HIDDEN]
    found = trend([int(cell) for cell in cells if isinstance(cell, int)])
    said = book.word(found.direction.value)
    if found.direction is Direction.TOO_FEW or found.change is None:
        return [code_of(name), label, said, None, None, None]
    ends = (found.change, found.low, found.high)
    return [code_of(name), label, said, *(_as_change(end) for end in ends)]


def _as_change(factor: float | None) -> float | None:
    """1.2 from one year to the next is +20%."""
    return None if factor is None or factor == float("inf") else round(factor - 1, 4)


def _signals(book: Book) -> Part:
    years = book.content["by_year"]
    columns = [
        Column("year", book.word("year"), ColumnKind.TEXT),
        *(
            Column(state, STATES[state][book.language])
            for state in ("confirmed", "watched", "dismissed", "new")
        ),
    ]
    rows = [
        [str(year), *(found["signals"]["states"][column.name] for column in columns[1:])]
        for year, found in years.items()
    ]
    table = Table("signals_by_year", book.word("signals_decided_years"), columns, rows)
    return Part("signals", SECTIONS[Section.SIGNALS][book.language], [table])


def _actions(book: Book) -> Part:
    columns = [
        Column("year", book.word("year"), ColumnKind.TEXT),
        Column("reference", book.word("reference"), ColumnKind.TEXT),
        Column("kind", book.word("kind"), ColumnKind.TEXT),
        Column("ground", book.word("ground"), ColumnKind.TEXT),
        Column("domain", book.word("domain"), ColumnKind.TEXT),
        Column("state", book.word("state"), ColumnKind.TEXT),
        Column("based_on_signal", book.word("based_on_signal"), ColumnKind.TEXT),
    ]
    rows = [
        [
            str(year),
            row["reference"],
            row["labels"][book.language]["kind"],
            row["labels"][book.language]["ground"] or book.word("all"),
            row["labels"][book.language]["domain"] or book.word("all"),
            STATES[row["state"]][book.language],
            book.word("yes" if row["based_on_signal"] else "no"),
        ]
        for year, found in book.content["by_year"].items()
        for row in found["actions"]
    ]
    table = Table("prevention_actions", book.word("actions_table"), columns, rows)
    return Part("prevention", SECTIONS[Section.PREVENTION][book.language], [table] if rows else [])


def _resources(book: Book) -> Part:
    kinds = {
        "staff_hundredths": ColumnKind.HUNDREDTHS,
        "budget_cents": ColumnKind.CENTS,
        "spent_cents": ColumnKind.CENTS,
    }
    columns = [
        Column("year", book.word("year"), ColumnKind.TEXT),
        *(Column(key, book.word(key), kind) for key, kind in kinds.items()),
    ]
    rows = [
        [str(year), *(found["resources"][key] for key in kinds)]
        for year, found in book.content["by_year"].items()
    ]
    table = Table("resources_by_year", book.word("resources_table"), columns, rows)
    return Part("resources", SECTIONS[Section.RESOURCES][book.language], [table])
