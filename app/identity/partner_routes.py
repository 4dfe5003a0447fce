"""How a partner gets in: a person's invitation and login, and the end of a session.

Clients log in at `/auth/token`, beside the colleagues.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, Runtime, acting, bearer_token
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.core import clock
from app.core.access import Permission, Surface
from app.identity import own_password, partner_joining, partner_queries, partner_sessions
from app.identity.credentials import token_hash
from app.identity.own_password import OwnSession, PasswordChange
from app.identity.partner_models import PartnerSession
from app.identity.partner_schemas import (
    AcceptanceBody,
    AcceptanceView,
    ConfirmationBody,
    ConfirmationView,
    HolderView,
    OwnPartnerSessionView,
    PersonPasswordBody,
    PersonTokenForm,
)
from app.identity.schemas import TokenView

router = APIRouter(prefix="/partner", tags=["partner access"])

InSession = Annotated[Act, acting(Permission.PARTNER_SESSION_USE, surface=Surface.PARTNER)]


@router.post("/auth/token", response_model=TokenView, responses=problems(401, 413, 422, 429, 503))
def log_in_partner_person(request: Request, form: Annotated[PersonTokenForm, Form()]) -> TokenView:
    """Log a partner's person in, with the second factor."""
    runtime: Runtime = request.app.state.runtime
    issued = partner_joining.log_in(
        runtime.database,
        username=form.username,
        password=form.password,
        code=form.code,
        address=request.client.host if request.client else "",
        throttle_key=request.app.state.throttle_key,
        lifetime=timedelta(minutes=runtime.settings.partner_session_minutes),
        at=clock.now(),
    )
    return TokenView(access_token=issued.access_token, expires_in=issued.expires_in_seconds)


@router.post(
    "/invitations/acceptance",
    response_model=AcceptanceView,
    responses=problems(401, 409, 413, 422, 503),
)
def accept_invitation(request: Request, body: AcceptanceBody) -> AcceptanceView:
    """Choose a name and a password; the answer says how to set up the second factor."""
    runtime: Runtime = request.app.state.runtime
    return AcceptanceView.model_validate(
        partner_joining.accept(
            runtime.database,
            issuer=f"Bureau {runtime.settings.municipality}",
            at=clock.now(),
            **body.model_dump(),
        )
    )


@router.post(
    "/invitations/confirmation",
    response_model=ConfirmationView,
    responses=problems(401, 413, 422, 503),
)
def confirm_invitation(request: Request, body: ConfirmationBody) -> ConfirmationView:
    """Show the first code of the second factor; the recovery codes are shown once."""
    runtime: Runtime = request.app.state.runtime
    return ConfirmationView.model_validate(
        partner_joining.confirm(runtime.database, at=clock.now(), **body.model_dump())
    )


@router.post("/auth/revoke", status_code=204, responses=problems(401, 503))
def log_out_partner(request: Request, act: InSession) -> Response:
    """End this session at once."""

    def work(session: Session) -> None:
        partner_sessions.log_out(session, act.actor, bearer_token(request), at=act.at)

    return act.commit(work)


@router.get("/me", response_model=HolderView, responses=problems(401, 503))
def read_partner_me(act: InSession) -> Response:
    """Whose session this is, and for which organisation."""
    return act.read(
        lambda session: HolderView.model_validate(partner_sessions.read_holder(session, act.actor))
    )


@router.post("/me/password", status_code=204, responses=problems(401, 404, 413, 422, 429, 503))
def change_partner_password(request: Request, body: PersonPasswordBody, act: InSession) -> Response:
    """Another password of a person; every other session of theirs ends. A client has none: 404."""
    own_password.change_for_person(
        act.runtime.database,
        act.actor,
        OwnSession(bearer_token(request), request.app.state.throttle_key),
        PasswordChange(body.present_password, body.new_password, (act.settings.municipality,)),
        code=body.code,
        at=act.at,
    )
    return Response(status_code=204)


@router.get(
    "/me/sessions",
    response_model=PageView[OwnPartnerSessionView],
    responses=problems(401, 422, 503),
)
def list_partner_sessions(request: Request, page: PageQuery, act: InSession) -> Response:
    """The open sessions of this client or person, this one too."""
    present = token_hash(bearer_token(request))

    def view(row: PartnerSession) -> OwnPartnerSessionView:
        return OwnPartnerSessionView(
            id=row.id,
            created_at=row.created_at,
            expires_at=row.expires_at,
            is_present=row.token_hash == present,
        )

    return act.read(
        lambda session: page_view(
            partner_queries.list_own_sessions(session, act.actor, page, at=act.at), view
        )
    )


@router.delete("/me/sessions", status_code=204, responses=problems(401, 503))
def end_other_partner_sessions(request: Request, act: InSession) -> Response:
    """End every session of this client or person but this one."""
    token = bearer_token(request)

    def work(session: Session) -> None:
        partner_sessions.end_others(session, act.actor, token, at=act.at)

    return act.commit(work)
