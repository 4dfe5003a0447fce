"""Reading the code lists, through a copy per process that notices changes."""

from collections import defaultdict
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.errors import NotFoundError
from app.vocabulary.domain import CodeList, Entry, Vocabulary
from app.vocabulary.models import VocabularyEntry, VocabularyRevision

_REVISION = select(VocabularyRevision.revision)
_copies: WeakKeyDictionary[Engine, tuple[UUID | None, Vocabulary]] = WeakKeyDictionary()


def current(session: Session) -> Vocabulary:
    """The lists as they stand. Costs one row; the lists are read again only after a change."""
    connection = session.connection()
    revision = connection.execute(_REVISION).scalar()
    copy = _copies.get(connection.engine)
    if copy is None or copy[0] != revision:
        copy = (revision, _load(session))
        _copies[connection.engine] = copy
    return copy[1]


def _load(session: Session) -> Vocabulary:
    lists: dict[CodeList, dict[str, Entry]] = defaultdict(dict)
    for row in session.scalars(
        select(VocabularyEntry).order_by(VocabularyEntry.list, VocabularyEntry.position)
    ):
        lists[row.list][row.code] = Entry(
            code=row.code,
            labels=row.labels,
            parent=row.parent,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            attributes=row.attributes,
        )
    return Vocabulary(lists)


def list_entries(session: Session, actor: Actor, name: CodeList) -> list[VocabularyEntry]:
    actor.require(Permission.VOCABULARY_READ)
    return list(
        session.scalars(
            select(VocabularyEntry)
            .where(VocabularyEntry.list == name)
            .order_by(VocabularyEntry.position, VocabularyEntry.code)
        )
    )


def get_entry(session: Session, actor: Actor, name: CodeList, code: str) -> VocabularyEntry:
    actor.require(Permission.VOCABULARY_READ)
    entry = session.get(VocabularyEntry, (name, code))
    if entry is None:
        raise NotFoundError
    return entry
