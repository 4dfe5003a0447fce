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
        return CooperationView.of(agreement, today=local_date(act.at))

    return act.commit(work)


@router.get(
    "/partners/{partner_id}/agreements",
    response_model=PageView[CooperationView],
    responses=problems(401, 403, 404, 422, 503),
)
def list_partner_agreements(partner_id: UUID, page: PageQuery, act: Reading) -> Response:
    """The agreements with a partner, the latest start first."""
    today = local_date(act.at)

    def work(session: Session) -> PageView[CooperationView]:
        found = queries.list_agreements(session, act.actor, partner_id, page)
        return page_view(found, lambda row: CooperationView.of(row, today=today))

    return act.read(work)


@router.get(
    "/partner-agreements/{agreement_id}",
    response_model=CooperationView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_partner_agreement(agreement_id: UUID, act: Reading) -> Response:
    """One agreement."""
    return act.read(
        lambda session: CooperationView.of(
            queries.get_agreement(session, act.actor, agreement_id), today=local_date(act.at)
        )
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
        return CooperationView.of(agreement, today=local_date(act.at))

    return act.commit(work)
