from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from app.api.fields import Body, View
from app.identity.partner_schemas import FormText, Token

Code = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[\x21-\x7e]+$")]
"""As RFC 6749 writes it."""


class ProviderAnswerBody(Body):
    """code, state, iss: as the provider added them to the address. token: from the first step."""

    token: Token
    code: Code
    state: FormText
    iss: FormText | None = None


class BegunView(View):
    """authorization_url: where to send the browser. token: kept, and sent with the answer."""

    token: str
    authorization_url: str
    expires_at: datetime
