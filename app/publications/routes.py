"""The yearly report: its texts, reviews, publications."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.annual_report import months
from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.core.clock import local_date
from app.publications import queries, service
from app.publications.composing import Asked, named
from app.publications.domain import Section
from app.publications.releasing import prepare
from app.publications.schemas import (
    DifferenceView,
    DraftView,
    NamedFiguresView,
    PublicationBody,
    PublicationSummary,
    PublicationView,
    ResourcesBody,
    ResourcesView,
    ReviewBody,
    TextBody,
    TextView,
)
from app.publications.views import (
    difference_view,
    draft_view,
    named_figures_view,
    publication_summary,
    publication_view,
    resources_view,
    text_view,
)
from app.vocabulary.domain import Language

router = APIRouter(tags=["annual report"])

Year = Annotated[int, Path(ge=1990, le=2200)]
Version = Annotated[int, Path(ge=1, le=10_000)]
Lang = Annotated[Language, Query(description="language of labels, numbers and texts")]
Reading = Annotated[Act, acting(Permission.FIGURES_READ)]
Writing = Annotated[Act, acting(Permission.ANNUAL_REPORT_WRITE, changes=True)]

READ_PROBLEMS = problems(401, 403, 404, 422, 503)
CHANGE_PROBLEMS = problems(401, 403, 412, 413, 422, 428, 503)


def _asked(act: Act, year: int) -> Asked:
    """And have the months counted that changed."""
    months.refresh_past(act.runtime.database, act.settings.municipality, local_date(act.at))
    return Asked(year, act.settings.municipality, act.at)


@router.get(
    "/annual-reports/{year}/named-figures",
    response_model=NamedFiguresView,
    responses=problems(401, 403, 422, 503),
)
def list_named_figures(year: Year, act: Reading, lang: Lang = Language.NL) -> Response:
    """Every figure that a text of this year may name, as it is now. With `@2025` behind its name it
    is of that year."""
    asked = _asked(act, year)
    return act.read(
        lambda session: named_figures_view(year, named(session, act.actor, asked), lang)
    )


@router.get(
    "/annual-reports/{year}/draft",
    response_model=DraftView,
    responses=problems(401, 403, 422, 503),
)
def read_draft(year: Year, act: Reading) -> Response:
    """How far the report of a year is: which sections stand in which languages, and the mark that a
    review names."""

    def work(session: Session) -> DraftView:
        audit.record(session, act.actor, Event.REPORT_DRAFT_READ, None, None, at=act.at, year=year)
        return draft_view(session, act.actor, year)

    return act.commit(work)


@router.get(
    "/annual-reports/{year}/narratives/{section}",
    response_model=TextView,
    responses=problems(401, 403, 422, 503),
)
def read_narrative(
    year: Year, section: Section, act: Reading, lang: Lang = Language.NL
) -> Response:
    """One section in one language, with the figures of now. Version 0: nothing was written yet."""
    asked = _asked(act, year)

    def work(session: Session) -> TextView:
        text = queries.find_text(session, act.actor, year, section, lang)
        audit.record(session, act.actor, Event.REPORT_DRAFT_READ, None, None, at=act.at, year=year)
        return text_view(text, section, lang, named(session, act.actor, asked))

    return act.commit(work)


@router.put(
    "/annual-reports/{year}/narratives/{section}",
    response_model=TextView,
    responses=CHANGE_PROBLEMS,
)
def write_narrative(
    year: Year, section: Section, body: TextBody, act: Writing, lang: Lang = Language.NL
) -> Response:
    """Write or rewrite a section in one language. What it names must be figures of this year."""
    asked = _asked(act, year)
    with act.runtime.database.snapshot() as session:
        known = named(session, act.actor, asked)

    def work(session: Session) -> TextView:
        written = service.write_text(
            session,
            act.actor,
            year,
            section,
            lang,
            body.text or "",
            known=known,
            expected_version=act.expected_version,
            at=act.at,
        )
        return text_view(written, section, lang, known)

    return act.commit(work)


@router.get(
    "/annual-reports/{year}/resources",
    response_model=ResourcesView,
    responses=problems(401, 403, 422, 503),
)
def read_resources(year: Year, act: Reading) -> Response:
    """Staff and money of a year, as entered."""
    return act.read(
        lambda session: resources_view(queries.find_resources(session, act.actor, year))
    )


@router.put(
    "/annual-reports/{year}/resources",
    response_model=ResourcesView,
    responses=CHANGE_PROBLEMS,
)
def set_resources(year: Year, body: ResourcesBody, act: Writing) -> Response:
    """Enter staff and money of a year; what is left out is not told."""
    return act.commit(
        lambda session: resources_view(
            service.set_resources(
                session,
                act.actor,
                year,
                **body.model_dump(),
                expected_version=act.expected_version,
                at=act.at,
            )
        )
    )


@router.post(
    "/annual-reports/{year}/reviews",
    status_code=201,
    response_model=DraftView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def review_report(
    year: Year,
    body: ReviewBody,
    act: Annotated[Act, acting(Permission.ANNUAL_REPORT_REVIEW, creates=True)],
) -> Response:
    """Approve the draft of a year, or return it; not by who was the last to change a part of it."""

    def work(session: Session) -> DraftView:
        service.review(session, act.actor, year, **body.model_dump(), at=act.at)
        return draft_view(session, act.actor, year)

    return act.commit(work)


@router.post(
    "/annual-reports/{year}/publications",
    status_code=201,
    response_model=PublicationSummary,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def publish_report(
    year: Year,
    body: PublicationBody,
    act: Annotated[Act, acting(Permission.ANNUAL_REPORT_PUBLISH, creates=True)],
) -> Response:
    """Freeze a version of the report: figures, texts, labels. What comes later does not change it;
    a correction is another version, reviewed anew, with its reason."""
    asked = _asked(act, year)
    with act.runtime.database.snapshot() as session:
        prepared = prepare(session, act.actor, asked, act.settings.disclosure_threshold)
    return act.commit(
        lambda session: publication_summary(
            service.publish(session, act.actor, prepared, reason=body.reason, at=act.at)
        )
    )


@router.get(
    "/annual-reports/{year}/publications",
    response_model=PageView[PublicationSummary],
    responses=problems(401, 403, 422, 503),
)
def list_publications(year: Year, page: PageQuery, act: Reading) -> Response:
    """The versions of a year's report, the latest first."""
    return act.read(
        lambda session: page_view(
            queries.list_publications(session, act.actor, year, page), publication_summary
        )
    )


@router.get(
    "/annual-reports/{year}/publications/{version}",
    response_model=PublicationView,
    responses=READ_PROBLEMS,
)
def read_publication(
    year: Year, version: Version, act: Reading, lang: Lang = Language.NL
) -> Response:
    """One version, as it was published: for the house, with every small figure."""

    def work(session: Session) -> PublicationView:
        found = queries.get_publication(session, act.actor, year, version)
        audit.record(session, act.actor, Event.PUBLICATION_READ, "publication", found.id, at=act.at)
        return publication_view(found, lang)

    return act.commit(work)


@router.get(
    "/annual-reports/{year}/publications/{version}/difference",
    response_model=DifferenceView,
    responses=READ_PROBLEMS,
)
def compare_publication(year: Year, version: Version, act: Reading) -> Response:
    """Which figures of a version are others today: late reports, closings, corrections."""
    asked = _asked(act, year)

    def work(session: Session) -> DifferenceView:
        found = queries.get_publication(session, act.actor, year, version)
        return difference_view(found, named(session, act.actor, asked), as_of=act.at)

    return act.read(work)
