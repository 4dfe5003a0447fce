"""Agreements with partners."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.core.access import Permission
from app.core.clock import local_date
from app.partners import agreements, queries
from app.partners.models import CooperationAgreement, Partner
from app.partners.network_schemas import AgreementBody, AgreementChange, CooperationView

router = APIRouter(tags=["partners"])

Reading = Annotated[Act, acting(Permission.PARTNER_READ)]


@router.post(
    "/partners/{partner_id}/agreements",
    status_code=201,
    response_model=CooperationView,
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def add_partner_agreement(
    partner_id: UUID,
    body: AgreementBody,
    act: Annotated[Act, acting(Permission.PARTNER_MANAGE, creates=True)],
) -> Response:
    """Record what was agreed with a partner."""

    def work(session: Session) -> CooperationView:
        agreement = agreements.agree(session, act.actor, partner_id, at=act.at, **body.model_dump())
        return _view(session, act, agreement)

    return act.commit(work)


@router.get(
    "/partners/{partner_id}/agreements",
    response_model=PageView[CooperationView],
    responses=problems(401, 403, 404, 422, 503),
)
def list_partner_agreements(partner_id: UUID, page: PageQuery, act: Reading) -> Response:
    """The agreements with a partner, the latest start first."""

    def work(session: Session) -> PageView[CooperationView]:
        found = queries.list_agreements(session, act.actor, partner_id, page)
        partner = queries.get_partner(session, act.actor, partner_id)
        return page_view(found, lambda row: _view_of(row, partner, act))

    return act.read(work)


@router.get(
    "/partner-agreements/{agreement_id}",
    response_model=CooperationView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_partner_agreement(agreement_id: UUID, act: Reading) -> Response:
    """One agreement."""
    return act.read(
        lambda session: _view(session, act, queries.get_agreement(session, act.actor, agreement_id))
    )


@router.patch(
    "/partner-agreements/{agreement_id}",
    response_model=CooperationView,
    responses=problems(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_partner_agreement(
    agreement_id: UUID,
    body: AgreementChange,
    act: Annotated[Act, acting(Permission.PARTNER_MANAGE, changes=True)],
) -> Response:
    """Prolong, end or correct an agreement."""

    def work(session: Session) -> CooperationView:
        agreement = agreements.change(
            session,
            act.actor,
            agreement_id,
            changes=body.model_dump(exclude_unset=True),
            expected_version=act.expected_version,
            at=act.at,
        )
        return _view(session, act, agreement)

    return act.commit(work)


def _view(session: Session, act: Act, row: CooperationAgreement) -> CooperationView:
    return _view_of(row, queries.get_partner(session, act.actor, row.partner_id), act)


def _view_of(row: CooperationAgreement, partner: Partner, act: Act) -> CooperationView:
    today = local_date(act.at)
    return CooperationView.of(row, partner_ends_on=partner.active_to, today=today)
