"""Colleagues are invited and choose their own password; nobody else ever knows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.database import Database
from app.core.errors import ConflictError, NotAuthenticatedError
from app.identity import factor_queries, passwords, queries
from app.identity.credentials import new_token, token_hash
from app.identity.domain import InvitationLanguage
from app.identity.invitation_mail import invitation_text
from app.identity.models import NO_PASSWORD, StaffAccount, StaffInvitation
from app.identity.partner_people import InvitationTerms
from app.identity.ports import queue_mail
from app.identity.staff_sessions import actor_of, close_sessions


@dataclass(frozen=True)
class StaffInvited:
    """token: shown this once, and in the mail."""

    account: StaffAccount
    token: str
    url: str
    until: datetime


def invite(
    session: Session,
    actor: Actor,
    account_id: UUID,
    *,
    terms: InvitationTerms,
    at: datetime,
    email: str | None = None,
    language: InvitationLanguage = InvitationLanguage.NL,
) -> StaffInvited:
    """A link, once: for somebody new, or who forgot the password.

    A password from before and every open session end at once; a second factor stays. email: where
    the link is sent too; it is not kept.
    """
    actor.require(Permission.ACCOUNT_MANAGE)
    account = queries.get_account(session, actor, account_id)
    if account.id == actor.id:
        raise ConflictError("Change your own password at /me/password.", code="own_account")
    if factor_queries.lock_active_account(session, account.id) is None:
        raise ConflictError("This account was ended.", code="account_ended")
    token, until = new_token(), at + terms.lifetime
    account.password_hash = NO_PASSWORD
    account.touch()
    close_sessions(session, account.id, at=at)
    end_invitation(session, account.id)
    session.add(
        StaffInvitation(account_id=account.id, token_hash=token_hash(token), expires_at=until)
    )
    # Behind the #: a browser sends that part to no server, so it stands in no log.
    url = f"{terms.public_url}/staff/invitation#{token}"
    if email is not None:
        last_day = local_date(until) - timedelta(days=1)
        subject, body = invitation_text(
            language, bureau=terms.bureau, url=url, last_day=last_day, is_colleague=True
        )
        queue_mail(session, email, subject, body, at)
    audit.record(session, actor, Event.ACCOUNT_INVITED, "account", account.id, at=at)
    return StaffInvited(account, token, url, until)


def join(
    database: Database, *, token: str, password: str, municipality: str, at: datetime
) -> StaffAccount:
    """The invited colleague chooses a password; the link is used up.

    Raises NotAuthenticatedError for a link that opens nothing, or no longer; InvalidInputError for
    a password that anybody would try.
    """
    with database.snapshot() as session:  # nobody else may make us hash
        invited = _invited(session, token, at)
        near = (municipality, invited.username, invited.display_name)
    password_hash = passwords.new_hash(password, near=near)
    with database.transaction() as session:
        account = factor_queries.lock_active_account(session, invited.id)
        if account is None or _invited(session, token, at).id != account.id:
            raise _opens_nothing()
        account.password_hash = password_hash
        account.touch()
        end_invitation(session, account.id)
        audit.record(session, actor_of(account), Event.ACCOUNT_JOINED, "account", account.id, at=at)
        return account


def _invited(session: Session, token: str, at: datetime) -> StaffAccount:
    account = queries.find_invited(session, token_hash(token), at)
    if account is None:
        raise _opens_nothing()
    return account


def _opens_nothing() -> NotAuthenticatedError:
    return NotAuthenticatedError(
        "This invitation opens nothing, or no longer.", code="wrong_invitation"
    )


def end_invitation(session: Session, account_id: UUID) -> None:
    """Used, replaced, or of an account that ends."""
    session.execute(delete(StaffInvitation).where(StaffInvitation.account_id == account_id))
