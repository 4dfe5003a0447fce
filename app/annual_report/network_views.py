"""The figures of the partner network as tables: every valid code has its row, also with 0."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from app.annual_report.domain import Counts, durations, share
from app.annual_report.network_domain import NetworkFigures, ReferralFigures
from app.annual_report.network_schemas import (
    ActionPointsView,
    ActivityCodeCount,
    AgreementKindCount,
    AreaAgreementCount,
    CooperationView,
    MeetingNormView,
    NetworkFiguresView,
    PartnerCodeCount,
    PartnersView,
    ReferralCodeCount,
    ReferralPartnerCount,
    ReferralsOutView,
    ReferralsView,
    ServiceAreaCounts,
)
from app.annual_report.tables import NO_TIER, Tables
from app.partners.domain import CooperationKind
from app.referrals.domain import ReferralDirection, ReferralOutcome, ReferralStatus
from app.vocabulary.domain import CodeList

STATUSES_OUT = tuple(s for s in ReferralStatus if s is not ReferralStatus.SUBMITTED)
STATUSES_IN = (ReferralStatus.SUBMITTED, ReferralStatus.CONSENT_WITHDRAWN)


def network_view(found: NetworkFigures, tables: Tables) -> NetworkFiguresView:
    out = found.referrals[ReferralDirection.OUT]
    return NetworkFiguresView(
        on=found.span.until,
        partners=_partners(found, tables),
        agreements=_agreements(found),
        meetings=[
            MeetingNormView(
                kind=meetings.kind,
                label=tables.label(CodeList.ACTIVITY_KINDS, meetings.kind),
                held=meetings.held,
                norm=meetings.norm,
                state=meetings.state(is_over=found.span.is_over),
            )
            for meetings in found.activities.meetings
        ],
        activities=[
            ActivityCodeCount(code=code, label=label, activities=number)
            for code, label, number in tables.rows(
                CodeList.ACTIVITY_KINDS, found.activities.by_kind
            )
        ],
        action_points=ActionPointsView.model_validate(found.activities.action_points),
        referrals_out=ReferralsOutView(
            **_referrals(out, found.partner_names, tables, STATUSES_OUT),
            by_outcome=_states(ReferralOutcome, out.by_outcome),
            accepted=out.accepted,
            accepted_share=share(out.accepted, out.answered),
        ),
        referrals_in=ReferralsView(
            **_referrals(
                found.referrals[ReferralDirection.IN], found.partner_names, tables, STATUSES_IN
            )
        ),
        service_area=_service_area(found),
    )


def _partners(found: NetworkFigures, tables: Tables) -> PartnersView:
    partners = found.partners
    tiers = {code: number for code, number in partners.by_tier.items() if code}
    without = PartnerCodeCount(
        code=None, label=NO_TIER[tables.language], partners=partners.by_tier[""]
    )
    return PartnersView(
        in_force=partners.in_force,
        new=partners.new,
        ended=partners.ended,
        by_kind=_partner_rows(tables, CodeList.PARTNER_KINDS, partners.by_kind),
        by_tier=[*_partner_rows(tables, CodeList.PARTNER_TIERS, tiers), without],
    )


def _partner_rows(
    tables: Tables, name: CodeList, counts: Mapping[str, int]
) -> list[PartnerCodeCount]:
    return [
        PartnerCodeCount(code=code, label=label, partners=number)
        for code, label, number in tables.rows(name, counts)
    ]


def _agreements(found: NetworkFigures) -> CooperationView:
    agreements = found.agreements
    return CooperationView(
        in_force=agreements.in_force.total(),
        begun=agreements.begun.total(),
        ended=agreements.ended.total(),
        by_kind=[
            AgreementKindCount(
                kind=kind,
                in_force=agreements.in_force[kind],
                begun=agreements.begun[kind],
                ended=agreements.ended[kind],
            )
            for kind in CooperationKind
        ],
    )


def _referrals(
    figures: ReferralFigures,
    names: Mapping[UUID, str],
    tables: Tables,
    statuses: Iterable[ReferralStatus],
) -> dict[str, Any]:
    """The fields that both directions have; the partner with the most comes first."""
    partners = sorted(figures.by_partner.items(), key=lambda row: (-row[1], names[row[0]]))
    return {
        "total": figures.total,
        "by_partner": [
            ReferralPartnerCount(partner_id=partner, partner=names[partner], referrals=number)
            for partner, number in partners
        ],
        "by_ground": [
            ReferralCodeCount(code=code, label=label, referrals=number)
            for code, label, number in tables.rows(CodeList.GROUNDS, figures.by_ground)
        ],
        "by_status": _states(statuses, figures.by_status),
        "answered": figures.answered,
        "median_days_to_answer": durations(figures.answer_days).median_days,
    }


def _states(
    states: Iterable[ReferralStatus | ReferralOutcome], counts: Counts
) -> list[ReferralCodeCount]:
    return [
        ReferralCodeCount(code=state, label=state.replace("_", " "), referrals=counts[state])
        for state in states
    ]


def _service_area(found: NetworkFigures) -> ServiceAreaCounts:
    area = found.area
    return ServiceAreaCounts(
        counted=area.counted,
        inside=area.inside,
        in_own_municipality=area.own,
        by_agreement=[
            AreaAgreementCount(
                agreement_id=agreement,
                partner_id=partner,
                partner=found.partner_names[partner],
                reports=area.by_agreement[agreement],
            )
            for agreement, partner in found.agreement_partners.items()
        ],
        outside=area.outside,
        unknown=area.unknown,
    )
