"""Passkeys (WebAuthn): a challenge is given, a device signs it, the signature is checked."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import webauthn
from sqlalchemy import delete
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from app.core.errors import ConflictError, invalid
from app.identity import factor_queries as queries
from app.identity.credentials import new_token, token_hash
from app.identity.domain import MOST_PASSKEYS, STEP_LASTS, StepKind
from app.identity.factor_models import LoginStep, StaffPasskey
from app.identity.models import StaffAccount


@dataclass(frozen=True)
class PasskeyTerms:
    """relying_party_id: the host that passkeys belong to; origin: of the pages that use them."""

    relying_party_id: str
    origin: str
    bureau: str


@dataclass(frozen=True)
class Challenge:
    """token: leads to the second step. options: for `navigator.credentials`."""

    token: str
    options: dict[str, Any]
    expires_at: datetime


@dataclass(frozen=True)
class PasskeyAnswer:
    """What the device made, as `PublicKeyCredential.toJSON()` gives it."""

    token: str
    credential: dict[str, Any]


def enrolment(
    session: Session, account: StaffAccount, terms: PasskeyTerms, *, at: datetime
) -> Challenge:
    known = queries.list_passkeys(session, account.id)
    if len(known) >= MOST_PASSKEYS:
        raise ConflictError("Remove a passkey first.", code="too_many_passkeys")
    options = webauthn.generate_registration_options(
        rp_id=terms.relying_party_id,
        rp_name=terms.bureau,
        user_name=account.username,
        user_id=account.id.bytes,
        exclude_credentials=_descriptors(known),
    )
    return _begin(session, account.id, StepKind.PASSKEY_ENROLMENT, options, at=at)


def enrol(
    session: Session,
    account: StaffAccount,
    answer: PasskeyAnswer,
    terms: PasskeyTerms,
    *,
    title: str,
    at: datetime,
) -> StaffPasskey:
    """Raises InvalidInputError for a wrong or late answer, ConflictError for a known device."""
    step = _take_step(session, answer.token, StepKind.PASSKEY_ENROLMENT, at)
    if step is None or step.account_id != account.id:
        raise invalid("/token", "opens nothing, or no longer", "wrong_step")
    try:
        verified = webauthn.verify_registration_response(
            credential=answer.credential,
            expected_challenge=base64url_to_bytes(step.challenge),
            expected_rp_id=terms.relying_party_id,
            expected_origin=terms.origin,
        )
    except (WebAuthnException, ValueError, TypeError, LookupError):
        raise invalid("/credential", "is not what was asked for", "wrong_credential") from None
    credential_id = bytes_to_base64url(verified.credential_id)
    if queries.find_credential(session, token_hash(credential_id)) is not None:
        raise ConflictError("This device is known.", code="passkey_known")
    passkey = StaffPasskey(
        account_id=account.id,
        title=title,
        credential_hash=token_hash(credential_id),
        credential_id=credential_id,
        public_key=bytes_to_base64url(verified.credential_public_key),
        sign_count=verified.sign_count,
        made_at=at,
    )
    session.add(passkey)
    session.flush()  # gives the id that the trail names
    return passkey


def challenge(
    session: Session, account_id: UUID, kind: StepKind, terms: PasskeyTerms, *, at: datetime
) -> Challenge:
    """For the passkeys of this account; it may have none, which nobody is told."""
    options = webauthn.generate_authentication_options(
        rp_id=terms.relying_party_id,
        allow_credentials=_descriptors(queries.list_passkeys(session, account_id)),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return _begin(session, account_id, kind, options, at=at)


def check(
    session: Session, answer: PasskeyAnswer, kind: StepKind, terms: PasskeyTerms, *, at: datetime
) -> UUID | None:
    """Whose passkey answered the challenge, None when anything is wrong.

    The challenge is used up. A counter that does not go on tells of a copied device.
    """
    step = _take_step(session, answer.token, kind, at)
    credential_id = answer.credential.get("id")
    if step is None or not isinstance(credential_id, str):
        return None
    passkey = queries.find_credential(session, token_hash(credential_id))
    if passkey is None or passkey.account_id != step.account_id:
        return None
    try:
        verified = webauthn.verify_authentication_response(
            credential=answer.credential,
            expected_challenge=base64url_to_bytes(step.challenge),
            expected_rp_id=terms.relying_party_id,
            expected_origin=terms.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
        )
    except (WebAuthnException, ValueError, TypeError, LookupError):
        return None
    passkey.sign_count = verified.new_sign_count
    passkey.last_used_at = at
    return step.account_id


def _begin(
    session: Session, account_id: UUID, kind: StepKind, options: Any, *, at: datetime
) -> Challenge:
    token = new_token()
    expires_at = at + STEP_LASTS
    session.add(
        LoginStep(
            token_hash=token_hash(token),
            account_id=account_id,
            kind=kind,
            challenge=bytes_to_base64url(options.challenge),
            expires_at=expires_at,
        )
    )
    return Challenge(token, json.loads(options_to_json(options)), expires_at)


def _take_step(session: Session, token: str, kind: StepKind, at: datetime) -> LoginStep | None:
    """The first step that this token names; nobody can take it again."""
    taken = session.execute(
        delete(LoginStep)
        .where(
            LoginStep.token_hash == token_hash(token),
            LoginStep.kind == kind,
            LoginStep.expires_at > at,
        )
        .returning(LoginStep.account_id, LoginStep.challenge)
    ).one_or_none()
    return None if taken is None else LoginStep(account_id=taken[0], challenge=taken[1])


def _descriptors(passkeys: Any) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(known.credential_id))
        for known in passkeys
    ]
