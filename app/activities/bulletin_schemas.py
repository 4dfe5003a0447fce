"""Shapes of bulletins."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from app.activities import figure_sources
from app.activities.audience import Audience
from app.activities.bulletin_models import Bulletin, BulletinRecipient
from app.activities.bulletins import Figure
from app.api.fields import Body, Code, Line, Prose, VersionedView, View, omittable
from app.vocabulary.domain import Language

FigureName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$")]


class AudienceBody(Body):
    """Partners of one of these tiers and one of these kinds (empty: any), and those named."""

    tiers: list[Code] = Field([], max_length=10)
    kinds: list[Code] = Field([], max_length=50)
    partner_ids: list[UUID] = Field([], max_length=500)


class FigureBody(Body):
    """A total, such as `reports.total` or `cases.opened`, of a year that ended
    sixty days ago or more."""

    name: FigureName
    year: int = Field(ge=2000, le=2100)


FigureBodies = Annotated[list[FigureBody], Field(max_length=20)]


class BulletinWriting(Body):
    title: Line
    body: Prose
    language: Language
    audience: AudienceBody
    figures: FigureBodies = []

    def arguments(self) -> dict[str, Any]:
        return _arguments(self, set(type(self).model_fields))


class BulletinChange(Body):
    title: Line = omittable()
    body: Prose = omittable()
    language: Language = omittable()
    audience: AudienceBody = omittable()
    figures: FigureBodies = omittable()

    def arguments(self) -> dict[str, Any]:
        return _arguments(self, self.model_fields_set)


def _arguments(body: BulletinWriting | BulletinChange, given: set[str]) -> dict[str, Any]:
    """As the service takes them."""
    found: dict[str, Any] = {name: getattr(body, name) for name in given}
    if "audience" in found:
        found["audience"] = Audience(**body.audience.model_dump())
    if "figures" in found:
        found["figures"] = [Figure(figure.name, figure.year) for figure in body.figures]
    return found


class AudienceView(View):
    tiers: list[str]
    kinds: list[str]
    partner_ids: list[UUID]


class FigureView(View):
    """label: in the language of the bulletin. total: none while it is a draft."""

    name: str
    year: int
    label: str
    total: int | None


class BulletinSummary(View):
    """A row of the list, without the text."""

    id: UUID
    title: str
    language: Language
    written_at: datetime
    sent_at: datetime | None


class BulletinView(VersionedView):
    """addressed: partners it was sent to; read: those that have opened it."""

    id: UUID
    title: str
    body: str
    language: Language
    audience: AudienceView
    figures: list[FigureView]
    written_at: datetime
    written_by_id: UUID | None
    sent_at: datetime | None
    addressed: int
    read: int

    @classmethod
    def of(cls, row: Bulletin, *, addressed: int, read: int) -> "BulletinView":
        return cls(
            id=row.id,
            version=row.version,
            title=row.title,
            body=row.body,
            language=row.language,
            audience=AudienceView.model_validate(row.audience),
            figures=_figures(row),
            written_at=row.written_at,
            written_by_id=row.written_by_id,
            sent_at=row.sent_at,
            addressed=addressed,
            read=read,
        )


class ReceivedBulletinSummary(View):
    id: UUID
    title: str
    language: Language
    sent_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, row: BulletinRecipient) -> "ReceivedBulletinSummary":
        return cls(
            id=row.bulletin_id,
            title=row.bulletin.title,
            language=row.bulletin.language,
            sent_at=row.sent_at,
            read_at=row.read_at,
        )


class ReceivedBulletinView(VersionedView):
    """read_at: when somebody of this partner first opened it."""

    id: UUID
    title: str
    body: str
    language: Language
    figures: list[FigureView]
    sent_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, row: BulletinRecipient) -> "ReceivedBulletinView":
        return cls(
            id=row.bulletin_id,
            version=row.bulletin.version,
            title=row.bulletin.title,
            body=row.bulletin.body,
            language=row.bulletin.language,
            figures=_figures(row.bulletin),
            sent_at=row.sent_at,
            read_at=row.read_at,
        )


def _figures(row: Bulletin) -> list[FigureView]:
    return [
        FigureView(
            label=figure_sources.label(figure["name"], figure["year"], row.language), **figure
        )
        for figure in row.figures
    ]
