"""What may be sent about the yearly report, and its answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.annual_report.schemas import AnnualFiguresView
from app.api.fields import Body, Prose, Remark, VersionedView, View
from app.publications.domain import DraftState, ReviewDecision, Section
from app.vocabulary.domain import Language

Mark = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of the texts and resources of a year as they stand."""

Hundredths = Annotated[int, Field(ge=0, le=1_000_000)]
Cents = Annotated[int, Field(ge=0, le=10**13)]


class TextBody(Body):
    """text: Markdown; figures stand in it by name, `{{ reports.total }}`. None: taken out."""

    text: Prose | None


class ResourcesBody(Body):
    """staff_hundredths: full-time equivalents, 350 is three and a half. None: not told."""

    staff_hundredths: Hundredths | None = None
    budget_cents: Cents | None = None
    spent_cents: Cents | None = None


class ReviewBody(Body):
    """draft: of what was read. remarks: needed to return it."""

    decision: ReviewDecision
    draft: Mark
    remarks: Remark | None = None


class PublicationBody(Body):
    """reason: of a version after the first: what is corrected and why."""

    reason: Remark | None = None


class NamedFigure(View):
    """value: None where there is no such figure. text: as the language writes it."""

    name: str
    value: float | None
    text: str


class NamedFiguresView(View):
    year: int
    language: Language
    figures: list[NamedFigure]


class TextView(VersionedView):
    """source: as written, None where nothing is. text: with the figures of now in it; version: 0
    before anything was written."""

    section: Section
    language: Language
    source: str | None
    text: str | None
    figures: list[str]
    written_at: datetime | None
    written_by_id: UUID | None


class PublishedResources(View):
    staff_hundredths: int | None
    budget_cents: int | None
    spent_cents: int | None


class ResourcesView(PublishedResources, VersionedView):
    """version: 0 before anything was entered."""


class ReviewView(View):
    decision: ReviewDecision
    remarks: str | None
    draft: str
    reviewed_at: datetime
    reviewed_by_id: UUID


class DraftSection(View):
    """missing: languages in which other sections stand and this one does not."""

    section: Section
    languages: list[Language]
    missing: list[Language]


class DraftView(View):
    """draft: the mark to review. reviews: the oldest first. versions: how many were published."""

    year: int
    state: DraftState
    draft: str
    sections: list[DraftSection]
    resources: ResourcesView
    reviews: list[ReviewView]
    versions: int


class PublishedText(View):
    """source: with the names of its figures; text: with the figures themselves."""

    section: Section
    language: Language
    source: str
    text: str


class PublicationSummary(View):
    """version: 1 is the first. content_hash: SHA-256 of the content as it is kept."""

    year: int
    version: int
    reason: str | None
    content_hash: str
    code_version: str
    published_at: datetime
    published_by_id: UUID
    reviewed_by_id: UUID


class PublicationView(PublicationSummary):
    """In one language: figures with their labels of then, texts, resources. is_intact: the content
    still has the hash that was kept beside it."""

    language: Language
    figures: AnnualFiguresView
    texts: list[PublishedText]
    resources: PublishedResources
    is_intact: bool


class PublishedVersion(View):
    """reason: of a version after the first."""

    version: int
    published_on: date
    reason: str | None
    content_hash: str


class PublishedReport(View):
    """versions: the latest first."""

    year: int
    versions: list[PublishedVersion]


class PublishedReports(View):
    reports: list[PublishedReport]


class FigureChange(View):
    """None: there was no such figure, or there is none now."""

    name: str
    published: float | None
    today: float | None


class DifferenceView(View):
    """Which figures are others today than in the version, by name; nothing in it changes."""

    year: int
    version: int
    as_of: datetime
    changes: list[FigureChange]
