from datetime import date
from typing import Annotated, Any

from pydantic import Field

from app.api.fields import Body, Code, Day, ShortLine, VersionedView, View, omittable
from app.vocabulary.domain import CodeList


class Labels(Body):
    nl: ShortLine
    fr: ShortLine
    en: ShortLine


class Attributes(Body):
    """What a list may know of a code beyond its label."""

    legal_regimes: Annotated[list[ShortLine], Field(max_length=10)] = []
    eu_ground: Code | None = None
    eu_field: Code | None = None
    note: ShortLine | None = None


class EntryCreation(Body):
    code: Code
    labels: Labels
    parent: Code | None = None
    attributes: Attributes = Attributes()
    valid_from: Day | None = None


class EntryChange(Body):
    labels: Labels = omittable()
    valid_from: Day | None = None
    valid_to: Day | None = None


class EntryView(VersionedView):
    code: str
    label: str
    labels: dict[str, str]
    parent: str | None
    attributes: dict[str, Any]
    valid_from: date | None
    valid_to: date | None


class ListView(View):
    name: CodeList
    items: list[EntryView]


class ListsView(View):
    items: list[CodeList]
