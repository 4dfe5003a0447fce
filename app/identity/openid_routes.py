"""Logging in at the provider of identities, showing it again, linking an account."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.api.acts import Act, Runtime, acting, bearer_token
from app.api.problems import problems
from app.core import clock
from app.core.access import Permission
from app.core.errors import NotFoundError
from app.identity import openid_login, openid_steps
from app.identity.domain import OpenIdAim
from app.identity.factor_schemas import StepUpView
from app.identity.openid_provider import OpenIdProvider
from app.identity.openid_schemas import BegunView, ProviderAnswerBody
from app.identity.openid_steps import InSession, ProviderAnswer, Terms
from app.identity.schemas import TokenView
from app.settings import Settings

router = APIRouter(tags=["identity"])

Sitting = Annotated[Act, acting(Permission.SESSION_USE)]
Proved = Annotated[Act, acting(Permission.SESSION_USE, step_up=True)]


@router.post(
    "/auth/openid/authorization",
    response_model=BegunView,
    responses=problems(404, 429, 503),
)
def begin_openid_login(request: Request) -> BegunView:
    """The first of two steps: where to send the browser, to log in at the provider."""
    runtime: Runtime = request.app.state.runtime
    return BegunView.model_validate(
        openid_steps.begin(
            runtime.database,
            _provider(request),
            OpenIdAim.LOGIN,
            terms_of(runtime.settings),
            within=None,
            at=clock.now(),
        )
    )


@router.post(
    "/auth/openid",
    response_model=TokenView,
    responses=problems(401, 403, 404, 413, 422, 429, 503),
)
def log_in_with_openid(request: Request, body: ProviderAnswerBody) -> TokenView:
    """The second step: what the provider sent the browser back with."""
    runtime: Runtime = request.app.state.runtime
    issued = openid_login.log_in(
        runtime.database,
        _provider(request),
        ProviderAnswer(**body.model_dump()),
        terms_of(runtime.settings),
        lifetime=timedelta(hours=runtime.settings.session_hours),
        at=clock.now(),
    )
    return TokenView(access_token=issued.access_token, expires_in=issued.expires_in_seconds)


@router.post(
    "/auth/step-up/openid/authorization",
    response_model=BegunView,
    responses=problems(401, 404, 503),
)
def begin_openid_step_up(request: Request, act: Sitting) -> BegunView:
    """Where to send the browser, to show the provider again who holds this session."""
    return _begin(request, act, OpenIdAim.STEP_UP)


@router.post(
    "/auth/step-up/openid",
    response_model=StepUpView,
    responses=problems(401, 403, 404, 413, 422, 429, 503),
)
def step_up_with_openid(request: Request, body: ProviderAnswerBody, act: Sitting) -> StepUpView:
    """Show again who holds this session, for what needs a recent proof."""
    openid_login.step_up(
        act.runtime.database,
        _provider(request),
        ProviderAnswer(**body.model_dump()),
        terms_of(act.settings),
        within=InSession(act.actor, bearer_token(request)),
        at=act.at,
    )
    return StepUpView(good_until=act.at + timedelta(minutes=act.settings.step_up_minutes))


@router.post(
    "/me/openid/authorization",
    response_model=BegunView,
    responses=problems(401, 403, 404, 503),
)
def begin_openid_link(request: Request, act: Proved) -> BegunView:
    """Where to send the browser, to use this account with the provider from now on."""
    return _begin(request, act, OpenIdAim.LINK)


@router.post(
    "/me/openid",
    status_code=204,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def link_openid(request: Request, body: ProviderAnswerBody, act: Proved) -> Response:
    """From now on who logged in at the provider is me; roles come from there at each login."""
    openid_login.link(
        act.runtime.database,
        _provider(request),
        ProviderAnswer(**body.model_dump()),
        terms_of(act.settings),
        within=InSession(act.actor, bearer_token(request)),
        at=act.at,
    )
    return Response(status_code=204)


def terms_of(settings: Settings) -> Terms:
    return Terms(
        groups_claim=settings.openid_roles_claim,
        grants=settings.openid_roles,
        acr_values=frozenset(settings.openid_acr_values),
        amr_values=frozenset(settings.openid_amr_values),
        max_age=timedelta(hours=settings.session_hours),
        must_have_second_factor=settings.require_second_factor,
    )


def _begin(request: Request, act: Act, aim: OpenIdAim) -> BegunView:
    return BegunView.model_validate(
        openid_steps.begin(
            act.runtime.database,
            _provider(request),
            aim,
            terms_of(act.settings),
            within=InSession(act.actor, bearer_token(request)),
            at=act.at,
        )
    )


def _provider(request: Request) -> OpenIdProvider:
    found: OpenIdProvider | None = request.app.state.openid
    if found is None:
        raise NotFoundError("This bureau uses no OpenID Connect.", code="openid_off")
    return found
