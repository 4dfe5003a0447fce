from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.api.fields import Body, Day, Email, ShortLine, View
from app.identity.domain import (
    LONGEST_OVERLAP_HOURS,
    ClientState,
    HolderKind,
    InvitationLanguage,
    PersonState,
)
from app.identity.schemas import Password, PasswordChangeBody, Username

FormText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Base64Url = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,1400}$")]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class TokenForm(BaseModel):
    """OAuth2 form. otp: a code of a colleague's second factor, or a recovery code. A client may
    also send its id and secret by HTTP Basic; what RFC 6749 does not know is left unread, as it
    says.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    grant_type: Literal["password", "client_credentials"]
    username: Annotated[FormText, StringConstraints(max_length=60)] | None = None
    password: FormText | None = None
    otp: Annotated[FormText, StringConstraints(max_length=40)] | None = None
    client_id: FormText | None = None
    client_secret: FormText | None = None
    client_assertion_type: FormText | None = None
    client_assertion: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = None


class PersonTokenForm(BaseModel):
    """code: of the second factor, or a recovery code."""

    model_config = ConfigDict(hide_input_in_errors=True)

    username: Annotated[FormText, StringConstraints(max_length=60)]
    password: FormText
    code: Annotated[FormText, StringConstraints(max_length=40)]


class HolderView(View):
    """title: of the client, or the person's name. partner_id: the organisation."""

    id: UUID
    partner_id: UUID
    kind: HolderKind
    title: str


class OwnPartnerSessionView(View):
    """An open session of this client or person."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    is_present: bool


class AcceptanceBody(Body):
    token: Token
    username: Username | None = None
    password: Password


class AcceptanceView(View):
    username: str
    totp_secret: str
    otpauth_uri: str
    confirmation_token: str
    confirm_until: datetime


class PersonPasswordBody(PasswordChangeBody):
    """code: of the second factor, or a recovery code."""

    code: Annotated[FormText, StringConstraints(max_length=40)]


class ConfirmationBody(Body):
    token: Token
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class ConfirmationView(View):
    username: str
    recovery_codes: list[str]


class ClientCreation(Body):
    title: ShortLine
    expires_on: Day | None = None


class RotationBody(Body):
    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_HOURS)]


class PublicJwk(Body):
    """A public key (RFC 7517). Unknown members are refused, and so is a private key."""

    kty: Literal["EC", "OKP", "RSA"]
    crv: Literal["P-256", "Ed25519"] | None = None
    x: Base64Url | None = None
    y: Base64Url | None = None
    n: Base64Url | None = None
    e: Annotated[Base64Url, StringConstraints(max_length=8)] | None = None
    kid: ShortLine | None = None
    use: Literal["sig"] | None = None
    alg: Literal["ES256", "Ed25519", "PS256"] | None = None

    def parameters(self) -> dict[str, str]:
        return self.model_dump(exclude_none=True, include={"kty", "crv", "x", "y", "n", "e"})


class KeyBody(Body):
    jwk: PublicJwk


class ClientView(View):
    """A client, never with its secret."""

    id: UUID
    title: str
    client_id: str
    state: ClientState
    created_at: datetime
    expires_on: date
    last_used_at: datetime | None
    previous_secret_until: datetime | None
    has_key: bool
    ended_at: datetime | None


class NewSecretView(ClientView):
    """client_secret: shown this once."""

    client_secret: str


class InvitationBody(Body):
    name: ShortLine
    email: Email
    language: InvitationLanguage = InvitationLanguage.NL


class ReinvitationBody(Body):
    language: InvitationLanguage = InvitationLanguage.NL


class PersonView(View):
    id: UUID
    name: str
    email: str
    username: str | None
    state: PersonState
    invited_at: datetime
    confirmed_at: datetime | None
    last_used_at: datetime | None
    ended_at: datetime | None


class InvitationView(PersonView):
    """invitation_token: shown this once; the link leads to the page that accepts it."""

    invitation_token: str
    invitation_url: str
    invitation_until: datetime
