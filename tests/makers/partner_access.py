"""Partners with clients and people, as rows and as logged-in clients."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pyotp
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, Key
from sqlalchemy.orm import Session

from app.core.access import SYSTEM
from app.core.database import Database
from app.core.errors import ConflictError, NotAuthenticatedError
from app.identity import partner_clients, partner_joining, partner_people
from app.identity.credentials import IssuedToken
from app.identity.domain import InvitationLanguage
from app.identity.partner_clients import AssertionProof, SecretProof
from app.identity.partner_people import Invitation, InvitationTerms

AUDIENCE = "https://bureau.example/api/v1/auth/token"
HOUR = timedelta(hours=1)
PASSWORD = "correct horse battery"


def log_in(
    database: Database, proof: SecretProof | AssertionProof, at: datetime, *, address: str = "a"
) -> IssuedToken:
    return partner_clients.log_in(
        database, proof, address=address, throttle_key=b"k", lifetime=HOUR, at=at
    )


def make_assertion(
    key: Key, client_id: str, at: datetime, *, alg: str = "ES256", **claims: Any
) -> str:
    """A signed login; a claim given as None is left out."""
    told: dict[str, Any] = {
        "iss": client_id,
        "sub": client_id,
        "aud": AUDIENCE,
        "jti": secrets.token_urlsafe(8),
        "exp": int((at + timedelta(minutes=2)).timestamp()),
    } | claims
    told = {name: value for name, value in told.items() if value is not None}
    return jws.serialize_compact({"alg": alg}, json.dumps(told), key, algorithms=[alg])


def make_key() -> ECKey:
    return ECKey.generate_key("P-256")


def invite(
    session: Session, partner_id: UUID, *, at: datetime, email: str = "samira@partner.example"
) -> Invitation:
    terms = InvitationTerms("Genk", "https://bureau.example", timedelta(days=7))
    return partner_people.invite(
        session,
        SYSTEM,
        partner_id,
        name="Samira Voorbeeld",
        email=email,
        language=InvitationLanguage.NL,
        terms=terms,
        at=at,
    )


@dataclass(frozen=True)
class Joined:
    person_id: UUID
    username: str
    totp_secret: str
    recovery_codes: list[str]

    def code(self, at: datetime) -> str:
        return code_at(self.totp_secret, at)


def code_at(totp_secret: str, at: datetime) -> str:
    return pyotp.TOTP(totp_secret).at(at)


def accept(
    database: Database, token: str, at: datetime, *, username: str | None = "samira"
) -> partner_joining.Acceptance:
    return partner_joining.accept(
        database, token=token, username=username, password=PASSWORD, issuer="Bureau", at=at
    )


def join(database: Database, partner_id: UUID, *, at: datetime, username: str = "samira") -> Joined:
    """Somebody who accepted and confirmed at this moment."""
    with database.transaction() as session:
        invitation = invite(session, partner_id, at=at)
    acceptance = accept(database, invitation.token, at, username=username)
    confirmation = partner_joining.confirm(
        database,
        token=acceptance.confirmation_token,
        code=code_at(acceptance.totp_secret, at),
        at=at,
    )
    return Joined(
        invitation.person.id, username, acceptance.totp_secret, confirmation.recovery_codes
    )


def log_in_person(
    database: Database,
    joined: Joined,
    at: datetime,
    *,
    code: str | None = None,
    password: str = PASSWORD,
    username: str | None = None,
    address: str = "a",
) -> IssuedToken:
    return partner_joining.log_in(
        database,
        username=username or joined.username,
        password=password,
        code=joined.code(at) if code is None else code,
        address=address,
        throttle_key=b"k",
        lifetime=HOUR,
        at=at,
    )


def refusal(act: Callable[[], object]) -> str:
    """What somebody hears who is not let in."""
    with pytest.raises(NotAuthenticatedError) as refused:
        act()
    return f"{refused.value.code}: {refused.value.detail}"


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What each came to when all start together: "done" or the code of the refusal."""
    barrier = Barrier(len(acts))
    outcomes: list[str] = []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
            outcomes.append("done")
        except (NotAuthenticatedError, ConflictError) as refused:
            outcomes.append(refused.code)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)
