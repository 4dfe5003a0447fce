"""Reads of the report's texts, reviews and publications: whoever may read figures may read them."""

import json

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.errors import NotFoundError
from app.core.paging import Page, PageRequest, fetch_page
from app.publications.domain import Review, Section
from app.publications.models import Publication, ReportReview, ReportText, YearResources
from app.publications.release import Before
from app.vocabulary.domain import Language


def find_text(
    session: Session, actor: Actor, year: int, section: Section, language: Language
) -> ReportText | None:
    actor.require(Permission.FIGURES_READ)
    query = select(ReportText).where(
        ReportText.year == year, ReportText.section == section, ReportText.language == language
    )
    return session.scalars(query).one_or_none()


def texts_of(session: Session, actor: Actor, year: int) -> list[ReportText]:
    """In the order of the report."""
    actor.require(Permission.FIGURES_READ)
    order = {section: place for place, section in enumerate(Section)}
    found = session.scalars(select(ReportText).where(ReportText.year == year))
    return sorted(found, key=lambda text: (order[text.section], text.language))


def find_resources(session: Session, actor: Actor, year: int) -> YearResources | None:
    actor.require(Permission.FIGURES_READ)
    return session.get(YearResources, year)


def reviews_of(session: Session, actor: Actor, year: int) -> list[ReportReview]:
    """The oldest first."""
    actor.require(Permission.FIGURES_READ)
    query = select(ReportReview).where(ReportReview.year == year).order_by(ReportReview.position)
    return list(session.scalars(query))


def as_reviews(rows: list[ReportReview]) -> list[Review]:
    return [Review(row.decision, row.draft, row.after, row.reviewed_by_id) for row in rows]


def marks_published(session: Session, actor: Actor, year: int) -> list[str]:
    """The marks of the texts of every version, the oldest first."""
    actor.require(Permission.FIGURES_READ)
    query = select(Publication.draft).where(Publication.year == year)
    return list(session.scalars(query.order_by(Publication.version_number)))


def published(session: Session, actor: Actor) -> list[Publication]:
    """What everybody may have: the latest year first, and of it the latest version."""
    actor.require(Permission.PUBLISHED_READ)
    query = select(Publication).where(Publication.release.is_not(None))
    order = (Publication.year.desc(), Publication.version_number.desc())
    return list(session.scalars(query.order_by(*order)))


def get_published(session: Session, actor: Actor, year: int, version: int | None) -> Publication:
    """The latest where no version is named. Raises NotFoundError."""
    found = [
        row
        for row in published(session, actor)
        if row.year == year and version in (None, row.version_number)
    ]
    if not found:
        raise NotFoundError("No such report is published.")
    return found[0]


def count_versions(session: Session, actor: Actor) -> int:
    """Of all years."""
    actor.require(Permission.FIGURES_READ)
    return session.scalar(select(func.count()).select_from(Publication)) or 0


def released(session: Session, actor: Actor) -> list[Before]:
    """Every version of every year, the oldest first."""
    actor.require(Permission.FIGURES_READ)
    rows = session.scalars(
        select(Publication)
        .where(Publication.release.is_not(None))
        .order_by(Publication.published_at, Publication.year, Publication.version_number)
    )
    return [Before(json.loads(row.content), row.release or {}) for row in rows]


def list_publications(
    session: Session, actor: Actor, year: int, page: PageRequest
) -> Page[Publication]:
    """The latest version first."""
    actor.require(Permission.FIGURES_READ)
    query = select(Publication).where(Publication.year == year)
    order = (Publication.version_number, Publication.id)
    return fetch_page(session, query, page, order=order, descending=True)


def get_publication(session: Session, actor: Actor, year: int, version: int) -> Publication:
    """Raises NotFoundError."""
    actor.require(Permission.FIGURES_READ)
    query = select(Publication).where(
        Publication.year == year, Publication.version_number == version
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError("There is no such version.")
    return found
