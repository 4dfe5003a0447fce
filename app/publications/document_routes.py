"""The yearly report as documents, for the house and for everybody."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.annual_report import months
from app.api.acts import Act, acting
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission, Surface
from app.core.clock import local_date
from app.core.errors import invalid
from app.documents.domain import Document
from app.documents.writing import MEDIA_TYPES, Format, Written
from app.publications import queries
from app.publications.composing import Asked, compose
from app.publications.editions import (
    house_document,
    kept_or_written,
    look_of,
    public_document,
    published_document,
    written,
)
from app.publications.evaluating import (
    MOST_YEARS,
    Span,
    evaluation,
    house_evaluation,
    public_evaluation,
)
from app.publications.releasing import prepare
from app.publications.schemas import PublishedReports
from app.publications.views import published_reports
from app.vocabulary.domain import Language

router = APIRouter(tags=["annual report"])

Year = Annotated[int, Path(ge=1990, le=2200)]
Version = Annotated[int, Path(ge=1, le=10_000)]
Lang = Annotated[Language, Query(description="language of the document")]
FormatQuery = Annotated[Format, Query(description="what the document is written as")]
Reading = Annotated[Act, acting(Permission.FIGURES_READ)]
Anybody = Annotated[Act, acting(Permission.PUBLISHED_READ, surface=Surface.PUBLIC)]


class Audience(StrEnum):
    """internal: with every figure. public: with those that leave the bureau."""

    INTERNAL = "internal"
    PUBLIC = "public"


AudienceQuery = Annotated[Audience, Query(description="who will read it")]
DOCUMENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {} for media in MEDIA_TYPES.values()}}
}


@router.get(
    "/annual-reports/{year}/document",
    response_class=Response,
    responses=problems(401, 403, 409, 422, 503) | DOCUMENTS,
)
def draft_document(
    year: Year,
    act: Reading,
    format: FormatQuery = Format.HTML,  # noqa: A002  (its name in the contract)
    audience: AudienceQuery = Audience.INTERNAL,
    lang: Lang = Language.NL,
) -> Response:
    """The report of a year as it stands now: a working copy for the house, or what everybody would
    see if it were published."""
    today = local_date(act.at)
    months.refresh_past(act.runtime.database, act.settings.municipality, today)
    asked = Asked(year, act.settings.municipality, act.at)

    def note(session: Session) -> None:
        audit.record(session, act.actor, Event.REPORT_DRAFT_READ, None, None, at=act.at, year=year)

    act.commit_value(note)
    with act.runtime.database.snapshot() as session:
        if audience is Audience.INTERNAL:
            document = house_document(compose(session, act.actor, asked).content, None, lang)
        else:
            threshold = act.settings.disclosure_threshold
            prepared = prepare(session, act.actor, asked, threshold)
            document = public_document(prepared.composed.content, prepared.release, None, lang)
    return _answer(_write(act, document, format))


@router.get(
    "/annual-reports/{year}/publications/{version}/document",
    response_class=Response,
    responses=problems(401, 403, 404, 422, 503) | DOCUMENTS,
)
def publication_document(
    year: Year,
    version: Version,
    act: Reading,
    format: FormatQuery = Format.HTML,  # noqa: A002
    audience: AudienceQuery = Audience.INTERNAL,
    lang: Lang = Language.NL,
) -> Response:
    """A version as it was published: the same bytes each time."""

    def work(session: Session) -> Document:
        found = queries.get_publication(session, act.actor, year, version)
        audit.record(session, act.actor, Event.PUBLICATION_READ, "publication", found.id, at=act.at)
        return published_document(found, lang, is_public=audience is Audience.PUBLIC)

    return _answer(_write(act, act.commit_value(work), format))


@router.get(
    "/evaluations/{first}-{last}/document",
    response_class=Response,
    responses=problems(401, 403, 422, 503) | DOCUMENTS,
)
def evaluation_document(
    first: Year,
    last: Year,
    act: Reading,
    format: FormatQuery = Format.HTML,  # noqa: A002
    audience: AudienceQuery = Audience.INTERNAL,
    lang: Lang = Language.NL,
) -> Response:
    """Some years together: series, trends, norms by year, signals, prevention, resources. For
    everybody: the years whose report is published, as it was."""
    if not first <= last < first + MOST_YEARS:
        raise invalid("/path/last", f"{first} to {first + MOST_YEARS - 1}", "not_in_range")
    municipality = act.settings.municipality
    months.refresh_past(act.runtime.database, municipality, local_date(act.at))
    span = Span(first, last, municipality, act.at)
    with act.runtime.database.snapshot() as session:
        content = evaluation(session, act.actor, span)
        before = queries.released(session, act.actor)
    if audience is Audience.PUBLIC:
        document = public_evaluation(content, before, act.settings.disclosure_threshold, lang)
    else:
        document = house_evaluation(content, lang)
    return _answer(_write(act, document, format))


@router.get(
    "/public/annual-reports",
    response_model=PublishedReports,
    responses=problems(401, 403, 422, 503),
    tags=["public"],
)
def list_published(act: Anybody) -> Response:
    """Every year whose report everybody can have, the latest first, with its versions."""
    return act.read(lambda session: published_reports(queries.published(session, act.actor)))


@router.get(
    "/public/annual-reports/{year}/document",
    response_class=Response,
    responses=problems(401, 403, 404, 422, 429, 503) | DOCUMENTS,
    tags=["public"],
)
def published_report_document(
    year: Year,
    act: Anybody,
    format: FormatQuery = Format.HTML,  # noqa: A002
    lang: Lang = Language.NL,
    version: Annotated[
        int | None, Query(ge=1, le=10_000, description="the latest when it is left out")
    ] = None,
) -> Response:
    """The report of a year for everybody, without a login."""
    with act.runtime.database.snapshot() as session:
        found = queries.get_published(session, act.actor, year, version)
    return _answer(kept_or_written(found, format, lang, look_of(act.settings.look)))


def _write(act: Act, document: Document, wanted: Format) -> Written:
    return written(document, wanted, look_of(act.settings.look))


def _answer(found: Written) -> Response:
    """A page is shown, everything else is a file."""
    headers = {}
    if found.policy is not None:
        headers["Content-Security-Policy"] = found.policy
    else:
        headers["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    return Response(found.content, media_type=found.media_type, headers=headers)
