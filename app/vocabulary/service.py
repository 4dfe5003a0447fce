"""Keeping the code lists."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.errors import ConflictError, invalid
from app.vocabulary import queries
from app.vocabulary.domain import CodeList
from app.vocabulary.models import VocabularyEntry, VocabularyRevision

DEFAULTS = Path(__file__).parent / "data" / "vocabulary.json"
_COLUMNS = {"code", "label", "parent", "valid_from", "valid_to"}


def load_defaults(session: Session) -> int:
    """Add the codes that this version ships and the store lacks; returns how many.

    What a coordinator changed or ended stays as it is.
    """
    shipped = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    known = {(row.list, row.code) for row in session.scalars(select(VocabularyEntry))}
    added = 0
    for name in CodeList:
        for position, entry in enumerate(shipped[name]):
            if (name, entry["code"]) in known:
                continue
            session.add(
                VocabularyEntry(
                    list=name,
                    code=entry["code"],
                    position=position,
                    labels=entry["label"],
                    parent=entry.get("parent"),
                    attributes={k: v for k, v in entry.items() if k not in _COLUMNS},
                    valid_from=_day(entry.get("valid_from"), 1, 1),
                    valid_to=_day(entry.get("valid_to"), 12, 31),
                )
            )
            added += 1
    if added:
        _note_change(session)
    return added


def add_entry(
    session: Session,
    actor: Actor,
    name: CodeList,
    *,
    code: str,
    labels: Mapping[str, str],
    parent: str | None,
    attributes: Mapping[str, Any],
    valid_from: date | None,
    at: datetime,
) -> VocabularyEntry:
    actor.require(Permission.VOCABULARY_MANAGE)
    if session.get(VocabularyEntry, (name, code)) is not None:
        raise ConflictError("This code exists; codes are never given twice.", code="code_taken")
    if parent is not None and session.get(VocabularyEntry, (name, parent)) is None:
        raise invalid("/parent", "no code of this list", "unknown_code")
    last = session.scalar(
        select(func.max(VocabularyEntry.position)).where(VocabularyEntry.list == name)
    )
    entry = VocabularyEntry(
        list=name,
        code=code,
        position=(last or 0) + 1,
        labels=dict(labels),
        parent=parent,
        attributes=dict(attributes),
        valid_from=valid_from,
    )
    session.add(entry)
    _note_change(session)
    audit.record(
        session, actor, Event.VOCABULARY_CHANGED, None, None, at=at, list=name.value, code=code
    )
    return entry


def change_entry(
    session: Session,
    actor: Actor,
    name: CodeList,
    code: str,
    *,
    changes: Mapping[str, Any],
    expected_version: int | None,
    at: datetime,
) -> VocabularyEntry:
    """Reword a code or say when it ends. `changes`: any of labels, valid_from, valid_to."""
    actor.require(Permission.VOCABULARY_MANAGE)
    entry = queries.get_entry(session, actor, name, code)
    entry.require_version(expected_version)
    for field, value in changes.items():
        setattr(entry, field, value)
    if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
        raise invalid("/valid_to", "before valid_from", "date_order")
    entry.touch()
    _note_change(session)
    audit.record(
        session, actor, Event.VOCABULARY_CHANGED, None, None, at=at, list=name.value, code=code
    )
    return entry


def _note_change(session: Session) -> None:
    session.merge(VocabularyRevision(id=1, revision=uuid4()))
    session.flush()  # so that `queries.current` in this same transaction sees it


def _day(year: str | None, month: int, day: int) -> date | None:
    if year is None:
        return None
    return date(int(year), month, day) if len(year) == 4 else date.fromisoformat(year)
