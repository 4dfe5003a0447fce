"""What is said below a table about its signs, and at the end of a document about what it is."""

from app.documents.domain import Document, Table
from app.documents.numbers import day_written, has_hidden, has_missing
from app.documents.wording import (
    HIDDEN_SIGN,
    LICENCES,
    MISSING_SIGN,
    WORDS,
    hidden_explained,
)


def notes_below(table: Table, document: Document) -> list[str]:
    """How the table was counted, and what the signs in it say."""
    words = WORDS[document.language]
    notes = list(table.notes)
    if has_hidden(table):
        notes.append(f"{HIDDEN_SIGN} {hidden_explained(document.language, document.threshold)}.")
    if has_missing(table):
        notes.append(f"{MISSING_SIGN} {words.missing}.")
    return notes


def signs(document: Document) -> list[tuple[str, str]]:
    """Both signs, each with what it says."""
    return [
        (HIDDEN_SIGN, hidden_explained(document.language, document.threshold)),
        (MISSING_SIGN, WORDS[document.language].missing),
    ]


def state(document: Document) -> str | None:
    """What a reader must know before reading: a draft, or not for the public."""
    words = WORDS[document.language]
    said = [] if document.version is not None else [words.draft]
    said += [] if document.is_public else [words.not_public]
    return " · ".join(said) or None


def colophon(document: Document) -> list[tuple[str, str]]:
    """(label, value) pairs: what it is, of when, by whom; then the facts that it was given,
    which say more where they have the same label."""
    words = WORDS[document.language]
    said = [(words.publisher, document.publisher)]
    if document.version is not None:
        said.append((words.version, str(document.version)))
    said.append((words.as_of, day_written(document.as_of.date(), document.language)))
    if document.issued_on is not None:
        said.append((words.issued_on, day_written(document.issued_on, document.language)))
    if document.is_public:
        said.append((words.licence, licence_title(document.licence)))
    given = {label for label, _value in document.facts}
    return [(label, value) for label, value in said if label not in given] + list(document.facts)


def licence_title(code: str) -> str:
    title, _address = LICENCES.get(code, (code, ""))
    return title
