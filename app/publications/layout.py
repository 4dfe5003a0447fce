"""The report as a document: parts, texts, tables and charts, in one language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.documents.domain import (
    Block,
    ColumnKind,
    Document,
    KeyFigure,
    KeyFigures,
    Part,
    Text,
)
from app.publications.book import Book
from app.publications.domain import Section
from app.publications.layout_reports import case_blocks, report_blocks, resolution_blocks
from app.publications.layout_work import (
    accessibility_blocks,
    action_blocks,
    indicator_blocks,
    network_blocks,
    resource_blocks,
    signal_blocks,
)
from app.publications.wording import SECTIONS
from app.publications.writing import filled_from

BLOCKS: Mapping[Section, Callable[[Book], list[Block]]] = {
    Section.REPORTS: report_blocks,
    Section.CASES: case_blocks,
    Section.RESOLUTIONS: resolution_blocks,
    Section.NETWORK: network_blocks,
    Section.SIGNALS: signal_blocks,
    Section.PREVENTION: action_blocks,
    Section.INDICATORS: indicator_blocks,
    Section.ACCESSIBILITY: accessibility_blocks,
    Section.RESOURCES: resource_blocks,
}

KEY_FIGURES = (
    ("reports.counted", "reports", ColumnKind.INTEGER),
    ("cases.opened", "opened", ColumnKind.INTEGER),
    ("cases.closed", "closed", ColumnKind.INTEGER),
    ("resolutions.negotiated_resolutions", "negotiated_resolutions", ColumnKind.INTEGER),
    ("resolutions.negotiated_resolution_share", "negotiated_resolution_share", ColumnKind.SHARE),
    ("network.partners.in_force", "partners", ColumnKind.INTEGER),
)


@dataclass(frozen=True)
class Edition:
    """What a version says of itself. None of all: a working copy."""

    version: int
    reason: str | None
    published_at: datetime
    content_hash: str
    code_version: str


def report_document(book: Book, *, edition: Edition | None, threshold: int | None) -> Document:
    """threshold: the least count that is shown; None for the house, which sees all."""
    city = str(book.content["municipality"])
    is_public = threshold is not None
    parts = [_summary(book)]
    for section in Section:
        blocks = _texts(book, section)
        if section in BLOCKS:
            blocks += BLOCKS[section](book)
        if blocks:
            parts.append(Part(section.value, SECTIONS[section][book.language], blocks))
    notes = list(book.content["figures"][book.language]["notes"])
    if threshold is not None:
        notes += [book.word("hidden_note", most=threshold - 1), book.word("earlier_note")]
    return Document(
        name=f"annual-report-{book.year}",
        title=book.word("title", year=book.year),
        subtitle=book.word("subtitle_public" if is_public else "subtitle_internal"),
        publisher=book.word("publisher", city=city),
        language=book.language.value,
        parts=parts,
        as_of=datetime.fromisoformat(book.content["as_of"]),
        issued_on=edition.published_at.date() if edition else None,
        version=edition.version if edition else None,
        is_public=is_public,
        threshold=threshold,
        facts=_facts(book, edition),
        notes=notes,
        keywords=(book.word("reports"), book.word("grounds"), city, str(book.year)),
    )


def _summary(book: Book) -> Part:
    figures = [KeyFigure(book.word(key), book.cell(name), kind) for name, key, kind in KEY_FIGURES]
    return Part("summary", book.word("summary"), [KeyFigures(figures)])


def _texts(book: Book, section: Section) -> list[Block]:
    """In the language of the document; a section that was not written in it stays out."""
    return [
        Text(filled_from(text["source"], book.cell, book.language))
        for text in book.content["texts"]
        if text["section"] == section and text["language"] == book.language
    ]


def _facts(book: Book, edition: Edition | None) -> list[tuple[str, str]]:
    if edition is None:
        return []
    facts = [
        (book.word("version_fact"), str(edition.version)),
        (book.word("published_fact"), _day(edition.published_at.date())),
        (book.word("hash_fact"), edition.content_hash),
        (book.word("code_fact"), edition.code_version),
    ]
    if edition.reason:
        facts.append((book.word("reason_fact"), edition.reason))
    return facts


def _day(day: date) -> str:
    return day.isoformat()
