"""The partner register."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.partners import queries, service
from app.partners.schemas import PartnerChange, PartnerRegistration, PartnerSummary, PartnerView

router = APIRouter(prefix="/partners", tags=["partners"])


@router.post(
    "",
    status_code=201,
    response_model=PartnerView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def register_partner(
    body: PartnerRegistration,
    act: Annotated[Act, acting(Permission.PARTNER_MANAGE, creates=True)],
) -> Response:
    """Register an organisation."""
    return act.commit(
        lambda session: PartnerView.of(
            service.register_partner(session, act.actor, at=act.at, **body.model_dump())
        )
    )


@router.get("", response_model=PageView[PartnerSummary], responses=problems(401, 403, 422, 503))
def list_partners(
    page: PageQuery, act: Annotated[Act, acting(Permission.PARTNER_READ)]
) -> Response:
    """The register, by name."""

    def work(session: Session) -> PageView[PartnerSummary]:
        return page_view(queries.list_partners(session, act.actor, page), PartnerSummary.of)

    return act.read(work)


@router.get(
    "/{partner_id}", response_model=PartnerView, responses=problems(401, 403, 404, 422, 503)
)
def read_partner(
    partner_id: UUID, act: Annotated[Act, acting(Permission.PARTNER_READ)]
) -> Response:
    """One partner with its contact. That it was read stands in the trail."""

    def work(session: Session) -> PartnerView:
        partner = queries.get_partner(session, act.actor, partner_id)
        audit.record(session, act.actor, Event.PARTNER_READ, "partner", partner.id, at=act.at)
        return PartnerView.of(partner)

    return act.commit(work)


@router.patch(
    "/{partner_id}",
    response_model=PartnerView,
    responses=problems(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_partner(
    partner_id: UUID,
    body: PartnerChange,
    act: Annotated[Act, acting(Permission.PARTNER_MANAGE, changes=True)],
) -> Response:
    """Change or end a partner."""
    return act.commit(
        lambda session: PartnerView.of(
            service.change_partner(
                session,
                act.actor,
                partner_id,
                changes=body.model_dump(exclude_unset=True),
                expected_version=act.expected_version,
                at=act.at,
            )
        )
    )
