"""Who gets in for a partner: its clients and its people, as the bureau manages them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.core.access import Permission
from app.identity import partner_clients, partner_people
from app.identity import partner_queries as access_queries
from app.identity.invitation_routes import invitation_terms
from app.identity.partner_schemas import (
    ClientCreation,
    ClientView,
    InvitationBody,
    InvitationView,
    KeyBody,
    NewSecretView,
    PersonView,
    ReinvitationBody,
    RotationBody,
)
from app.identity.partner_views import (
    client_view,
    invitation_view,
    new_secret_view,
    person_view,
)
from app.partners import queries

router = APIRouter(tags=["partner access"])

Managing = Annotated[Act, acting(Permission.PARTNER_ACCESS_MANAGE)]
Creating = Annotated[Act, acting(Permission.PARTNER_ACCESS_MANAGE, creates=True)]
NewSecret = Annotated[Act, acting(Permission.PARTNER_ACCESS_MANAGE, creates=True, step_up=True)]
SettingKey = Annotated[Act, acting(Permission.PARTNER_ACCESS_MANAGE, step_up=True)]


@router.post(
    "/partners/{partner_id}/clients",
    status_code=201,
    response_model=NewSecretView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def create_partner_client(partner_id: UUID, body: ClientCreation, act: NewSecret) -> Response:
    """Credentials for a program of a partner. The secret is shown once."""

    def work(session: Session) -> NewSecretView:
        partner = queries.get_partner(session, act.actor, partner_id)
        new = partner_clients.create_client(
            session, act.actor, partner.id, at=act.at, **body.model_dump()
        )
        return new_secret_view(new, act.at)

    return act.commit(work)


@router.get(
    "/partners/{partner_id}/clients",
    response_model=PageView[ClientView],
    responses=problems(401, 403, 404, 422, 503),
)
def list_partner_clients(partner_id: UUID, page: PageQuery, act: Managing) -> Response:
    """The clients of a partner, in the order they were made."""

    def work(session: Session) -> PageView[ClientView]:
        partner = queries.get_partner(session, act.actor, partner_id)
        found = access_queries.list_clients(session, act.actor, partner.id, page)
        return page_view(found, lambda row: client_view(row, act.at))

    return act.read(work)


@router.post(
    "/partner-clients/{partner_client_id}/rotation",
    response_model=NewSecretView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def rotate_partner_client(partner_client_id: UUID, body: RotationBody, act: NewSecret) -> Response:
    """A new secret; the present one works on for the hours given, 0 closes it at once."""

    def work(session: Session) -> NewSecretView:
        new = partner_clients.rotate_secret(
            session, act.actor, partner_client_id, at=act.at, **body.model_dump()
        )
        return new_secret_view(new, act.at)

    return act.commit(work)


@router.put(
    "/partner-clients/{partner_client_id}/key",
    response_model=ClientView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def set_partner_client_key(partner_client_id: UUID, body: KeyBody, act: SettingKey) -> Response:
    """The public key of a client that signs its logins."""

    def work(session: Session) -> ClientView:
        client = partner_clients.set_key(
            session, act.actor, partner_client_id, body.jwk.parameters(), at=act.at
        )
        return client_view(client, act.at)

    return act.commit(work)


@router.post(
    "/partner-clients/{partner_client_id}/end",
    response_model=ClientView,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def end_partner_client(partner_client_id: UUID, act: Managing) -> Response:
    """End a client and what it opened, at once."""

    def work(session: Session) -> ClientView:
        client = partner_clients.end_client(session, act.actor, partner_client_id, at=act.at)
        return client_view(client, act.at)

    return act.commit(work)


@router.post(
    "/partners/{partner_id}/people",
    status_code=201,
    response_model=InvitationView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def invite_partner_person(partner_id: UUID, body: InvitationBody, act: Creating) -> Response:
    """Invite somebody of a partner, by mail too. The link is shown once."""

    def work(session: Session) -> InvitationView:
        partner = queries.get_partner(session, act.actor, partner_id)
        invitation = partner_people.invite(
            session,
            act.actor,
            partner.id,
            terms=invitation_terms(act.settings),
            at=act.at,
            **body.model_dump(),
        )
        return invitation_view(invitation, act.at)

    return act.commit(work)


@router.get(
    "/partners/{partner_id}/people",
    response_model=PageView[PersonView],
    responses=problems(401, 403, 404, 422, 503),
)
def list_partner_people(partner_id: UUID, page: PageQuery, act: Managing) -> Response:
    """The people of a partner, in the order they were invited. The reading stands in the trail."""

    def work(session: Session) -> PageView[PersonView]:
        partner = queries.get_partner(session, act.actor, partner_id)
        found = partner_people.read_people(session, act.actor, partner.id, page, at=act.at)
        return page_view(found, lambda row: person_view(row, act.at))

    return act.commit(work)


@router.post(
    "/partner-people/{partner_person_id}/invitation",
    response_model=InvitationView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def invite_partner_person_again(
    partner_person_id: UUID, body: ReinvitationBody, act: Creating
) -> Response:
    """A new link; what the person had to log in with, and every open session, ends at once."""

    def work(session: Session) -> InvitationView:
        invitation = partner_people.invite_again(
            session,
            act.actor,
            partner_person_id,
            terms=invitation_terms(act.settings),
            at=act.at,
            **body.model_dump(),
        )
        return invitation_view(invitation, act.at)

    return act.commit(work)


@router.post(
    "/partner-people/{partner_person_id}/end",
    response_model=PersonView,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def end_partner_person(partner_person_id: UUID, act: Managing) -> Response:
    """End somebody's access and open sessions, at once."""

    def work(session: Session) -> PersonView:
        person = partner_people.end_person(session, act.actor, partner_person_id, at=act.at)
        return person_view(person, act.at)

    return act.commit(work)
