from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.api.fields import Body, ShortLine, View
from app.identity.partner_schemas import FormText, Token

MOST_NESTING = 4

SecondFactorCode = Annotated[FormText, StringConstraints(max_length=40)]


def _shallow(value: dict[str, Any]) -> dict[str, Any]:
    """What a device makes is a few short texts, at most three levels deep."""
    pending = [(value, 1)]
    while pending:
        part, depth = pending.pop()
        if depth > MOST_NESTING or len(part) > 20:
            raise PydanticCustomError("no_credential", "is no credential")
        for inner in part.values():
            if isinstance(inner, dict):
                pending.append((inner, depth + 1))
    return value


Credential = Annotated[dict[str, Any], AfterValidator(_shallow)]
"""`PublicKeyCredential.toJSON()`."""


class TimeCode(Body):
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class PasskeyLogin(Body):
    username: Annotated[FormText, StringConstraints(max_length=60)]
    password: FormText


class PasskeyAnswerBody(Body):
    token: Token
    credential: Credential


class PasskeyEnrolment(PasskeyAnswerBody):
    title: ShortLine


class StepUpBody(Body):
    """Exactly one: a code (or a recovery code), a passkey's answer, or, without a second factor,
    the password."""

    password: FormText | None = None
    code: SecondFactorCode | None = None
    passkey: PasskeyAnswerBody | None = None

    @model_validator(mode="after")
    def _one(self) -> "StepUpBody":
        if sum(shown is not None for shown in (self.password, self.code, self.passkey)) != 1:
            raise PydanticCustomError("one_proof", "show one of password, code and passkey")
        return self


class ChallengeView(View):
    """options: for `navigator.credentials`. token: sent back with what the device makes of them."""

    token: str
    options: dict[str, Any]
    expires_at: datetime


class StepUpView(View):
    """good_until: of this proof."""

    good_until: datetime


class TotpSetupView(View):
    totp_secret: str
    otpauth_uri: str


class PasskeyView(View):
    id: UUID
    title: str
    made_at: datetime
    last_used_at: datetime | None


class FactorsView(View):
    totp_since: datetime | None
    passkeys: list[PasskeyView]
    recovery_codes_left: int


class EnrolledView(View):
    """recovery_codes: shown this once, with the first second factor."""

    passkey: PasskeyView | None
    recovery_codes: list[str] | None


class RecoveryCodesView(View):
    recovery_codes: Annotated[list[str], Field(min_length=1)]
