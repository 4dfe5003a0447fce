"""Rows and contents as answers."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.annual_report.schemas import AnnualFiguresView
from app.core.access import Actor
from app.core.clock import local_date
from app.publications import queries
from app.publications.composing import draft_mark, names_of
from app.publications.domain import (
    Figures,
    Section,
    differences,
    mark,
    names_in,
    state_of,
)
from app.publications.models import Publication, ReportText, YearResources
from app.publications.schemas import (
    DifferenceView,
    DraftSection,
    DraftView,
    FigureChange,
    NamedFigure,
    NamedFiguresView,
    PublicationSummary,
    PublicationView,
    PublishedReport,
    PublishedReports,
    PublishedResources,
    PublishedText,
    PublishedVersion,
    ResourcesView,
    ReviewView,
    TextView,
)
from app.publications.writing import filled, written
from app.vocabulary.domain import Language


def named_figures_view(year: int, figures: Figures, language: Language) -> NamedFiguresView:
    return NamedFiguresView(
        year=year,
        language=language,
        figures=[
            NamedFigure(name=name, value=value, text=written(name, value, language))
            for name, value in figures.items()
        ],
    )


def text_view(
    text: ReportText | None, section: Section, language: Language, figures: Figures
) -> TextView:
    if text is None or not text.text:
        return TextView(
            section=section,
            language=language,
            source=None,
            text=None,
            figures=[],
            version=text.version if text else 0,
            written_at=text.written_at if text else None,
            written_by_id=text.written_by_id if text else None,
        )
    return TextView(
        section=section,
        language=language,
        source=text.text,
        text=filled(text.text, figures, language),
        figures=names_in(text.text),
        version=text.version,
        written_at=text.written_at,
        written_by_id=text.written_by_id,
    )


def resources_view(resources: YearResources | None) -> ResourcesView:
    if resources is None:
        return ResourcesView(version=0, staff_hundredths=None, budget_cents=None, spent_cents=None)
    return ResourcesView.model_validate(resources)


def draft_view(session: Session, actor: Actor, year: int) -> DraftView:
    texts = [text for text in queries.texts_of(session, actor, year) if text.text]
    resources = queries.find_resources(session, actor, year)
    reviews = queries.reviews_of(session, actor, year)
    published = queries.marks_published(session, actor, year)
    draft = draft_mark(texts, resources)
    used = [language for language in Language if any(t.language == language for t in texts)]
    return DraftView(
        year=year,
        state=state_of(draft, queries.as_reviews(reviews), published),
        draft=draft,
        sections=[_section(section, texts, used) for section in Section],
        resources=resources_view(resources),
        reviews=[ReviewView.model_validate(review) for review in reviews],
        versions=len(published),
    )


def _section(section: Section, texts: list[ReportText], used: list[Language]) -> DraftSection:
    there = {text.language for text in texts if text.section == section}
    return DraftSection(
        section=section,
        languages=[language for language in used if language in there],
        missing=[language for language in used if language not in there],
    )


def publication_summary(found: Publication) -> PublicationSummary:
    return PublicationSummary(**_head(found))


def _head(found: Publication) -> dict[str, Any]:
    return {
        "year": found.year,
        "version": found.version_number,
        "reason": found.reason,
        "content_hash": found.content_hash,
        "code_version": found.code_version,
        "published_at": found.published_at,
        "published_by_id": found.published_by_id,
        "reviewed_by_id": found.reviewed_by_id,
    }


def publication_view(found: Publication, language: Language) -> PublicationView:
    content = json.loads(found.content)
    return PublicationView(
        **_head(found),
        language=language,
        figures=AnnualFiguresView.model_validate(content["figures"][language]),
        texts=[PublishedText(**t) for t in content["texts"] if t["language"] == language],
        resources=PublishedResources(**content["resources"]),
        is_intact=mark(found.content) == found.content_hash,
    )


def published_reports(found: Sequence[Publication]) -> PublishedReports:
    """found: the latest first."""
    years: dict[int, list[PublishedVersion]] = {}
    for row in found:
        years.setdefault(row.year, []).append(
            PublishedVersion(
                version=row.version_number,
                published_on=local_date(row.published_at),
                reason=row.reason,
                content_hash=row.content_hash,
            )
        )
    return PublishedReports(
        reports=[PublishedReport(year=year, versions=versions) for year, versions in years.items()]
    )


def difference_view(found: Publication, today: Figures, *, as_of: datetime) -> DifferenceView:
    published = names_of(json.loads(found.content))
    return DifferenceView(
        year=found.year,
        version=found.version_number,
        as_of=as_of,
        changes=[
            FigureChange(name=change.name, published=change.published, today=change.today)
            for change in differences(published, today)
        ],
    )
