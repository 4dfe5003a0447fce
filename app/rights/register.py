"""The register of processing activities, from the marks on the columns and the words beside it.

docs/processing-register.md is its output (`bureau processing-register`); a test compares the two.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ConfigDict

from app.core.models import Base
from app.core.sealed_rows import sealed

FILE = Path(__file__).with_name("activities.json")


class Activity(BaseModel):
    """One processing activity. tables: those with personal columns that it is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    purpose: str
    legal_basis: str
    people: str
    categories: str
    recipients: str
    retention: str
    tables: Sequence[str]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    activities: Sequence[Activity]


def marked() -> Mapping[str, type[Base]]:
    """Each table with personal columns, and its model."""
    models = (cast(type[Base], mapper.class_) for mapper in Base.registry.mappers)
    return {model.__tablename__: model for model in models if sealed(model).names}


def activities() -> Sequence[Activity]:
    return _read().activities


def _read() -> _File:
    return _File.model_validate_json(FILE.read_bytes())


def register_text() -> str:
    """Markdown. Raises KeyError for an activity of a table that has no personal columns."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    found, models = _read(), marked()
    yield "# Register of processing activities\n"
    yield found.about + "\n"
    yield "Written by `bureau processing-register`; edit `app/rights/activities.json`.\n"
    yield (
        "Security, for all: personal columns are sealed with AES-256-GCM under the data key named"
        " below, wrapped by a master key outside the store; who reads them stands in a trail that"
        " shows tampering; who may read what is one table of permissions (docs/security.md).\n"
    )
    for activity in found.activities:
        yield f"## {activity.title}\n"
        for label, text in (
            ("Purpose", activity.purpose),
            ("Legal basis", activity.legal_basis),
            ("Whose data", activity.people),
            ("Categories", activity.categories),
            ("Recipients", activity.recipients),
            ("Kept", activity.retention),
        ):
            yield f"- {label}: {text}"
        yield "\n| table | personal columns | sealed by the key of |\n|---|---|---|"
        for table in activity.tables:
            model = models[table]
            columns = ", ".join(f"`{name}`" for name in sealed(model).names)
            owner = f"`{model.sealed_by}`" if model.sealed_by else "the house"
            yield f"| `{table}` | {columns} | {owner} |"
        yield ""
