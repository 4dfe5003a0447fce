from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.fields import Body, Email, ShortLine, VersionedView, View, omittable
from app.core.access import Permission, Role
from app.identity.domain import LONGEST_PASSWORD, SHORTEST_PASSWORD, InvitationLanguage, Proof

Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,59}$")]
Password = Annotated[
    str, StringConstraints(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)
]
Roles = Annotated[list[Role], Field(min_length=1, max_length=6)]


class AccountCreation(Body):
    """email: where the invitation is sent too; it is not kept."""

    username: Username
    display_name: ShortLine
    roles: Roles
    email: Email | None = None
    language: InvitationLanguage = InvitationLanguage.NL


class AccountChange(Body):
    display_name: ShortLine = omittable()
    roles: Roles = omittable()
    is_active: bool = omittable()


class PasswordChangeBody(Body):
    present_password: Annotated[
        str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD, pattern=r"^[^\x00]*$")
    ]
    new_password: Password


class AccountInvitationBody(Body):
    """email: where the invitation is sent too; it is not kept."""

    email: Email | None = None
    language: InvitationLanguage = InvitationLanguage.NL


class JoiningBody(Body):
    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    password: Password


class JoiningView(View):
    """What to log in with, beside the password."""

    username: str


class AccountView(VersionedView):
    """has_password: false until the colleague chose one by the invitation."""

    id: UUID
    username: str
    display_name: str
    roles: list[Role]
    is_active: bool
    has_password: bool
    created_at: datetime


class InvitedAccountView(AccountView):
    """invitation_token: shown this once; with it the colleague chooses a password."""

    invitation_token: str
    invitation_url: str
    invitation_until: datetime


class OwnSessionView(View):
    """An open session of mine, by nothing that tells from where. proved_by, proved_at: how and when
    it was last shown who holds it."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    proved_by: Proof | None
    proved_at: datetime | None
    is_present: bool


class TokenView(View):
    access_token: str
    token_type: str = "bearer"  # noqa: S105  (the word of RFC 6750, not a secret)
    expires_in: int


class MeView(View):
    id: UUID
    username: str
    display_name: str
    roles: list[Role]
    permissions: list[Permission]
