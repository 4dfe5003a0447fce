"""Clients and people of partners as answers; how they stand is told for a moment."""

from datetime import datetime

from app.core.clock import local_date
from app.identity.domain import client_state, person_state
from app.identity.partner_clients import NewSecret
from app.identity.partner_models import PartnerClient, PartnerPerson
from app.identity.partner_people import Invitation
from app.identity.partner_schemas import ClientView, InvitationView, NewSecretView, PersonView


def client_view(row: PartnerClient, at: datetime) -> ClientView:
    is_overlapping = row.previous_secret_until is not None and at < row.previous_secret_until
    return ClientView(
        id=row.id,
        title=row.title,
        client_id=row.client_id,
        state=client_state(today=local_date(at), expires_on=row.expires_on, ended_at=row.ended_at),
        created_at=row.created_at,
        expires_on=row.expires_on,
        last_used_at=row.last_used_at,
        previous_secret_until=row.previous_secret_until if is_overlapping else None,
        has_key=row.public_key is not None,
        ended_at=row.ended_at,
    )


def new_secret_view(new: NewSecret, at: datetime) -> NewSecretView:
    client = client_view(new.client, at)
    return NewSecretView(client_secret=new.secret, **client.model_dump())


def person_view(row: PartnerPerson, at: datetime) -> PersonView:
    return PersonView(
        id=row.id,
        name=row.name,
        email=row.email,
        username=row.username,
        state=person_state(
            now=at,
            joining_until=row.joining_until,
            has_password=row.password_hash is not None,
            confirmed_at=row.confirmed_at,
            ended_at=row.ended_at,
        ),
        invited_at=row.invited_at,
        confirmed_at=row.confirmed_at,
        last_used_at=row.last_used_at,
        ended_at=row.ended_at,
    )


def invitation_view(invitation: Invitation, at: datetime) -> InvitationView:
    return InvitationView(
        invitation_token=invitation.token,
        invitation_url=invitation.url,
        invitation_until=invitation.until,
        **person_view(invitation.person, at).model_dump(),
    )
