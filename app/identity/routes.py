"""Logging in and out, and the accounts."""

import base64
from datetime import timedelta
from typing import Annotated
from urllib.parse import unquote_plus
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, Runtime, acting, bearer_token
from app.api.pages import PageQuery, PageView
from app.api.problems import problems
from app.core import clock
from app.core.access import Permission
from app.core.errors import NotFoundError, PermissionDeniedError, invalid
from app.identity import partner_clients, queries, service, staff_login, staff_sessions
from app.identity.assertions import ASSERTION_TYPE
from app.identity.models import StaffAccount
from app.identity.partner_clients import AssertionProof, SecretProof
from app.identity.partner_schemas import TokenForm
from app.identity.schemas import (
    AccountChange,
    AccountView,
    MeView,
    TokenView,
)
from app.identity.staff_login import Door
from app.settings import Settings

router = APIRouter(tags=["identity"])


@router.post(
    "/auth/token", response_model=TokenView, responses=problems(401, 403, 413, 422, 429, 503)
)
def log_in(request: Request, form: Annotated[TokenForm, Form()]) -> TokenView:
    """Log a colleague in, or the client of a partner (OAuth2 form)."""
    runtime: Runtime = request.app.state.runtime
    address = request.client.host if request.client else ""
    throttle_key = request.app.state.throttle_key
    if form.grant_type == "client_credentials":
        issued = partner_clients.log_in(
            runtime.database,
            _client_proof(form, request.headers.get("authorization", ""), runtime.settings),
            address=address,
            throttle_key=throttle_key,
            lifetime=timedelta(minutes=runtime.settings.partner_session_minutes),
            at=clock.now(),
        )
    else:
        require_local_login(runtime.settings)
        issued = staff_login.log_in(
            runtime.database,
            username=_given(form.username, "/username"),
            password=_given(form.password, "/password"),
            code=form.otp,
            door=door_of(request),
            at=clock.now(),
        )
    return TokenView(access_token=issued.access_token, expires_in=issued.expires_in_seconds)


@router.post("/auth/revoke", status_code=204, responses=problems(401, 503))
def log_out(request: Request, act: Annotated[Act, acting(Permission.SESSION_USE)]) -> Response:
    """End this session at once."""

    def work(session: Session) -> None:
        staff_sessions.log_out(session, act.actor, bearer_token(request), at=act.at)

    return act.commit(work)


@router.get("/me", response_model=MeView, responses=problems(401, 503))
def read_me(act: Annotated[Act, acting(Permission.SESSION_USE)]) -> Response:
    """Who I am and what I may do."""

    def work(session: Session) -> MeView:
        account = session.get(StaffAccount, act.actor.id)
        if account is None:
            raise NotFoundError
        return MeView(
            id=account.id,
            username=account.username,
            display_name=account.display_name,
            roles=account.roles,
            permissions=sorted(act.actor.permissions),
        )

    return act.read(work)


@router.get("/users", response_model=PageView[AccountView], responses=problems(401, 403, 422, 503))
def list_accounts(
    page: PageQuery, act: Annotated[Act, acting(Permission.COLLEAGUE_READ)]
) -> Response:
    """The colleagues."""
    return act.read(
        lambda session: PageView[AccountView].model_validate(
            queries.list_accounts(session, act.actor, page), from_attributes=True
        )
    )


@router.get(
    "/users/{account_id}", response_model=AccountView, responses=problems(401, 403, 404, 422, 503)
)
def read_account(
    account_id: UUID, act: Annotated[Act, acting(Permission.COLLEAGUE_READ)]
) -> Response:
    """One colleague."""
    return act.read(
        lambda session: AccountView.model_validate(
            queries.get_account(session, act.actor, account_id)
        )
    )


@router.patch(
    "/users/{account_id}",
    response_model=AccountView,
    responses=problems(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_account(
    account_id: UUID,
    body: AccountChange,
    act: Annotated[Act, acting(Permission.ACCOUNT_MANAGE, changes=True, step_up=True)],
) -> Response:
    """Change a colleague's name or roles, or end the account."""
    return act.commit(
        lambda session: AccountView.model_validate(
            service.change_account(
                session,
                act.actor,
                account_id,
                expected_version=act.expected_version,
                at=act.at,
                **body.model_dump(exclude_unset=True),
            )
        )
    )


def require_local_login(settings: Settings) -> None:
    """Raises PermissionDeniedError."""
    if not settings.local_login:
        raise PermissionDeniedError(
            "Colleagues log in at the provider of identities.", code="local_login_off"
        )


def door_of(request: Request) -> Door:
    runtime: Runtime = request.app.state.runtime
    return Door(
        address=request.client.host if request.client else "",
        throttle_key=request.app.state.throttle_key,
        lifetime=timedelta(hours=runtime.settings.session_hours),
    )


def _client_proof(
    form: TokenForm, authorization: str, settings: Settings
) -> SecretProof | AssertionProof:
    """The one way in which the client shows who it is."""
    has_header = authorization.lower().startswith("basic ")
    ways = (has_header, form.client_secret is not None, form.client_assertion is not None)
    if sum(ways) > 1:
        raise invalid("/client_secret", "show one proof, not several", "several_proofs")
    if has_header:
        return _basic_proof(authorization)
    if form.client_assertion is not None:
        if form.client_assertion_type != ASSERTION_TYPE:
            raise invalid("/client_assertion_type", f"must be {ASSERTION_TYPE}", "unknown_type")
        return AssertionProof(form.client_assertion, audience=settings.token_url)
    return SecretProof(
        _given(form.client_id, "/client_id"), _given(form.client_secret, "/client_secret")
    )


def _basic_proof(authorization: str) -> SecretProof:
    """Id and secret from HTTP Basic, each form-encoded (RFC 6749, 2.3.1)."""
    try:
        plain = base64.b64decode(authorization[6:].strip(), validate=True).decode()
    except ValueError:
        raise partner_clients.refused_client() from None
    client_id, _, secret = plain.partition(":")
    return SecretProof(unquote_plus(client_id), unquote_plus(secret))


def _given(value: str | None, pointer: str) -> str:
    if value is None:
        raise invalid(pointer, "Field required", "missing")
    return value
