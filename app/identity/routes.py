"""Logging in and out, and the accounts."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, Runtime, acting, bearer_token
from app.api.pages import PageQuery, PageView
from app.api.problems import problems
from app.core import clock
from app.core.access import Permission
from app.core.errors import NotFoundError
from app.identity import queries, service
from app.identity.models import StaffAccount
from app.identity.schemas import (
    AccountChange,
    AccountCreation,
    AccountView,
    MeView,
    TokenView,
)

router = APIRouter(tags=["identity"])


@router.post("/auth/token", response_model=TokenView, responses=problems(401, 413, 422, 429, 503))
def log_in(
    request: Request,
    grant_type: Annotated[Literal["password"], Form()],  # noqa: ARG001  (checked by its type)
    username: Annotated[str, Form(min_length=1, max_length=60)],
    password: Annotated[str, Form(min_length=1, max_length=200)],
) -> TokenView:
    """Log a colleague in (OAuth2 form)."""
    runtime: Runtime = request.app.state.runtime
    issued = service.log_in(
        runtime.database,
        username=username,
        password=password,
        address=request.client.host if request.client else "",
        throttle_key=request.app.state.throttle_key,
        lifetime=timedelta(hours=runtime.settings.session_hours),
        at=clock.now(),
    )
    return TokenView(access_token=issued.access_token, expires_in=issued.expires_in_seconds)


log_in.is_login = True  # type: ignore[attr-defined]  # the one route that is its own guard


@router.post("/auth/revoke", status_code=204, responses=problems(401, 503))
def log_out(request: Request, act: Annotated[Act, acting(Permission.SESSION_USE)]) -> Response:
    """End this session at once."""

    def work(session: Session) -> None:
        service.log_out(session, act.actor, bearer_token(request), at=act.at)

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


@router.post(
    "/users",
    status_code=201,
    response_model=AccountView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def create_account(
    body: AccountCreation,
    act: Annotated[Act, acting(Permission.ACCOUNT_MANAGE, creates=True)],
) -> Response:
    """A new colleague."""
    return act.commit(
        lambda session: AccountView.model_validate(
            service.create_account(session, act.actor, at=act.at, **body.model_dump())
        )
    )


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
    act: Annotated[Act, acting(Permission.ACCOUNT_MANAGE, changes=True)],
) -> Response:
    """Change a colleague's name, password, roles, or end the account."""
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
