"""The partner register."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.fields import CodeQuery, Day, TextQuery
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.core.clock import local_date
from app.partners import queries, service
from app.partners.queries import PartnerFilter
from app.partners.schemas import (
    PartnerChange,
    PartnerRegistration,
    PartnerSummary,
    PartnerView,
    RevisionView,
)

router = APIRouter(prefix="/partners", tags=["partners"])

Reading = Annotated[Act, acting(Permission.PARTNER_READ)]
LanguageQuery = Annotated[str | None, Query(pattern=r"^[a-z]{2,3}$", description="ISO 639")]


def _filter(
    kind: CodeQuery = None,
    tier: CodeQuery = None,
    ground: CodeQuery = None,
    domain: CodeQuery = None,
    municipality: TextQuery = None,
    language: LanguageQuery = None,
    active_on: Annotated[Day | None, Query()] = None,
    active_in: Annotated[
        int | None, Query(ge=1900, le=2199, description="a year, on any of its days")
    ] = None,
    q: TextQuery = None,
) -> PartnerFilter:
    return PartnerFilter(**locals())


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
            service.register_partner(session, act.actor, at=act.at, **body.model_dump()),
            today=local_date(act.at),
        )
    )


@router.get("", response_model=PageView[PartnerSummary], responses=problems(401, 403, 422, 503))
def list_partners(
    wanted: Annotated[PartnerFilter, Depends(_filter)], page: PageQuery, act: Reading
) -> Response:
    """The register, by name; no personal data."""
    today = local_date(act.at)

    def work(session: Session) -> PageView[PartnerSummary]:
        found = queries.list_partners(session, act.actor, wanted, page, today=today)
        return page_view(found, lambda row: PartnerSummary.of(row, today=today))

    return act.read(work)


@router.get(
    "/{partner_id}", response_model=PartnerView, responses=problems(401, 403, 404, 422, 503)
)
def read_partner(partner_id: UUID, act: Reading) -> Response:
    """One partner with its contacts. That it was read stands in the trail."""

    def work(session: Session) -> PartnerView:
        partner = queries.get_partner(session, act.actor, partner_id)
        audit.record(session, act.actor, Event.PARTNER_READ, "partner", partner.id, at=act.at)
        return PartnerView.of(partner, today=local_date(act.at))

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
            ),
            today=local_date(act.at),
        )
    )


@router.get(
    "/{partner_id}/history",
    response_model=PageView[RevisionView],
    responses=problems(401, 403, 404, 422, 503),
)
def list_partner_history(partner_id: UUID, page: PageQuery, act: Reading) -> Response:
    """Who changed what of a partner, the latest first; no personal data."""

    def work(session: Session) -> PageView[RevisionView]:
        found = queries.list_revisions(session, act.actor, partner_id, page)
        return page_view(found, RevisionView.of)

    return act.read(work)
