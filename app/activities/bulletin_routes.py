"""Bulletins: the coordinator writes and sends them, partners read them."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.activities import bulletin_queries as queries
from app.activities import bulletins, figure_sources
from app.activities.bulletin_models import Bulletin
from app.activities.bulletin_schemas import (
    BulletinChange,
    BulletinSummary,
    BulletinView,
    BulletinWriting,
    ReceivedBulletinSummary,
    ReceivedBulletinView,
)
from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.core.access import Permission, Surface

router = APIRouter()

Reading = Annotated[Act, acting(Permission.BULLETIN_READ)]
Changing = Annotated[Act, acting(Permission.BULLETIN_SEND, changes=True)]
Receiving = Annotated[Act, acting(Permission.BULLETIN_RECEIVE, surface=Surface.PARTNER)]

CHANGE_PROBLEMS = problems(401, 403, 404, 409, 412, 413, 422, 428, 503)


@router.post(
    "/bulletins",
    tags=["activities"],
    status_code=201,
    response_model=BulletinView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def write_bulletin(
    body: BulletinWriting, act: Annotated[Act, acting(Permission.BULLETIN_SEND, creates=True)]
) -> Response:
    """Write a bulletin; it is a draft until it is sent.

    Its figures are totals of years that ended sixty days ago or more, as they were first told.
    """
    _keep(act, [figure.year for figure in body.figures])

    def work(session: Session) -> BulletinView:
        bulletin = bulletins.write_bulletin(session, act.actor, at=act.at, **body.arguments())
        return _view(session, bulletin)

    return act.commit(work)


@router.get(
    "/bulletins",
    tags=["activities"],
    response_model=PageView[BulletinSummary],
    responses=problems(401, 403, 422, 503),
)
def list_bulletins(page: PageQuery, act: Reading) -> Response:
    """Bulletins, the newest first; drafts only for those who may send them."""
    return act.read(
        lambda session: page_view(
            queries.list_bulletins(session, act.actor, page), BulletinSummary.model_validate
        )
    )


@router.get(
    "/bulletins/{bulletin_id}",
    tags=["activities"],
    response_model=BulletinView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_bulletin(bulletin_id: UUID, act: Reading) -> Response:
    """One bulletin, and how many partners received and read it."""

    def work(session: Session) -> BulletinView:
        return _view(session, bulletins.read_bulletin(session, act.actor, bulletin_id, at=act.at))

    return act.commit(work)


@router.patch(
    "/bulletins/{bulletin_id}",
    tags=["activities"],
    response_model=BulletinView,
    responses=CHANGE_PROBLEMS,
)
def change_bulletin(bulletin_id: UUID, body: BulletinChange, act: Changing) -> Response:
    """Change a draft."""
    _keep(act, [figure.year for figure in body.figures or ()])

    def work(session: Session) -> BulletinView:
        bulletin = bulletins.change_bulletin(
            session,
            act.actor,
            bulletin_id,
            changes=body.arguments(),
            expected_version=act.expected_version,
            at=act.at,
        )
        return _view(session, bulletin)

    return act.commit(work)


@router.post(
    "/bulletins/{bulletin_id}/sending",
    tags=["activities"],
    response_model=BulletinView,
    responses=CHANGE_PROBLEMS,
)
def send_bulletin(bulletin_id: UUID, act: Changing) -> Response:
    """Send it to the partners of its audience. From now on it never changes."""
    with act.runtime.database.snapshot() as session:
        years = bulletins.years_of(session, act.actor, bulletin_id)
    _keep(act, years)

    def work(session: Session) -> BulletinView:
        bulletin = bulletins.send_bulletin(
            session,
            act.actor,
            bulletin_id,
            expected_version=act.expected_version,
            at=act.at,
        )
        return _view(session, bulletin)

    return act.commit(work)


@router.get(
    "/partner/bulletins",
    tags=["partner"],
    response_model=PageView[ReceivedBulletinSummary],
    responses=problems(401, 403, 422, 503),
)
def list_received_bulletins(page: PageQuery, act: Receiving) -> Response:
    """The bulletins addressed to us, the newest first."""
    return act.read(
        lambda session: page_view(
            queries.list_received(session, act.actor, page), ReceivedBulletinSummary.of
        )
    )


@router.get(
    "/partner/bulletins/{bulletin_id}",
    tags=["partner"],
    response_model=ReceivedBulletinView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_received_bulletin(bulletin_id: UUID, act: Receiving) -> Response:
    """One bulletin addressed to us. That it was read is noted."""
    return act.commit(
        lambda session: ReceivedBulletinView.of(
            bulletins.receive_bulletin(session, act.actor, bulletin_id, at=act.at)
        )
    )


def _keep(act: Act, years: Iterable[int]) -> None:
    figure_sources.keep(
        act.runtime.database, years, municipality=act.settings.municipality, at=act.at
    )


def _view(session: Session, bulletin: Bulletin) -> BulletinView:
    session.flush()  # the answer carries the new version
    addressed, read = queries.count_recipients(session, bulletin.id)
    return BulletinView.of(bulletin, addressed=addressed, read=read)
