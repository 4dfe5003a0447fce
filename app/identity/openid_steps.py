"""The way to the provider of identities and back.

Who begins gets a token; state, nonce and PKCE verifier are made of it, so only its holder can come
back with what the provider answers, once. The provider is asked outside of transactions.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission, Role
from app.core.database import Database
from app.identity import id_tokens
from app.identity.credentials import new_token, token_hash
from app.identity.domain import OPENID_LASTS, OpenIdAim, Proof
from app.identity.id_tokens import Expected, Identity, IdTokenError
from app.identity.openid_models import OpenIdStep
from app.identity.openid_provider import AuthorizationRequest, OpenIdProvider, RefusedCodeError

log = structlog.get_logger()


@dataclass(frozen=True)
class Terms:
    """What the house makes of what the provider says.

    grants: roles by value of the roles claim. max_age: of a login at the provider, no longer than
    a session here.
    """

    groups_claim: str
    grants: Mapping[str, Sequence[Role]]
    acr_values: frozenset[str]
    amr_values: frozenset[str]
    max_age: timedelta
    must_have_second_factor: bool

    def proof_of(self, identity: Identity) -> Proof:
        has_two = identity.acr in self.acr_values or bool(identity.amr & self.amr_values)
        return Proof.OPENID_SECOND_FACTOR if has_two else Proof.OPENID


@dataclass(frozen=True)
class Begun:
    """token: kept by who was sent, and shown with the answer."""

    token: str
    authorization_url: str
    expires_at: datetime


@dataclass(frozen=True)
class ProviderAnswer:
    """What the browser came back with. iss: as RFC 9207 adds it."""

    token: str
    code: str
    state: str
    iss: str | None


@dataclass(frozen=True)
class InSession:
    """Who comes back in which session; token: of the session."""

    actor: Actor
    token: str


def begin(
    database: Database,
    provider: OpenIdProvider,
    aim: OpenIdAim,
    terms: Terms,
    *,
    within: InSession | None,
    at: datetime,
) -> Begun:
    """Where to send the browser. Raises UnavailableError, PermissionDeniedError."""
    if within is not None:
        within.actor.require(Permission.SESSION_USE)
    token = new_token()
    is_anew = aim is not OpenIdAim.LOGIN
    url = provider.authorization_url(
        AuthorizationRequest(
            state=_made_of(token, "state"),
            nonce=_made_of(token, "nonce"),
            verifier=_made_of(token, "verifier"),
            max_age=0 if is_anew else int(terms.max_age.total_seconds()),
            is_anew=is_anew,
        )
    )
    with database.transaction() as session:
        step = OpenIdStep(
            token_hash=token_hash(token),
            aim=aim,
            account_id=within.actor.id if within else None,
            session_hash=token_hash(within.token) if within else None,
            begun_at=at,
            expires_at=at + OPENID_LASTS,
        )
        session.add(step)
    return Begun(token, url, at + OPENID_LASTS)


def come_back(
    database: Database,
    provider: OpenIdProvider,
    aim: OpenIdAim,
    answer: ProviderAnswer,
    terms: Terms,
    *,
    within: InSession | None,
    at: datetime,
) -> Identity | None:
    """Who the provider says this is; None when anything is wrong. The step is used up either way.

    Why it is wrong stands in the log: who tries is told no more than that it failed. Raises
    UnavailableError.
    """
    with database.transaction() as session:
        step = _take_step(session, aim, answer.token, within, at)
    try:
        return _identity(provider, aim, step, answer, terms, at)
    except IdTokenError as error:
        log.warning("openid_refused", reason=str(error))
        return None


def _identity(
    provider: OpenIdProvider,
    aim: OpenIdAim,
    step: OpenIdStep | None,
    answer: ProviderAnswer,
    terms: Terms,
    at: datetime,
) -> Identity:
    """Raises IdTokenError, UnavailableError."""
    is_bound = hmac.compare_digest(answer.state.encode(), _made_of(answer.token, "state").encode())
    if step is None or not is_bound:
        raise IdTokenError("state")
    if not provider.is_from_here(answer.iss):
        raise IdTokenError("issuer_of_answer")
    try:
        tokens = provider.exchange(answer.code, _made_of(answer.token, "verifier"))
    except RefusedCodeError:
        raise IdTokenError("code") from None
    is_login = aim is OpenIdAim.LOGIN
    return id_tokens.verify(
        tokens,
        Expected(
            nonce=_made_of(answer.token, "nonce"),
            shown_since=step.begun_at - terms.max_age if is_login else step.begun_at,
            must_tell_when=not is_login,
        ),
        provider.keys,
        issuer=provider.issuer,
        client_id=provider.client_id,
        groups_claim=terms.groups_claim,
        at=at,
    )


def _take_step(
    session: Session, aim: OpenIdAim, token: str, within: InSession | None, at: datetime
) -> OpenIdStep | None:
    """What this token was begun for, in this very session; nobody can take it again."""
    begun_at = session.scalar(
        delete(OpenIdStep)
        .where(
            OpenIdStep.token_hash == token_hash(token),
            OpenIdStep.aim == aim,
            OpenIdStep.account_id.is_not_distinct_from(within.actor.id if within else None),
            OpenIdStep.session_hash.is_not_distinct_from(
                token_hash(within.token) if within else None
            ),
            OpenIdStep.expires_at > at,
        )
        .returning(OpenIdStep.begun_at)
    )
    return None if begun_at is None else OpenIdStep(begun_at=begun_at)


def _made_of(token: str, what: str) -> str:
    """43 characters of base64url: as long as a PKCE verifier must be at least."""
    digest = hashlib.sha256(f"{what}:{token}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
