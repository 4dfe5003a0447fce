"""Secret addresses of calendars, and the calendars behind them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.activities import calendars
from app.activities.calendars import IssuedAddress
from app.api.acts import Act, acting
from app.api.fields import View
from app.api.problems import problems
from app.core.access import Permission, Surface
from app.vocabulary.domain import Language

router = APIRouter()


class CalendarResponse(Response):
    media_type = "text/calendar"


class CalendarAddressView(View):
    """calendar_path: to be put behind the name of the server; shown once."""

    calendar_path: str
    issued_at: datetime

    @classmethod
    def of(cls, issued: IssuedAddress) -> "CalendarAddressView":
        return cls(
            calendar_path=f"/api/v1/public/calendars/{issued.token}.ics",
            issued_at=issued.issued_at,
        )


@router.post(
    "/me/calendar",
    tags=["activities"],
    status_code=201,
    response_model=CalendarAddressView,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def issue_own_calendar(
    act: Annotated[Act, acting(Permission.CALENDAR_USE, creates=True)],
) -> Response:
    """A secret address of my calendar; the one before stops working."""
    return act.commit(
        lambda session: CalendarAddressView.of(calendars.issue_own(session, act.actor, at=act.at))
    )


@router.post(
    "/partners/{partner_id}/calendar",
    tags=["activities"],
    status_code=201,
    response_model=CalendarAddressView,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def issue_partner_calendar(
    partner_id: UUID, act: Annotated[Act, acting(Permission.PARTNER_MANAGE, creates=True)]
) -> Response:
    """A secret address of a partner's calendar; the one before stops working."""
    return act.commit(
        lambda session: CalendarAddressView.of(
            calendars.issue_for_partner(session, act.actor, partner_id, at=act.at)
        )
    )


@router.get(
    "/public/calendars/{token}.ics",
    tags=["public"],
    response_class=CalendarResponse,
    responses=problems(401, 404, 422, 503) | {304: {"description": "You have it"}},
)
def read_calendar(
    token: str,
    act: Annotated[Act, acting(Permission.PUBLIC_REPORT, surface=Surface.PUBLIC)],
    lang: Annotated[Language, Query()] = Language.NL,
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """The calendar behind a secret address: activities, and of a colleague what is due."""

    def work(session: Session) -> str:
        return calendars.read_feed(session, token, language=lang, at=act.at)

    return act.read_text(work, media_type="text/calendar", known_tags=if_none_match)
