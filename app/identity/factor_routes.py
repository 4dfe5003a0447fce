"""The second factor of colleagues: setting it up, logging in with a passkey, showing it again."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, Runtime, acting, bearer_token
from app.api.problems import problems
from app.core import clock
from app.core.access import Permission
from app.identity import factors, staff_login
from app.identity.factor_schemas import (
    ChallengeView,
    EnrolledView,
    FactorsView,
    PasskeyAnswerBody,
    PasskeyEnrolment,
    PasskeyLogin,
    RecoveryCodesView,
    StepUpBody,
    StepUpView,
    TimeCode,
    TotpSetupView,
)
from app.identity.passkeys import PasskeyAnswer, PasskeyTerms
from app.identity.routes import door_of, require_local_login
from app.identity.schemas import TokenView
from app.identity.staff_login import NewProof
from app.settings import Settings

router = APIRouter(tags=["identity"])

InSession = Annotated[Act, acting(Permission.SESSION_USE)]
Proved = Annotated[Act, acting(Permission.SESSION_USE, step_up=True)]

OWN = "/me/second-factors"


@router.post(
    "/auth/passkey/options",
    response_model=ChallengeView,
    responses=problems(401, 403, 413, 422, 429, 503),
)
def begin_passkey_login(request: Request, body: PasskeyLogin) -> ChallengeView:
    """The first of two steps: with the right password, what to ask the passkey."""
    runtime: Runtime = request.app.state.runtime
    require_local_login(runtime.settings)
    return ChallengeView.model_validate(
        staff_login.begin_with_passkey(
            runtime.database,
            door=door_of(request),
            terms=_terms(runtime.settings),
            at=clock.now(),
            **body.model_dump(),
        )
    )


@router.post("/auth/passkey", response_model=TokenView, responses=problems(401, 413, 422, 429, 503))
def log_in_with_passkey(request: Request, body: PasskeyAnswerBody) -> TokenView:
    """The second step: what the passkey answered."""
    runtime: Runtime = request.app.state.runtime
    issued = staff_login.end_with_passkey(
        runtime.database,
        PasskeyAnswer(**body.model_dump()),
        door=door_of(request),
        terms=_terms(runtime.settings),
        at=clock.now(),
    )
    return TokenView(access_token=issued.access_token, expires_in=issued.expires_in_seconds)


@router.post("/auth/step-up/options", response_model=ChallengeView, responses=problems(401, 503))
def begin_step_up(act: InSession) -> Response:
    """What to ask the passkey, to show again who holds this session."""
    return act.commit(
        lambda session: ChallengeView.model_validate(
            factors.begin_step_up(session, act.actor, _terms(act.settings), at=act.at)
        )
    )


@router.post(
    "/auth/step-up", response_model=StepUpView, responses=problems(401, 403, 413, 422, 429, 503)
)
def step_up(request: Request, body: StepUpBody, act: InSession) -> StepUpView:
    """Show again who holds this session, for what needs a recent proof."""
    if body.password is not None:
        require_local_login(act.settings)
    shown = NewProof(
        body.password,
        body.code,
        PasskeyAnswer(**body.passkey.model_dump()) if body.passkey else None,
    )
    staff_login.step_up(
        act.runtime.database,
        act.actor,
        bearer_token(request),
        shown,
        door=door_of(request),
        terms=_terms(act.settings),
        at=act.at,
    )
    return StepUpView(good_until=act.at + timedelta(minutes=act.settings.step_up_minutes))


@router.get(OWN, response_model=FactorsView, responses=problems(401, 503))
def read_second_factors(act: InSession) -> Response:
    """What I can show as a second factor."""
    return act.read(
        lambda session: FactorsView.model_validate(factors.read_own(session, act.actor))
    )


@router.post(f"{OWN}/totp", response_model=TotpSetupView, responses=problems(401, 403, 409, 503))
def begin_totp(act: Proved) -> Response:
    """A secret for an authenticator app. It counts once a code of it is confirmed."""
    issuer = f"Bureau {act.settings.municipality}"
    return act.commit(
        lambda session: TotpSetupView.model_validate(
            factors.begin_totp(session, act.actor, issuer=issuer, at=act.at)
        )
    )


@router.post(
    f"{OWN}/totp/confirmation",
    response_model=EnrolledView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def confirm_totp(request: Request, body: TimeCode, act: Proved) -> Response:
    """Show the first code; with the first second factor come recovery codes, shown once."""
    token = bearer_token(request)
    return act.commit(
        lambda session: EnrolledView.model_validate(
            factors.confirm_totp(session, act.actor, token, body.code, at=act.at)
        )
    )


@router.delete(f"{OWN}/totp", status_code=204, responses=problems(401, 403, 404, 409, 503))
def remove_totp(act: Proved) -> Response:
    """Take the authenticator app away."""
    must_keep_one = act.settings.require_second_factor

    def work(session: Session) -> None:
        factors.remove_totp(session, act.actor, must_keep_one=must_keep_one, at=act.at)

    return act.commit(work)


@router.post(
    f"{OWN}/passkeys/options",
    response_model=ChallengeView,
    responses=problems(401, 403, 409, 503),
)
def begin_passkey(act: Proved) -> Response:
    """What to ask a device that shall become a passkey."""
    return act.commit(
        lambda session: ChallengeView.model_validate(
            factors.begin_passkey(session, act.actor, _terms(act.settings), at=act.at)
        )
    )


@router.post(
    f"{OWN}/passkeys",
    status_code=201,
    response_model=EnrolledView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def confirm_passkey(request: Request, body: PasskeyEnrolment, act: Proved) -> Response:
    """What the device answered; with the first second factor come recovery codes, shown once."""
    token = bearer_token(request)
    return act.commit(
        lambda session: EnrolledView.model_validate(
            factors.confirm_passkey(
                session,
                act.actor,
                token,
                PasskeyAnswer(body.token, body.credential),
                _terms(act.settings),
                title=body.title,
                at=act.at,
            )
        )
    )


@router.delete(
    f"{OWN}/passkeys/{{passkey_id}}",
    status_code=204,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def remove_passkey(passkey_id: UUID, act: Proved) -> Response:
    """Take a passkey away."""
    must_keep_one = act.settings.require_second_factor

    def work(session: Session) -> None:
        factors.remove_passkey(
            session, act.actor, passkey_id, must_keep_one=must_keep_one, at=act.at
        )

    return act.commit(work)


@router.post(
    f"{OWN}/recovery-codes",
    response_model=RecoveryCodesView,
    responses=problems(401, 403, 409, 503),
)
def renew_recovery_codes(act: Proved) -> Response:
    """Ten new recovery codes, shown once; those before work no more."""
    return act.commit(
        lambda session: RecoveryCodesView(
            recovery_codes=factors.renew_recovery_codes(session, act.actor, at=act.at)
        )
    )


@router.post(
    "/users/{account_id}/second-factor-reset",
    status_code=204,
    responses=problems(401, 403, 404, 422, 503),
)
def reset_second_factors(
    account_id: UUID, act: Annotated[Act, acting(Permission.ACCOUNT_MANAGE, step_up=True)]
) -> Response:
    """A colleague lost the device: take every second factor away, end every session."""

    def work(session: Session) -> None:
        factors.reset(session, act.actor, account_id, at=act.at)

    return act.commit(work)


def _terms(settings: Settings) -> PasskeyTerms:
    return PasskeyTerms(
        relying_party_id=settings.relying_party_id,
        origin=settings.origin,
        bureau=f"Bureau {settings.municipality}",
    )
