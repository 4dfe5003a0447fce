"""What may be sent and what is answered about agreements, the service area and matches."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.api.fields import Body, Day, ShortLine, VersionedView, View, omittable
from app.partners.domain import (
    Area,
    AreaSource,
    CooperationKind,
    CooperationStatus,
    ReferralField,
    cooperation_status,
)
from app.partners.matches import Matches, Proposal
from app.partners.models import CooperationAgreement
from app.partners.schemas import Territory
from app.partners.scoring import Filter, Reason

Purposes = Annotated[list[ShortLine], Field(max_length=20)]
SharedFields = Annotated[list[ReferralField], Field(max_length=20)]


class AgreementBody(Body):
    """Days are inclusive. `extends_service_area`: follows the kind when left out."""

    kind: CooperationKind
    purposes: Purposes = []
    shared_fields: SharedFields = []
    territory: Territory = []
    valid_from: Day
    valid_to: Day | None = None
    renewal_on: Day | None = None
    extends_service_area: bool | None = None


class AgreementChange(Body):
    """Only what is given changes; a list as a whole."""

    kind: CooperationKind = omittable()
    purposes: Purposes = omittable()
    shared_fields: SharedFields = omittable()
    territory: Territory = omittable()
    valid_from: Day = omittable()
    valid_to: Day | None = None
    renewal_on: Day | None = None
    extends_service_area: bool = omittable()


class CooperationView(VersionedView):
    """`status`: as of today."""

    id: UUID
    partner_id: UUID
    kind: CooperationKind
    status: CooperationStatus
    purposes: list[str]
    shared_fields: list[ReferralField]
    territory: list[str]
    valid_from: date
    valid_to: date | None
    renewal_on: date | None
    extends_service_area: bool
    created_at: datetime

    @classmethod
    def of(
        cls, row: CooperationAgreement, *, partner_ends_on: date | None, today: date
    ) -> "CooperationView":
        return cls(
            id=row.id,
            version=row.version,
            partner_id=row.partner_id,
            kind=row.kind,
            status=cooperation_status(
                row.valid_from, row.valid_to, partner_ends_on=partner_ends_on, on=today
            ),
            purposes=list(row.purposes),
            shared_fields=[ReferralField(field) for field in row.shared_fields],
            territory=list(row.territory),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            renewal_on=row.renewal_on,
            extends_service_area=row.extends_service_area,
            created_at=row.created_at,
        )


class AreaSourceView(View):
    """Why a municipality belongs to the area, and on which days: those of the agreement until its
    partner ends."""

    source: AreaSource
    agreement_id: UUID | None
    partner_id: UUID | None
    valid_from: date | None
    valid_to: date | None


class AreaView(View):
    """sources: one or more; a report counts for the first."""

    municipality: str
    sources: list[AreaSourceView]


class ServiceAreaView(View):
    """The municipalities that the bureau works for on a day, each once, its own first."""

    on: date
    municipalities: list[AreaView]

    @classmethod
    def of(cls, on: date, areas: list[Area]) -> "ServiceAreaView":
        by_place: dict[str, list[Area]] = {}
        for area in areas:
            by_place.setdefault(area.folded, []).append(area)
        return cls(
            on=on,
            municipalities=[
                AreaView(
                    municipality=found[0].municipality,
                    sources=[AreaSourceView.model_validate(area) for area in found],
                )
                for found in by_place.values()
            ],
        )


class ReasonView(View):
    """Why a partner fits, and the codes or places for which; none for who takes all."""

    reason: Reason
    matched: list[str]


class LoadView(View):
    open_referrals: int
    median_answer_days: float | None


class MatchView(View):
    partner_id: UUID
    name: str
    kind: str
    tier: str | None
    score: Annotated[float, Field(ge=0, le=1)]
    reasons: list[ReasonView]
    unmet_needs: list[str]
    load: LoadView

    @classmethod
    def of(cls, proposal: Proposal) -> "MatchView":
        partner = proposal.fit.candidate
        return cls(
            partner_id=partner.id,
            name=partner.name,
            kind=partner.kind,
            tier=proposal.tier,
            score=proposal.fit.score,
            reasons=[
                ReasonView(reason=reason, matched=matched)
                for reason, matched in proposal.fit.reasons.items()
            ],
            unmet_needs=proposal.fit.unmet_needs,
            load=LoadView.model_validate(proposal.load),
        )


class RemovedView(View):
    filter: Filter
    partners: int


class MatchesView(View):
    """`suitable`: how many could serve, of whom the best are shown; `removed`: why others not."""

    items: list[MatchView]
    suitable: int
    removed: list[RemovedView]

    @classmethod
    def of(cls, matches: Matches) -> "MatchesView":
        return cls(
            items=[MatchView.of(proposal) for proposal in matches.proposed],
            suitable=matches.suitable,
            removed=[
                RemovedView(filter=name, partners=count) for name, count in matches.removed.items()
            ],
        )
