"""The acts of a yearly report: writing, reviewing by a second person, publishing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.code_version import code_version
from app.core.errors import ConflictError, StaleVersionError, invalid
from app.publications import queries
from app.publications.composing import FORM, draft_mark, require_names
from app.publications.domain import Figures, Review, ReviewDecision, Section, approving, mark
from app.publications.models import Publication, ReportReview, ReportText, YearResources
from app.publications.releasing import Prepared
from app.vocabulary.domain import Language


def write_text(
    session: Session,
    actor: Actor,
    year: int,
    section: Section,
    language: Language,
    text: str,
    *,
    known: Figures,
    expected_version: int | None,
    at: datetime,
) -> ReportText:
    """known: what it may name. Raises InvalidInputError naming what is no figure."""
    actor.require(Permission.ANNUAL_REPORT_WRITE)
    require_names(text, known)
    standing = queries.find_text(session, actor, year, section, language)
    if standing is None:
        _require_first(expected_version)
        standing = ReportText(year=year, section=section, language=language)
        session.add(standing)
    else:
        standing.require_version(expected_version)
        standing.touch()
    standing.text = text
    standing.written_at, standing.written_by_id = at, actor.account_id
    session.flush()
    details = {"year": year, "section": section.value, "language": language.value}
    audit.record(
        session, actor, Event.REPORT_TEXT_WRITTEN, "report_text", standing.id, at=at, **details
    )
    return standing


def set_resources(
    session: Session,
    actor: Actor,
    year: int,
    *,
    staff_hundredths: int | None,
    budget_cents: int | None,
    spent_cents: int | None,
    expected_version: int | None,
    at: datetime,
) -> YearResources:
    actor.require(Permission.ANNUAL_REPORT_WRITE)
    standing = queries.find_resources(session, actor, year)
    if standing is None:
        _require_first(expected_version)
        standing = YearResources(year=year)
        session.add(standing)
    else:
        standing.require_version(expected_version)
        standing.touch()
    standing.staff_hundredths = staff_hundredths
    standing.budget_cents, standing.spent_cents = budget_cents, spent_cents
    standing.written_by_id = actor.account_id
    session.flush()
    audit.record(session, actor, Event.REPORT_RESOURCES_SET, None, None, at=at, year=year)
    return standing


def review(
    session: Session,
    actor: Actor,
    year: int,
    decision: ReviewDecision,
    *,
    draft: str,
    remarks: str | None,
    at: datetime,
) -> ReportReview:
    """draft: the mark of what was read. Raises ConflictError for who was the last to change any
    part of it, and when it is another by now."""
    actor.require(Permission.ANNUAL_REPORT_REVIEW)
    if decision is ReviewDecision.RETURN and remarks is None:
        raise invalid("/remarks", "say what has to change", "missing")
    texts = queries.texts_of(session, actor, year)
    if not any(text.text for text in texts):
        raise ConflictError("There is no text of this year yet.", code="nothing_written")
    resources = queries.find_resources(session, actor, year)
    if draft != draft_mark(texts, resources):
        raise ConflictError("The draft changed since; read it again.", code="draft_changed")
    authors: set[UUID | None] = {text.written_by_id for text in texts}
    if resources is not None:
        authors.add(resources.written_by_id)
    if actor.account_id in authors:
        raise ConflictError("Another colleague than its authors reviews.", code="two_people_needed")
    found = ReportReview(
        year=year,
        position=len(queries.reviews_of(session, actor, year)) + 1,
        decision=decision,
        remarks=remarks,
        draft=draft,
        after=len(queries.marks_published(session, actor, year)),
        reviewed_at=at,
        reviewed_by_id=actor.account_id,
    )
    session.add(found)
    session.flush()
    audit.record(
        session,
        actor,
        Event.REPORT_REVIEWED,
        "report_review",
        found.id,
        at=at,
        year=year,
        decision=decision.value,
    )
    return found


def publish(
    session: Session,
    actor: Actor,
    prepared: Prepared,
    *,
    reason: str | None,
    at: datetime,
) -> Publication:
    """reason: why a version after the first is made. Raises ConflictError where the year is not
    over, the draft is not approved as it stands, or the reviewer is the same colleague."""
    actor.require(Permission.ANNUAL_REPORT_PUBLISH)
    composed = prepared.composed
    year = int(composed.content["year"])
    if local_date(at).year <= year:
        raise ConflictError("The year is not over yet.", code="year_not_over")
    texts = queries.texts_of(session, actor, year)
    is_same_draft = composed.draft == draft_mark(
        texts, queries.find_resources(session, actor, year)
    )
    if not is_same_draft or prepared.versions != queries.count_versions(session, actor):
        raise ConflictError("The draft changed meanwhile; try again.", code="draft_changed")
    published = queries.marks_published(session, actor, year)
    reviews = queries.as_reviews(queries.reviews_of(session, actor, year))
    approval = _require_approval(composed.draft, reviews, published)
    if approval.reviewed_by_id == actor.account_id:
        raise ConflictError(
            "Another colleague than the one who reviewed it publishes.", code="two_people_needed"
        )
    if bool(published) is (reason is None):
        message = "says why there is another version" if published else "only for another version"
        raise invalid("/reason", message, "missing" if published else "not_expected")
    found = Publication(
        year=year,
        version_number=len(published) + 1,
        reason=reason,
        content=composed.text,
        content_hash=mark(composed.text),
        draft=composed.draft,
        release=dict(prepared.release),
        code_version=code_version(FORM),
        published_at=at,
        published_by_id=actor.account_id,
        reviewed_by_id=approval.reviewed_by_id,
    )
    session.add(found)
    session.flush()
    audit.record(
        session,
        actor,
        Event.REPORT_PUBLISHED,
        "publication",
        found.id,
        at=at,
        year=year,
        version=found.version_number,
    )
    return found


def _require_approval(draft: str, reviews: Sequence[Review], published: Sequence[str]) -> Review:
    found = approving(draft, reviews, published)
    if found is None:
        raise ConflictError("A second person has to approve it first.", code="not_reviewed")
    return found


def _require_first(expected_version: int | None) -> None:
    if expected_version not in (None, 0):
        raise StaleVersionError("Read it again, then repeat your change.")
