"""Does the code of before run on the schema of after? Told from the two schemas alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect

NO_MORE = "alembic_version"


@dataclass(frozen=True)
class Column:
    type: str
    is_nullable: bool
    has_default: bool


@dataclass(frozen=True)
class TableShape:
    """checks: text by name. uniques and references: as text."""

    columns: dict[str, Column]
    checks: dict[str, str]
    uniques: frozenset[str]
    references: frozenset[str]


Shape = dict[str, TableShape]


def shape_of(connection: Connection) -> Shape:
    found = inspect(connection)
    columns, checks = found.get_multi_columns(), found.get_multi_check_constraints()
    uniques: dict[Any, Any] = dict(found.get_multi_unique_constraints())
    indexes: dict[Any, Any] = dict(found.get_multi_indexes())
    references = found.get_multi_foreign_keys()
    return {
        key[1]: TableShape(
            columns={
                one["name"]: Column(
                    str(one["type"]), bool(one["nullable"]), one.get("default") is not None
                )
                for one in columns[key]
            },
            checks={str(one["name"]): one["sqltext"] for one in checks[key]},
            uniques=frozenset(
                str(sorted(name for name in one["column_names"] if name))
                for one in [*uniques[key], *indexes[key]]
                if one.get("unique", True)
            ),
            references=frozenset(
                f"{one['constrained_columns']} of {one['referred_table']}"
                for one in references[key]
            ),
        )
        for key in columns
        if key[1] != NO_MORE
    }


def breaks(before: Shape, after: Shape) -> list[str]:
    """What the code of before could stumble over, each in one line; none: it runs on."""
    return sorted(line for name in before for line in _of_table(name, before[name], after))


def _of_table(name: str, old: TableShape, after: Shape) -> Iterator[str]:
    new = after.get(name)
    if new is None:
        yield f"{name} is gone"
        return
    yield from _of_columns(name, old.columns, new.columns)
    added = new.columns.keys() - old.columns
    for check, text in new.checks.items():
        was_text = old.checks.get(check)
        if was_text is None:
            if not set(re.findall(r"\w+", text)) & old.columns.keys():
                continue  # of new columns alone, which the code of before leaves empty
            yield f"{name}: {check} is new"
        elif not _allows_at_least(was_text, text):
            yield f"{name}: {check} is another"
    for unique in new.uniques - old.uniques:
        yield f"{name}: {unique} must be unique"
    for reference in new.references - old.references:
        if all(f"'{column}'" not in reference for column in added):
            yield f"{name}: a new reference {reference}"


def _of_columns(name: str, old: dict[str, Column], new: dict[str, Column]) -> Iterator[str]:
    for column, was in old.items():
        now = new.get(column)
        if now is None:
            yield f"{name}.{column} is gone"
        elif now.type != was.type:
            yield f"{name}.{column} was {was.type}, is {now.type}"
        elif was.is_nullable and not now.is_nullable:
            yield f"{name}.{column} must be filled"
    for column in new.keys() - old:
        now = new[column]
        if not now.is_nullable and not now.has_default:
            yield f"{name}.{column} is new and must be filled"


def _allows_at_least(old: str, new: str) -> bool:
    """The same text, or a list of codes that has those of before."""
    if old == new:
        return True
    codes = r"'(\w+)'"
    return re.sub(rf"({codes}[^']*)+", "", old) == re.sub(rf"({codes}[^']*)+", "", new) and set(
        re.findall(codes, old)
    ) <= set(re.findall(codes, new))
