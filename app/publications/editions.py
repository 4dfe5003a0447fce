"""A report as a document of some format: the house's, or what everybody may have."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from cachetools import LRUCache

from app.core.errors import NotFoundError
from app.documents.domain import Document
from app.documents.look import Look, read_look
from app.documents.writing import Format, Written, write
from app.publications.book import Book
from app.publications.composing import names_of
from app.publications.layout import Edition, report_document
from app.publications.models import Publication
from app.publications.releasing import released_names
from app.vocabulary.domain import Language

_ONE_AT_A_TIME = Lock()
"""Writing takes a second of processor time: many at once would leave none for intake."""

_KEPT: LRUCache[tuple[object, ...], Written] = LRUCache(
    maxsize=40_000_000, getsizeof=lambda w: len(w.content)
)


@lru_cache(maxsize=8)
def look_of(path: Path | None) -> Look:
    """Raises `documents.look.LookError`."""
    return read_look(path)


def house_document(
    content: Mapping[str, Any], edition: Edition | None, language: Language
) -> Document:
    """With every figure."""
    book = Book(content, names_of(content), frozenset(), language)
    return report_document(book, edition=edition, threshold=None)


def public_document(
    content: Mapping[str, Any],
    release: Mapping[str, Any],
    edition: Edition | None,
    language: Language,
) -> Document:
    """With the figures of the release alone."""
    figures, hidden = released_names(release, int(content["year"]))
    book = Book(content, figures, hidden, language)
    return report_document(book, edition=edition, threshold=int(release["threshold"]))


def edition_of(found: Publication) -> Edition:
    return Edition(
        version=found.version_number,
        reason=found.reason,
        published_at=found.published_at,
        content_hash=found.content_hash,
        code_version=found.code_version,
    )


def published_document(found: Publication, language: Language, *, is_public: bool) -> Document:
    """Raises NotFoundError for the public where a version is from before disclosure control."""
    content = json.loads(found.content)
    if not is_public:
        return house_document(content, edition_of(found), language)
    if found.release is None:
        raise NotFoundError("This version was not made for the public.")
    return public_document(content, found.release, edition_of(found), language)


def written(document: Document, wanted: Format, look: Look) -> Written:
    with _ONE_AT_A_TIME:
        return write(document, wanted, look)


def kept_or_written(found: Publication, wanted: Format, language: Language, look: Look) -> Written:
    """For everybody. A version never changes, so it is written once."""
    key = (found.id, found.content_hash, wanted, language, look)
    with _ONE_AT_A_TIME:
        if key not in _KEPT:
            _KEPT[key] = write(published_document(found, language, is_public=True), wanted, look)
        return _KEPT[key]
