"""Partners get their own access: programs with a secret, a person with a second factor."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.database import Database
from app.identity import partner_clients, partner_joining, partner_people
from app.identity.domain import InvitationLanguage
from app.identity.partner_people import Invitation, InvitationTerms
from app.identity.partner_sessions import actor_of

CLIENT_LASTS = timedelta(days=365)
"""After the last day of the demo."""


@dataclass(frozen=True)
class PartnerKey:
    """What a program or a person of a partner logs in with. shown: name of the field -> value."""

    holder: str
    shown: Mapping[str, str]


@dataclass
class PartnerAccess:
    """actors: who acts for a partner, by its id. keys: shown once, at the end."""

    actors: dict[UUID, Actor]
    keys: list[PartnerKey]
    invitations: dict[str, Invitation]


def open_access(
    session: Session,
    coordinator: Actor,
    city: Mapping[str, Any],
    partner_ids: Mapping[str, UUID],
    *,
    until: date,
    at: datetime,
) -> PartnerAccess:
    access = PartnerAccess({}, [], {})
    for wanted in city["partner_clients"]:
        name = wanted["partner"]
        new = partner_clients.create_client(
            session,
            coordinator,
            partner_ids[name],
            title=wanted["title"],
            expires_on=until + CLIENT_LASTS,
            at=at,
        )
        access.actors[partner_ids[name]] = actor_of(new.client)
        access.keys.append(
            PartnerKey(
                f"program of {name}",
                {"client_id": new.client.client_id, "client_secret": new.secret},
            )
        )
    for person in city["partner_people"]:
        partner_id = partner_ids[person["partner"]]
        invitation = partner_people.invite(
            session,
            coordinator,
            partner_id,
            name=person["name"],
            email=person["email"],
            language=InvitationLanguage.NL,
            terms=InvitationTerms(city["municipality"], "http://127.0.0.1:8000", timedelta(days=7)),
            at=at,
        )
        access.actors[partner_id] = actor_of(invitation.person)
        access.invitations[person["username"]] = invitation
    return access


def join(
    database: Database, access: PartnerAccess, city: Mapping[str, Any], *, at: datetime
) -> None:
    """The invited accept, each in transactions of their own, as from a browser."""
    for person in city["partner_people"]:
        password = secrets.token_urlsafe(12)
        accepted = partner_joining.accept(
            database,
            token=access.invitations[person["username"]].token,
            username=person["username"],
            password=password,
            issuer=f"Bureau {city['municipality']}",
            at=at,
        )
        partner_joining.confirm(
            database,
            token=accepted.confirmation_token,
            code=pyotp.TOTP(accepted.totp_secret).at(at),
            at=at,
        )
        access.keys.append(
            PartnerKey(
                f"person of {person['partner']}",
                {
                    "username": person["username"],
                    "password": password,
                    "totp_secret": accepted.totp_secret,
                },
            )
        )
