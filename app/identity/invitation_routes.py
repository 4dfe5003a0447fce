"""Colleagues: made and invited by an administrator, who never learns their password."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, Runtime, acting
from app.api.problems import problems
from app.core import clock
from app.core.access import Permission
from app.identity import service, staff_invitations
from app.identity.partner_people import InvitationTerms
from app.identity.schemas import (
    AccountCreation,
    AccountInvitationBody,
    AccountView,
    InvitedAccountView,
    JoiningBody,
    JoiningView,
)
from app.identity.staff_invitations import StaffInvited
from app.settings import Settings

router = APIRouter(tags=["identity"])

Inviting = Annotated[Act, acting(Permission.ACCOUNT_MANAGE, creates=True, step_up=True)]


def invitation_terms(settings: Settings) -> InvitationTerms:
    return InvitationTerms(
        bureau=settings.municipality,
        public_url=settings.public_url,
        lifetime=timedelta(days=settings.invitation_days),
    )


@router.post(
    "/users",
    status_code=201,
    response_model=InvitedAccountView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def create_account(body: AccountCreation, act: Inviting) -> Response:
    """A new colleague, with an invitation to choose a password; by mail too where told so."""

    def work(session: Session) -> InvitedAccountView:
        account = service.create_account(
            session,
            act.actor,
            username=body.username,
            display_name=body.display_name,
            roles=body.roles,
            at=act.at,
        )
        return _invite(
            session,
            act,
            account.id,
            AccountInvitationBody(email=body.email, language=body.language),
        )

    return act.commit(work)


@router.post(
    "/users/{account_id}/invitation",
    response_model=InvitedAccountView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def invite_account(account_id: UUID, body: AccountInvitationBody, act: Inviting) -> Response:
    """A new link to choose a password; the present one and every open session end at once."""
    return act.commit(lambda session: _invite(session, act, account_id, body))


@router.post(
    "/auth/invitation",
    response_model=JoiningView,
    responses=problems(401, 413, 422, 429, 503),
)
def accept_staff_invitation(request: Request, body: JoiningBody) -> JoiningView:
    """Choose the password of an account; the invitation is used up. Then log in."""
    runtime: Runtime = request.app.state.runtime
    return JoiningView.model_validate(
        staff_invitations.join(
            runtime.database,
            municipality=runtime.settings.municipality,
            at=clock.now(),
            **body.model_dump(),
        )
    )


def _invite(
    session: Session, act: Act, account_id: UUID, body: AccountInvitationBody
) -> InvitedAccountView:
    invited = staff_invitations.invite(
        session,
        act.actor,
        account_id,
        terms=invitation_terms(act.settings),
        at=act.at,
        **body.model_dump(),
    )
    return _view(invited)


def _view(invited: StaffInvited) -> InvitedAccountView:
    account = AccountView.model_validate(invited.account)
    return InvitedAccountView(
        invitation_token=invited.token,
        invitation_url=invited.url,
        invitation_until=invited.until,
        **account.model_dump(),
    )
