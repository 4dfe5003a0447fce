"""After a tour of every operation, nothing personal lies plain in any file of the store or log."""

import logging
import re
from base64 import b64encode
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from app.core.database import Database
from app.core.models import Base
from app.core.sealed_rows import sealed
from app.settings import Settings
from tests.api.tour import take_tour

NO_SECRET = {"Immo Voorbeeld", "Nieuws van het bureau"}
"""Sealed as a party of talks and as the subject of a mail, but plain as the respondent of a report,
which lists search, and as the title of a bulletin."""

SHORTEST = 8
"""Characters: a shorter text can stand in a file by chance."""


def _personal_texts(database: Database) -> set[str]:
    """Whatever was said or is called, as it opens."""
    found: set[str] = set()
    with database.snapshot() as session:
        for mapper in Base.registry.mappers:
            names = sealed(mapper.class_).names  # type: ignore[arg-type]
            if names:
                for row in session.scalars(select(mapper.class_)):
                    found |= {getattr(row, name) for name in names} - {None}
    return {value for value in found if len(value) >= SHORTEST}


def _words(texts: set[str]) -> set[str]:
    """The longest part of each text that JSON or a mail would not write otherwise."""
    parts = (max(re.split(r"[^ -~]|[\"\\&<>]", value), key=len).strip() for value in texts)
    # A code is no secret, though the report that was shared with a partner holds some.
    return {p for p in parts if len(p) >= SHORTEST and not re.fullmatch(r"[a-z_]+", p)}


def _everything_stored(database: Database, folder: Path) -> list[tuple[str, bytes]]:
    files = [(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    if database.is_sqlite:
        return files
    with database.snapshot() as session:
        tables = [
            (
                table.name,
                "\n".join(session.scalars(text(f"SELECT t::text FROM {table.name} t"))).encode(),  # noqa: S608
            )
            for table in Base.metadata.sorted_tables
        ]
    return files + tables


def test_nothing_personal_lies_plain_or_is_logged(
    application: FastAPI,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    take_tour(application)
    texts = _personal_texts(database)
    words = _words(texts) - NO_SECRET
    assert len(words) > 40
    stored = _everything_stored(database, tmp_path)
    printed = capfd.readouterr()
    logged = (caplog.text + printed.out + printed.err).encode()
    names = "\n".join(str(path) for path in tmp_path.rglob("*")).encode()
    assert sum(len(content) for _name, content in stored) > 100_000
    found = [
        (where, word)
        for where, content in [*stored, ("log", logged), ("file names", names)]
        for word in words
        if word.encode() in content or b64encode(word.encode())[:-4] in content
    ]
    assert found == []
