"""What colleagues do with their own account: the password, the open sessions."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting, bearer_token
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.core.access import Permission
from app.identity import own_password, queries, staff_sessions
from app.identity.credentials import token_hash
from app.identity.models import StaffSession
from app.identity.own_password import OwnSession, PasswordChange
from app.identity.schemas import OwnSessionView, PasswordChangeBody

router = APIRouter(prefix="/me", tags=["identity"])

InSession = Annotated[Act, acting(Permission.SESSION_USE)]
Proved = Annotated[Act, acting(Permission.SESSION_USE, step_up=True)]


@router.post("/password", status_code=204, responses=problems(401, 403, 404, 413, 422, 429, 503))
def change_own_password(request: Request, body: PasswordChangeBody, act: Proved) -> Response:
    """Another password; every other session of mine ends."""
    own_password.change_for_colleague(
        act.runtime.database,
        act.actor,
        OwnSession(bearer_token(request), request.app.state.throttle_key),
        PasswordChange(body.present_password, body.new_password, (act.settings.municipality,)),
        at=act.at,
    )
    return Response(status_code=204)


@router.get("/sessions", response_model=PageView[OwnSessionView], responses=problems(401, 422, 503))
def list_own_sessions(request: Request, page: PageQuery, act: InSession) -> Response:
    """My open sessions, this one too."""
    present = token_hash(bearer_token(request))

    def view(row: StaffSession) -> OwnSessionView:
        return OwnSessionView(
            id=row.id,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            expires_at=row.expires_at,
            proved_by=row.proved_by,
            proved_at=row.proved_at,
            is_present=row.token_hash == present,
        )

    return act.read(
        lambda session: page_view(
            queries.list_own_sessions(session, act.actor, page, at=act.at, idle=_idle(act)), view
        )
    )


@router.delete("/sessions", status_code=204, responses=problems(401, 403, 503))
def end_other_sessions(request: Request, act: Proved) -> Response:
    """End every session of mine but this one."""
    token = bearer_token(request)

    def work(session: Session) -> None:
        staff_sessions.end_others(session, act.actor, token, at=act.at)

    return act.commit(work)


@router.delete(
    "/sessions/{session_id}", status_code=204, responses=problems(401, 403, 404, 422, 503)
)
def end_own_session(session_id: UUID, act: Proved) -> Response:
    """End one session of mine."""

    def work(session: Session) -> None:
        staff_sessions.end_own(session, act.actor, session_id, at=act.at, idle=_idle(act))

    return act.commit(work)


def _idle(act: Act) -> timedelta:
    return timedelta(minutes=act.settings.session_idle_minutes)
